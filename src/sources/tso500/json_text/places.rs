//! Where keys and elements stand.

use std::collections::HashMap;

/// The lines of keys and of the elements of outermost arrays, by their path.
#[derive(Debug)]
pub(super) struct Places {
    lines: HashMap<String, u32>,
    /// Line of the last character.
    last: u32,
}

impl Places {
    /// Notes the places in a text that is JSON, nested no deeper than the reader allowed.
    pub(super) fn of(text: &str) -> Self {
        let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: 1, lines: HashMap::new() };
        scan.value(&mut String::new(), false);
        scan.skip_space();
        Self { lines: scan.lines, last: scan.line }
    }

    /// The line of a path, from 1.
    pub(super) fn line(&self, path: &str) -> u32 {
        self.lines.get(path).copied().unwrap_or(1)
    }

    /// Whether the value has no line break, so that lines tell nothing apart.
    pub(super) fn is_one_line(&self) -> bool {
        self.lines.values().all(|line| *line == 1) && self.last <= 2
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    lines: HashMap<String, u32>,
}

impl Scan<'_> {
    /// Reads a value; inside an element of an array nothing is noted.
    fn value(&mut self, path: &mut String, in_element: bool) {
        self.skip_space();
        match self.bytes.get(self.at) {
            Some(b'{') => self.members(path, in_element, b'}'),
            Some(b'[') => self.members(path, in_element, b']'),
            Some(b'"') => {
                self.string();
            }
            _ => {
                while self.bytes.get(self.at).is_some_and(|byte| !b",]} \t\r\n".contains(byte)) {
                    self.at += 1;
                }
            }
        }
    }

    fn members(&mut self, path: &mut String, in_element: bool, end: u8) {
        self.at += 1;
        let mut index = 0_usize;
        loop {
            self.skip_space();
            let line = self.line;
            match self.bytes.get(self.at) {
                None => return,
                Some(&byte) if byte == end => {
                    self.at += 1;
                    return;
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let name = if end == b'}' {
                let name = String::from_utf8_lossy(self.string()).into_owned();
                self.skip_space();
                self.at += 1;
                name
            } else {
                index.to_string()
            };
            index += 1;
            let length = path.len();
            if !in_element {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(&name);
                self.lines.insert(path.clone(), line);
            }
            self.value(path, in_element || end == b']');
            path.truncate(length);
        }
    }

    /// Reads a string and gives what stands between its quotation marks.
    fn string(&mut self) -> &[u8] {
        let start = self.at + 1;
        self.at = start;
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| **byte != b'"') {
            self.at += if *byte == b'\\' { 2 } else { 1 };
        }
        let inner = self.bytes.get(start..self.at).unwrap_or_default();
        self.at += 1;
        inner
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| b" \t\r\n".contains(byte)) {
            self.line = self.line.saturating_add(u32::from(*byte == b'\n'));
            self.at += 1;
        }
    }
}
