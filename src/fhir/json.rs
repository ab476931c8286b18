//! Reads JSON that a stranger sent (RFC 8259), within limits.
//!
//! `serde_json` decodes numbers and escaped strings; the structure is read here, because its `Value` keeps the last of two
//! equal keys without a word, and takes an object with its own private number key for a number.

mod borrowed;
mod path;
mod scan;
#[cfg(test)]
mod tests;

use serde_json::{Map, Number, Value};

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::redact::quote;
pub use borrowed::{read_borrowed, read_members};
use path::Path;
use scan::{Fault, Scanner};

/// How much a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Objects and arrays inside one another; never more than 512, whatever is given.
    pub depth: usize,
    /// Elements of one array.
    pub array: usize,
    /// Values of the whole text.
    pub values: usize,
    /// Characters of one number; its exponent has three digits at most.
    pub number: usize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { bytes: 50_000_000, depth: 64, array: 1_000_000, values: 3_000_000, number: 256 }
    }
}

/// The reader calls itself once per level: this many levels fit in any thread's stack.
const MAX_DEPTH: usize = 512;

/// Most repeated keys that are listed.
const MAX_ISSUES: usize = 100;

/// Reads a text.
///
/// # Errors
/// - `json.invalid`: not UTF-8 or not JSON; the issue has the line, its text the column, counted in characters from 1.
/// - `json.key-repeated`: one issue for each repeated key, 100 at most, with path and line.
/// - `json.too-deep`, `json.too-large`: a limit is reached; reading stops there.
pub fn read(bytes: &[u8], limits: &JsonLimits) -> Result<Value, Vec<Issue>> {
    if bytes.len() > limits.bytes {
        let text = format!("the text has {} bytes; the limit is {}", bytes.len(), limits.bytes);
        return Err(vec![Issue::new(IssueCode::JsonTooLarge, Location::default(), text)]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = scan::line_and_column(bytes, error.valid_up_to());
        let text = format!("not utf-8 at column {column}");
        vec![Issue::new(IssueCode::JsonInvalid, Location::default().line(line), text)]
    })?;
    let mut reader = Reader {
        scanner: Scanner::new(text),
        limits: JsonLimits { depth: limits.depth.min(MAX_DEPTH), ..*limits },
        path: Path::default(),
        values: 0,
        repeated: Vec::new(),
    };
    let value = reader.read_document();
    let mut issues = reader.repeated_keys(bytes);
    match value {
        Ok(value) if issues.is_empty() => Ok(value),
        Ok(_) => Err(issues),
        Err(fault) => {
            issues.push(reader.issue(&fault));
            Err(issues)
        }
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    limits: JsonLimits,
    path: Path,
    values: usize,
    /// Byte of the second key, its path without root, and the key.
    repeated: Vec<(usize, String, String)>,
}

impl Reader<'_> {
    fn read_document(&mut self) -> Result<Value, Fault> {
        self.scanner.skip_space();
        let value = self.read_value(0)?;
        self.scanner.skip_space();
        match self.scanner.peek() {
            None => Ok(value),
            Some(_) => Err(self.scanner.unexpected("text after the end of the json value")),
        }
    }

    fn read_value(&mut self, depth: usize) -> Result<Value, Fault> {
        self.values += 1;
        if self.values > self.limits.values {
            return Err(Fault::TooLarge(format!("the text has more than {} values", self.limits.values)));
        }
        match self.scanner.peek() {
            Some(b'{' | b'[') if depth >= self.limits.depth => Err(Fault::TooDeep),
            Some(b'{') => self.read_object(depth),
            Some(b'[') => self.read_array(depth),
            Some(b'"') => Ok(Value::String(self.scanner.read_string()?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.read_number(),
            Some(b't') => self.scanner.read_word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.scanner.read_word("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.scanner.read_word("null").map(|()| Value::Null),
            Some(_) => Err(self.scanner.unexpected("no json value")),
            None => Err(self.scanner.unexpected("a value is missing")),
        }
    }

    fn read_object(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut map = Map::new();
        self.scanner.advance();
        self.scanner.skip_space();
        if self.scanner.eat(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            if self.scanner.peek() != Some(b'"') {
                return Err(self.scanner.unexpected("a key in quotation marks is missing"));
            }
            let at = self.scanner.at();
            let key = self.scanner.read_string()?.into_owned();
            self.scanner.skip_space();
            if !self.scanner.eat(b':') {
                return Err(self.scanner.unexpected("a colon is missing"));
            }
            self.scanner.skip_space();
            self.path.enter_key(&key);
            let value = self.read_value(depth + 1)?;
            if depth == 0 && key == "resourceType" && !map.contains_key(&key) {
                self.path.set_root(&value);
            }
            self.keep(&mut map, key, value, at);
            self.path.leave();
            self.scanner.skip_space();
            if self.scanner.eat(b'}') {
                return Ok(Value::Object(map));
            }
            if !self.scanner.eat(b',') {
                return Err(self.scanner.unexpected("a comma or closing brace is missing"));
            }
            self.scanner.skip_space();
        }
    }

    fn keep(&mut self, map: &mut Map<String, Value>, key: String, value: Value, at: usize) {
        if !map.contains_key(&key) {
            map.insert(key, value);
        } else if self.repeated.len() < MAX_ISSUES {
            self.repeated.push((at, self.path.to_string(), key));
        }
    }

    fn read_array(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        self.scanner.advance();
        self.scanner.skip_space();
        if self.scanner.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            if items.len() >= self.limits.array {
                return Err(Fault::TooLarge(format!("the array has more than {} elements", self.limits.array)));
            }
            self.path.enter_index(items.len());
            items.push(self.read_value(depth + 1)?);
            self.path.leave();
            self.scanner.skip_space();
            if self.scanner.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.scanner.eat(b',') {
                return Err(self.scanner.unexpected("a comma or closing bracket is missing"));
            }
            self.scanner.skip_space();
        }
    }

    fn read_number(&mut self) -> Result<Value, Fault> {
        let (text, exponent) = self.scanner.read_number()?;
        if text.len() > self.limits.number || exponent > 3 {
            return Err(Fault::TooLarge("the number has too many digits".to_owned()));
        }
        let number: Number = text.parse().map_err(|_| self.scanner.unexpected("no json number"))?;
        Ok(Value::Number(number))
    }

    fn repeated_keys(&self, bytes: &[u8]) -> Vec<Issue> {
        let mut repeated: Vec<_> = self.repeated.iter().collect();
        repeated.sort();
        let lines = scan::lines(bytes, repeated.iter().map(|(at, ..)| *at));
        let issues = repeated.iter().zip(lines).map(|((_, path, key), line)| {
            let location = Location::path(&self.path.rooted(path)).line(line);
            Issue::new(IssueCode::JsonKeyRepeated, location, format!("the key {} occurs twice", quote(key)))
        });
        issues.collect()
    }

    fn issue(&self, fault: &Fault) -> Issue {
        let path = || Location::path(&self.path.rooted(&self.path.to_string()));
        let line = self.scanner.line_at(self.scanner.at());
        match fault {
            Fault::Invalid { at, text } => {
                let (line, column) = self.scanner.place(*at);
                Issue::new(IssueCode::JsonInvalid, path().line(line), format!("{text} at column {column}"))
            }
            Fault::TooDeep => {
                let text = format!("nested deeper than {} levels", self.limits.depth);
                Issue::new(IssueCode::JsonTooDeep, path().line(line), text)
            }
            Fault::TooLarge(text) => Issue::new(IssueCode::JsonTooLarge, path().line(line), text.clone()),
        }
    }
}
