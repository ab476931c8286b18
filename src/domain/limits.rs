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
    /// Values of one message in JSON, objects and arrays included.
    pub message_values: usize,
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
    /// Values of one JSON file: each is some bytes in the file and many in memory.
    pub json_values: usize,
    /// Objects and arrays inside one another in a JSON file.
    pub json_depth: usize,
    /// Bytes of one attachment of a message, decoded.
    pub attachment_bytes: usize,
    /// Limits on an XML document.
    pub xml: XmlLimits,
    /// Limits on a VCF.
    pub vcf: VcfLimits,
}

/// Limits on a VCF, which is read line by line and never held: a genome VCF of a panel has a line for each of its two
/// million bases. `Limits::line_bytes` holds for it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VcfLimits {
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines after decompression.
    pub lines: u32,
    /// Bytes after decompression for each compressed byte, once [`Self::ratio_from`] bytes are read. Two million generated
    /// lines that differ only in their position reach 45.
    pub ratio: u64,
    /// Bytes after decompression from which on the ratio is looked at.
    pub ratio_from: u64,
    /// Header lines.
    pub header_lines: u32,
    /// Lines of one file that can be findings, each kept until the report is made.
    pub findings: usize,
    /// Bytes of text that are kept of the findings of one file: alleles, and values that no field holds.
    pub kept_bytes: usize,
    /// Lines of one file that are refused one by one; those after them are counted by reason.
    pub refused_lines: usize,
    /// Reasons by which the lines of one file that are no findings are counted, e.g. values of FILTER.
    pub reasons: usize,
    /// Alternative alleles of one line.
    pub alleles: usize,
    /// Bases of one allele.
    pub allele_bases: usize,
    /// Keys of FORMAT.
    pub format_keys: usize,
}

impl Default for VcfLimits {
    fn default() -> Self {
        Self {
            bytes: 2 << 30,
            lines: 20_000_000,
            ratio: 200,
            ratio_from: 16 << 20,
            header_lines: 20_000,
            findings: 100_000,
            kept_bytes: 32 << 20,
            refused_lines: 2_000,
            reasons: 1_000,
            alleles: 64,
            allele_bases: 10_000,
            format_keys: 100,
        }
    }
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
            message_bytes: 64 << 20,
            message_values: 250_000,
            message_segments: 10_000,
            message_parts: 200_000,
            field_repetitions: 1_000,
            field_parts: 10_000,
            issues: 10_000,
            names_per_issue: 20,
            json_values: 2_000_000,
            json_depth: 64,
            attachment_bytes: 32 << 20,
            xml: XmlLimits::default(),
            vcf: VcfLimits::default(),
        }
    }
}
