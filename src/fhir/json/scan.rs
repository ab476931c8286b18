//! The tokens of JSON.

use std::borrow::Cow;

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Fault {
    /// Not JSON, at this byte.
    Invalid {
        /// Byte from the start.
        at: usize,
        /// What is wrong there.
        text: String,
    },
    /// The limit of levels.
    TooDeep,
    /// Another limit, in words.
    TooLarge(String),
}

/// A place in the text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    /// White space of RFC 8259 section 2.
    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    pub(super) fn read_word(&mut self, word: &str) -> Result<(), Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.unexpected("no json value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A string with its quotation marks (RFC 8259 section 7), decoded.
    pub(super) fn read_string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at + 1;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = plain(rest);
        if rest.get(length) == Some(&b'"') {
            self.at = start + length + 1;
            return Ok(Cow::Borrowed(self.text.get(start..start + length).unwrap_or_default()));
        }
        self.read_escaped(start + length).map(Cow::Owned)
    }

    /// A string that has something at `at` that does not stand for itself.
    #[cold]
    fn read_escaped(&mut self, mut at: usize) -> Result<String, Fault> {
        let start = self.at;
        loop {
            match self.byte(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => return Err(invalid(at, "a control character in a string")),
                None => return Err(invalid(self.text.len(), "a string does not end")),
            }
            at += plain(self.text.as_bytes().get(at..).unwrap_or_default());
        }
        self.at = at + 1;
        let token = self.text.get(start..self.at).ok_or_else(|| invalid(start, "an invalid escape in a string"))?;
        serde_json::from_str(token).map_err(|error| {
            // The token has no line break, so the column is the byte in it.
            invalid(start + error.column().saturating_sub(1), "an invalid escape or lone surrogate in a string")
        })
    }

    /// The text of a number (RFC 8259 section 6) and how many digits its exponent has.
    pub(super) fn read_number(&mut self) -> Result<(&'a str, usize), Fault> {
        let start = self.at;
        self.eat(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected("no json number")),
        }
        if self.eat(b'.') {
            self.need_digits()?;
        }
        let mut exponent = 0;
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            let exponent_start = self.at;
            self.need_digits()?;
            let digits = self.text.get(exponent_start..self.at).unwrap_or_default();
            exponent = digits.trim_start_matches('0').len();
        }
        Ok((self.text.get(start..self.at).unwrap_or_default(), exponent))
    }

    /// A fault at this place that names the character there.
    pub(super) fn unexpected(&self, text: &str) -> Fault {
        invalid(self.at, text)
    }

    pub(super) fn line_at(&self, at: usize) -> u32 {
        self.place(at).0
    }

    pub(super) fn place(&self, at: usize) -> (u32, u32) {
        line_and_column(self.text.as_bytes(), at)
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn need_digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.skip_digits();
        if self.at == start { Err(self.unexpected("a digit is missing")) } else { Ok(()) }
    }
}

/// Line and column of a byte, both from 1; the column counts characters.
pub(super) fn line_and_column(bytes: &[u8], at: usize) -> (u32, u32) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or_default();
    // A byte 10xxxxxx continues a character.
    let characters = in_line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    (to_u32(lines), to_u32(characters))
}

/// The lines of bytes in ascending order, in one pass over the text.
pub(super) fn lines(bytes: &[u8], ascending: impl Iterator<Item = usize>) -> Vec<u32> {
    let (mut done, mut newlines) = (0, 0);
    ascending
        .map(|at| {
            let passed = bytes.get(done..at).unwrap_or_default();
            newlines += passed.iter().filter(|byte| **byte == b'\n').count();
            done = at;
            to_u32(newlines)
        })
        .collect()
}

/// How many bytes are before the first quotation mark, backslash or control character, or the end.
fn plain(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let special = specials(u64::from_le_bytes(*word));
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bit of the first of eight bytes that is a quotation mark, a backslash or a control character; bits behind it
/// say nothing. 0 where none is.
fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // A byte less than the number borrows, which shows in its high bit; `!word` leaves out bytes over 0x7f. A borrow reaches
    // the bytes behind only from a byte that is less itself.
    let less = |word: u64, number: u64| word.wrapping_sub(ONES * number) & !word & HIGHS;
    let is = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    less(word, 0x20) | is(b'"') | is(b'\\')
}

fn invalid(at: usize, text: &str) -> Fault {
    Fault::Invalid { at, text: text.to_owned() }
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count + 1).unwrap_or(u32::MAX)
}
