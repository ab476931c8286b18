//! The text of values and conditions in a binding, before tables and paths are looked up.
//!
//! ```text
//! expression = literal | path | function "(" [ expression { "," expression } ] ")" | name
//! literal    = "'" { character | "''" } "'"
//! condition  = [ "not" ] ( "unread" "(" path ")"
//!            | expression [ ( "==" | "!=" | "<" | ">=" ) expression | "in" "(" literal { "," literal } ")" ] )
//! ```
//!
//! A path is in capitals ([`Path`]), names of functions and tables in small letters.

use super::path::Path;

/// Deepest nesting of functions.
const MAX_NESTING: usize = 8;

/// An expression with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Characters before it.
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Literal(String),
    Path(Path),
    /// A name without parentheses: a table, a column, or `version`.
    Name(String),
    Call(String, Vec<Syntax>),
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Differ,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionSyntax {
    pub(super) negated: bool,
    pub(super) left: Syntax,
    pub(super) right: Option<Right>,
}

/// What the left side of a condition is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Right {
    One(Comparison, Syntax),
    OneOf(Vec<String>),
}

/// The text does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Characters before the place.
    pub(super) offset: usize,
    pub(super) text: &'static str,
}

/// Reads a text that is one expression.
pub(super) fn expression(text: &str) -> Result<Syntax, SyntaxError> {
    let mut cursor = Cursor { text, next: 0 };
    let syntax = cursor.expression(0)?;
    cursor.end()?;
    Ok(syntax)
}

/// Reads a `$when`.
pub(super) fn condition(text: &str) -> Result<ConditionSyntax, SyntaxError> {
    let mut cursor = Cursor { text, next: 0 };
    cursor.skip_spaces();
    let negated = cursor.take("not ");
    let left = cursor.expression(0)?;
    cursor.skip_spaces();
    let comparison =
        [("==", Comparison::Equal), ("!=", Comparison::Differ), (">=", Comparison::AtLeast), ("<", Comparison::Below)]
            .into_iter()
            .find(|(token, _)| cursor.take(token));
    let right = match comparison {
        Some((_, comparison)) => Some(Right::One(comparison, cursor.expression(0)?)),
        None if cursor.take("in") => Some(Right::OneOf(cursor.literals()?)),
        None => None,
    };
    cursor.end()?;
    Ok(ConditionSyntax { negated, left, right })
}

struct Cursor<'t> {
    text: &'t str,
    /// Byte.
    next: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.next..).unwrap_or_default()
    }

    fn offset(&self) -> usize {
        self.text.get(..self.next).map_or(0, |before| before.chars().count())
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.next += if found { token.len() } else { 0 };
        found
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.next += rest.len() - rest.trim_start().len();
    }

    fn fail<T>(&self, text: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { offset: self.offset(), text })
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        self.skip_spaces();
        if self.rest().is_empty() { Ok(()) } else { self.fail("unexpected text after the expression") }
    }

    fn expression(&mut self, depth: usize) -> Result<Syntax, SyntaxError> {
        self.skip_spaces();
        let offset = self.offset();
        if depth > MAX_NESTING {
            return self.fail("functions are nested too deeply");
        }
        if self.take("'") {
            return Ok(Syntax { offset, kind: Kind::Literal(self.literal()?) });
        }
        if let Some((path, length)) = Path::read(self.rest()) {
            self.next += length;
            return Ok(Syntax { offset, kind: Kind::Path(path) });
        }
        let name = self.name()?;
        let kind = if self.take("(") { Kind::Call(name, self.arguments(depth + 1)?) } else { Kind::Name(name) };
        Ok(Syntax { offset, kind })
    }

    /// The rest of a literal whose first quotation mark is read.
    fn literal(&mut self) -> Result<String, SyntaxError> {
        let mut literal = String::new();
        loop {
            let Some(end) = self.rest().find('\'') else { return self.fail("expected `'` at the end of the literal") };
            literal.push_str(self.rest().get(..end).unwrap_or_default());
            self.next += end + 1;
            if !self.take("'") {
                return Ok(literal);
            }
            literal.push('\'');
        }
    }

    fn name(&mut self) -> Result<String, SyntaxError> {
        let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let rest = self.rest();
        let length = rest.find(|c: char| !is_inner(c)).unwrap_or(rest.len());
        match rest.get(..length).filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())) {
            Some(name) => {
                self.next += length;
                Ok(name.to_owned())
            }
            None => self.fail("expected a path such as PID-5.1, a function or a literal in `'`"),
        }
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Syntax>, SyntaxError> {
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.expression(depth)?);
            if !self.more()? {
                return Ok(arguments);
            }
        }
    }

    fn literals(&mut self) -> Result<Vec<String>, SyntaxError> {
        let mut literals = Vec::new();
        self.skip_spaces();
        if !self.take("(") {
            return self.fail("expected `(` and literals");
        }
        loop {
            self.skip_spaces();
            if !self.take("'") {
                return self.fail("expected a literal in `'`");
            }
            literals.push(self.literal()?);
            if !self.more()? {
                return Ok(literals);
            }
        }
    }

    /// Whether a comma comes next, not the closing parenthesis.
    fn more(&mut self) -> Result<bool, SyntaxError> {
        self.skip_spaces();
        if self.take(",") {
            return Ok(true);
        }
        if self.take(")") { Ok(false) } else { self.fail("expected `,` or `)`") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(syntax: &Syntax) -> String {
        let offset = syntax.offset;
        match &syntax.kind {
            Kind::Literal(text) => format!("'{text}'@{offset}"),
            Kind::Path(path) => format!("{}.{}@{offset}", path.field_name(), path.component),
            Kind::Name(name) => format!("{name}@{offset}"),
            Kind::Call(name, arguments) => {
                format!("{name}({})", arguments.iter().map(show).collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn expressions() {
        for (text, expected) in [
            ("PID-5.1", "PID-5.1@0"),
            (" 'it''s' ", "'it's'@1"),
            ("''", "''@0"),
            ("first(PID-5, 'æ', ORC-2.1)", "first(PID-5.0@6,'æ'@13,ORC-2.1@18)"),
            ("lookup(hl7v2-0001,PID-8)", "lookup(hl7v2-0001@7,PID-8.0@18)"),
            ("version", "version@0"),
        ] {
            assert_eq!(expression(text).map(|syntax| show(&syntax)).as_deref(), Ok(expected), "{text}");
        }
        let deep = format!("{}PID-1{}", "first(".repeat(9), ")".repeat(9));
        for (text, offset) in [
            ("", 0),
            ("PID-5 PID-6", 6),
            ("first(", 6),
            ("first(PID-5", 11),
            ("first(PID-5,)", 12),
            ("'x", 1),
            ("Pid-5", 0),
            ("PID-0", 0),
            (&deep, 54),
        ] {
            assert_eq!(expression(text).map_err(|error| error.offset), Err(offset), "{text}");
        }
    }

    #[test]
    fn conditions() {
        for (text, negated, right) in [
            ("PID-5", false, None),
            ("not unread(OBX-5)", true, None),
            ("OBX-2 == 'ED'", false, Some(Comparison::Equal)),
            ("OBX-2 != 'ED'", false, Some(Comparison::Differ)),
            ("version >= '2.5'", false, Some(Comparison::AtLeast)),
            ("version < '2.5'", false, Some(Comparison::Below)),
        ] {
            let condition = condition(text).unwrap();
            let found = condition.right.map(|right| match right {
                Right::One(comparison, _) => comparison,
                Right::OneOf(_) => panic!("{text}"),
            });
            assert_eq!((condition.negated, found), (negated, right), "{text}");
        }
        let one_of = condition("OBX-11 in ('D', 'W')").unwrap().right;
        assert_eq!(one_of, Some(Right::OneOf(vec!["D".to_owned(), "W".to_owned()])));
        for (text, offset) in
            [("", 0), ("PID-5 ==", 8), ("PID-5 in 'A'", 9), ("PID-5 in (PID-6)", 10), ("PID-5 = 'A'", 6)]
        {
            assert_eq!(condition(text).map_err(|error| error.offset), Err(offset), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[PIDO0-9(),.' a-c=/\\[\\]-]{0,60}|\\PC{0,40}") {
            let _ = expression(&text);
            let _ = condition(&text);
        }
    }
}
