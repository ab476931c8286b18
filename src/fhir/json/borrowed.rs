//! Reads JSON that the gateway wrote itself, without copying it.

use std::borrow::Cow;

use super::scan::{Fault, Scanner};
use crate::fhir::value::{Arena, Map, Member, Number, Value};

/// Levels that fit in any thread's stack and are more than FHIR needs.
const MAX_DEPTH: usize = 128;

/// Reads a text; `None` where it is no JSON or nested deeper than 128 levels. Repeated keys are not looked for: a text of
/// a stranger goes through [`super::read`].
pub fn read_borrowed<'a>(text: &'a str, arena: &'a Arena) -> Option<Value<'a>> {
    let mut reader = Reader::new(text, arena);
    reader.scanner.skip_space();
    let value = reader.value(0).ok()?;
    reader.scanner.skip_space();
    reader.scanner.peek().is_none().then_some(value)
}

/// The texts of the first members with these names of the object that a text is; reading stops when all are found. `None`
/// where the text up to there is no JSON object.
pub fn read_members<'a, const N: usize>(text: &'a str, names: [&str; N]) -> Option<[Option<&'a str>; N]> {
    let arena = Arena::new();
    let mut reader = Reader::new(text, &arena);
    let mut members = [None; N];
    reader.scanner.skip_space();
    if !reader.begin(b'{', b'}')? {
        return Some(members);
    }
    loop {
        let key = reader.key().ok()?;
        let start = reader.scanner.at();
        reader.value(1).ok()?;
        for (name, member) in names.iter().zip(&mut members) {
            if key == *name {
                *member = member.or(text.get(start..reader.scanner.at()));
            }
        }
        if members.iter().all(Option::is_some) || !reader.goes_on(b'}').ok()? {
            return Some(members);
        }
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    arena: &'a Arena,
    /// The items of the arrays that are open.
    items: Vec<Value<'a>>,
    /// The members of the objects that are open.
    members: Vec<Member<'a>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, arena: &'a Arena) -> Self {
        Self { scanner: Scanner::new(text), arena, items: Vec::new(), members: Vec::new() }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        match self.scanner.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err(Fault::TooDeep),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.scanner.read_word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.scanner.read_word("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.scanner.read_word("null").map(|()| Value::Null),
            _ => self.scanner.read_number().map(|(text, _)| Value::Number(Number::of(text, self.arena))),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        if !self.begin(b'{', b'}').unwrap_or_default() {
            return Ok(Value::Object(Map::new()));
        }
        let start = self.members.len();
        loop {
            let member = (self.key()?, self.value(depth + 1)?);
            self.members.push(member);
            if !self.goes_on(b'}')? {
                let members = self.arena.alloc_slice_copy(self.members.get(start..).unwrap_or_default());
                self.members.truncate(start);
                return Ok(Value::Object(Map::from_members(members)));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        if !self.begin(b'[', b']').unwrap_or_default() {
            return Ok(Value::Array(&[]));
        }
        let start = self.items.len();
        loop {
            let item = self.value(depth + 1)?;
            self.items.push(item);
            if !self.goes_on(b']')? {
                let items = self.arena.alloc_slice_copy(self.items.get(start..).unwrap_or_default());
                self.items.truncate(start);
                return Ok(Value::Array(items));
            }
        }
    }

    /// Goes into an object or array; false where it is empty, `None` where none begins.
    fn begin(&mut self, open: u8, close: u8) -> Option<bool> {
        if !self.scanner.eat(open) {
            return None;
        }
        self.scanner.skip_space();
        Some(!self.scanner.eat(close))
    }

    /// What stands behind a member or item: a comma, or the end.
    fn goes_on(&mut self, close: u8) -> Result<bool, Fault> {
        self.scanner.skip_space();
        if self.scanner.eat(close) {
            return Ok(false);
        }
        if !self.scanner.eat(b',') {
            return Err(self.scanner.unexpected("a comma or the end of the list is missing"));
        }
        self.scanner.skip_space();
        Ok(true)
    }

    /// A name with its colon.
    fn key(&mut self) -> Result<&'a str, Fault> {
        if self.scanner.peek() != Some(b'"') {
            return Err(self.scanner.unexpected("a key in quotation marks is missing"));
        }
        let key = self.string()?;
        self.scanner.skip_space();
        if !self.scanner.eat(b':') {
            return Err(self.scanner.unexpected("a colon is missing"));
        }
        self.scanner.skip_space();
        Ok(key)
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        Ok(match self.scanner.read_string()? {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_another_reader_reads() {
        for text in [
            "null",
            " [ ] ",
            "{}",
            r#"{"a":[1,-0.50,1E+2,true,false,null],"b":{"c":"d"}}"#,
            r#"["\u00e5\n\"\\ å 😀 eight bytes or more, with a quotation mark \" behind them"]"#,
        ] {
            let expected: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(read_borrowed(text, &Arena::new()), Some(Value::from(&expected)), "{text}");
        }
        for text in
            ["", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "nul", "1 1", "\"\\ud800\"", "\"a\nb\""]
        {
            assert_eq!(read_borrowed(text, &Arena::new()), None, "{text}");
        }
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_borrowed(&nested(MAX_DEPTH), &Arena::new()).is_some());
        assert_eq!(read_borrowed(&nested(MAX_DEPTH + 1), &Arena::new()), None);
    }

    #[test]
    fn members_are_read_as_far_as_they_are_asked_for() {
        let members = |text: &'static str| read_members(text, ["id", "meta"]);
        assert_eq!(members(r#"{"a":[{"id":1}],"id":"x","meta":{ },"#), Some([Some("\"x\""), Some("{ }")]));
        assert_eq!(members(r#" { "meta" : [1, 2] , "a" : 1 } "#), Some([None, Some("[1, 2]")]));
        assert_eq!(members(r#"{"id":1,"id":2}"#), Some([Some("1"), None]));
        assert_eq!(members("{}"), Some([None, None]));
        for text in ["", "[]", r#"{"id":"x""#, r#"{"id":"x" "meta":1}"#, "{id:1}", r#"{"id":1,}"#] {
            assert_eq!(members(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_like_another_reader_reads_it(text in "\\PC{0,40}", token in r#"["\\\\\[\]{}:,0-9.eE+\-truefalsn \x01\x1f\x7f]{0,24}"#) {
            for text in [serde_json::to_string(&text).unwrap_or_default(), text, format!("\"{token}\""), token] {
                let expected: Option<serde_json::Value> = serde_json::from_str(&text).ok();
                let arena = Arena::new();
                let found = read_borrowed(&text, &arena);
                // Of repeated keys the other reader keeps one.
                if !text.contains('{') {
                    proptest::prop_assert_eq!(found, expected.as_ref().map(Value::from));
                }
            }
        }
    }
}
