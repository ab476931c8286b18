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
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Segments of an HL7 v2 message.
    pub message_segments: usize,
    /// Fields, repetitions, components and subcomponents of an HL7 v2 message.
    pub message_parts: usize,
    /// Repetitions of one field.
    pub field_repetitions: usize,
    /// Components and subcomponents of all repetitions of one field.
    pub field_parts: usize,
    /// Issues kept; the accounting is not cut.
    pub issues: usize,
    /// Names of unread files given in one issue.
    pub names_per_issue: usize,
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
            message_bytes: 64 << 20,
            message_segments: 10_000,
            message_parts: 200_000,
            field_repetitions: 1_000,
            field_parts: 10_000,
            issues: 10_000,
            names_per_issue: 20,
        }
    }
}
