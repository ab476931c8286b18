//! Writes XML.

use std::fmt::Write;

pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn new(root: &str, namespace: &str) -> Self {
        let mut writer = Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), depth: 0 };
        writer.line(format_args!("<{root} xmlns=\"{namespace}\">"));
        writer.depth = 1;
        writer
    }

    pub(super) fn open(&mut self, name: &str) {
        self.line(format_args!("<{name}>"));
        self.depth += 1;
    }

    /// Opens an element with attributes, e.g. a namespace declaration.
    pub(super) fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let written = attributes_of(attributes);
        self.line(format_args!("<{name}{written}>"));
        self.depth += 1;
    }

    pub(super) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(format_args!("</{name}>"));
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        let text = escape(text);
        self.line(format_args!("<{name}>{text}</{name}>"));
    }

    /// An element of data type CS.
    pub(super) fn code(&mut self, name: &str, code: Option<&str>, text: Option<&str>) {
        let attributes: Vec<(&str, &str)> =
            [("V", code), ("DN", text)].into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        self.empty(name, &attributes);
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let written = attributes_of(attributes);
        self.line(format_args!("<{name}{written}/>"));
    }

    pub(super) fn finish(mut self, root: &str) -> String {
        self.close(root);
        self.text
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = 2 * self.depth);
    }
}

fn attributes_of(attributes: &[(&str, &str)]) -> String {
    let mut written = String::new();
    for (name, value) in attributes {
        // Writing to a String cannot fail.
        let _ = write!(written, " {name}=\"{}\"", escape(value));
    }
    written
}

/// A text in an element or an attribute. Characters that XML 1.0 does not have (section 2.2) become the replacement
/// character; line ends stay what they are in attributes, too.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(character),
        }
    }
    escaped
}
