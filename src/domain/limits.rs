//! Every limit on input, in one place.

/// Limits on what is read. A limit that is met is an issue that names it, never a crash and never silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders under one path.
    pub folder_entries: usize,
    /// Levels of sub-folders.
    pub folder_depth: usize,
    /// Bytes of one text file.
    pub file_bytes: u64,
    /// Bytes of all files of one kind under one path.
    pub kind_bytes: u64,
    /// Bytes of one line.
    pub line_bytes: usize,
    /// Lines of one file.
    pub file_lines: usize,
    /// Cells of one file: an empty cell is one byte in the file and many in memory.
    pub file_cells: usize,
    /// Rows of all files under one path.
    pub rows: usize,
    /// Sections of one file.
    pub file_sections: usize,
    /// Cells of one line.
    pub line_cells: usize,
    /// Issues kept; the accounting is not cut.
    pub issues: usize,
    /// Names of unread files given in one issue.
    pub names_per_issue: usize,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Bytes of one attachment of a message, decoded.
    pub attachment_bytes: usize,
    /// Limits on an XML document.
    pub xml: XmlLimits,
}

/// Limits on an XML document, met before anything of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlLimits {
    /// Bytes; a document may hold its own PDF.
    pub bytes: usize,
    /// Elements inside one another.
    pub depth: usize,
    /// Elements.
    pub elements: usize,
    /// Attributes of one element, namespace declarations included.
    pub element_attributes: usize,
    /// Attributes of all elements.
    pub attributes: usize,
    /// Namespace declarations in force at one place.
    pub namespaces: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            depth: 64,
            elements: 200_000,
            element_attributes: 128,
            attributes: 500_000,
            namespaces: 64,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            folder_entries: 200_000,
            folder_depth: 32,
            file_bytes: 64 << 20,
            kind_bytes: 512 << 20,
            line_bytes: 1 << 20,
            file_lines: 50_000,
            file_cells: 2_000_000,
            rows: 500_000,
            file_sections: 1_000,
            line_cells: 4_096,
            issues: 10_000,
            names_per_issue: 20,
            message_bytes: 64 << 20,
            attachment_bytes: 32 << 20,
            xml: XmlLimits::default(),
        }
    }
}
