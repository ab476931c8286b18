//! The text of holes and conditions, before names are looked up.
//!
//! ```text
//! text       = { characters | "{{" expression "}}" }
//! expression = literal | path | word "(" [ expression { "," expression } ] ")"
//! path       = word { "." word }
//! literal    = "'" { character | "''" } "'"
//! condition  = [ "not" ] expression [ "==" expression ]
//! ```

/// Deepest nesting of function calls.
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
    /// One or more words.
    Path(Vec<Word>),
    Call(String, Vec<Syntax>),
}

/// A name with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) offset: usize,
    pub(super) text: String,
}

/// A piece of a text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Hole(Syntax),
}

/// The parts of a `$when`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionSyntax {
    pub(super) negated: bool,
    pub(super) left: Syntax,
    /// What `left` is compared with.
    pub(super) right: Option<Syntax>,
}

/// The text does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Characters before the place.
    pub(super) offset: usize,
    pub(super) text: String,
}

/// Splits a text into constant pieces and holes; neighbouring characters are one piece.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, SyntaxError> {
    let mut cursor = Cursor::new(text);
    let mut pieces = Vec::new();
    let mut constant = String::new();
    while let Some(character) = cursor.peek() {
        if cursor.take("{{") {
            if !constant.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut constant)));
            }
            pieces.push(Piece::Hole(cursor.expression(0)?));
            cursor.skip_spaces();
            if !cursor.take("}}") {
                return cursor.fail("expected `}}`");
            }
        } else if cursor.starts_with("}}") {
            return cursor.fail("`}}` without `{{`");
        } else {
            constant.push(character);
            cursor.next += 1;
        }
    }
    if !constant.is_empty() {
        pieces.push(Piece::Text(constant));
    }
    Ok(pieces)
}

/// Reads a text that is one expression, without braces.
pub(super) fn expression(text: &str) -> Result<Syntax, SyntaxError> {
    let mut cursor = Cursor::new(text);
    let syntax = cursor.expression(0)?;
    cursor.end()?;
    Ok(syntax)
}

/// Reads a `$when`.
pub(super) fn condition(text: &str) -> Result<ConditionSyntax, SyntaxError> {
    let mut cursor = Cursor::new(text);
    cursor.skip_spaces();
    let negated = cursor.take("not ");
    let left = cursor.expression(0)?;
    cursor.skip_spaces();
    let right = if cursor.take("==") { Some(cursor.expression(0)?) } else { None };
    cursor.end()?;
    Ok(ConditionSyntax { negated, left, right })
}

struct Cursor {
    characters: Vec<char>,
    next: usize,
}

impl Cursor {
    fn new(text: &str) -> Self {
        Self { characters: text.chars().collect(), next: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.next).copied()
    }

    fn starts_with(&self, token: &str) -> bool {
        let rest = self.characters.get(self.next..).unwrap_or_default();
        token.chars().enumerate().all(|(index, character)| rest.get(index) == Some(&character))
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.starts_with(token);
        if found {
            self.next += token.chars().count();
        }
        found
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
    }

    fn fail<T>(&self, text: &str) -> Result<T, SyntaxError> {
        Err(SyntaxError { offset: self.next, text: text.to_owned() })
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        self.skip_spaces();
        if self.peek().is_some() { self.fail("unexpected text after the expression") } else { Ok(()) }
    }

    fn expression(&mut self, depth: usize) -> Result<Syntax, SyntaxError> {
        self.skip_spaces();
        let offset = self.next;
        if depth > MAX_NESTING {
            return self.fail("functions are nested too deeply");
        }
        let kind = if self.take("'") {
            Kind::Literal(self.literal()?)
        } else {
            let word = self.word()?;
            if self.take("(") {
                Kind::Call(word.text, self.arguments(depth + 1)?)
            } else {
                let mut words = vec![word];
                while self.take(".") {
                    words.push(self.word()?);
                }
                Kind::Path(words)
            }
        };
        Ok(Syntax { offset, kind })
    }

    fn literal(&mut self) -> Result<String, SyntaxError> {
        let mut literal = String::new();
        while let Some(character) = self.peek() {
            if self.take("''") {
                literal.push('\'');
            } else if self.take("'") {
                return Ok(literal);
            } else {
                literal.push(character);
                self.next += 1;
            }
        }
        self.fail("expected `'` at the end of the literal")
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        let offset = self.next;
        let mut text = String::new();
        while let Some(character) = self.peek() {
            let inner = character.is_ascii_digit() || character == '-';
            if !(character.is_ascii_alphabetic() || character == '_' || (inner && !text.is_empty())) {
                break;
            }
            text.push(character);
            self.next += 1;
        }
        if text.is_empty() {
            self.fail("expected a name, a function or a literal in `'`")
        } else {
            Ok(Word { offset, text })
        }
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Syntax>, SyntaxError> {
        let mut arguments = Vec::new();
        self.skip_spaces();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(depth)?);
            self.skip_spaces();
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return self.fail("expected `,` or `)`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A form that shows the structure: paths as they are, calls and literals with their delimiters.
    fn show(syntax: &Syntax) -> String {
        match &syntax.kind {
            Kind::Literal(text) => format!("'{text}'@{}", syntax.offset),
            Kind::Path(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("{}@{}", word.text, word.offset)).collect();
                words.join(".")
            }
            Kind::Call(name, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(show).collect();
                format!("{name}({})", arguments.join(","))
            }
        }
    }

    fn show_pieces(text: &str) -> Result<Vec<String>, SyntaxError> {
        let show_piece = |piece: &Piece| match piece {
            Piece::Text(text) => format!("\"{text}\""),
            Piece::Hole(syntax) => show(syntax),
        };
        pieces(text).map(|pieces| pieces.iter().map(show_piece).collect())
    }

    #[test]
    fn texts_with_holes() {
        for (text, expected) in [
            ("plain", vec!["\"plain\""]),
            ("{ } a{b}", vec!["\"{ } a{b}\""]),
            ("{{a}}", vec!["a@2"]),
            ("{{ a.b_c }}", vec!["a@3.b_c@5"]),
            ("æ {{ a }} of {{b}}!", vec!["\"æ \"", "a@5", "\" of \"", "b@15", "\"!\""]),
            ("{{ f() }}", vec!["f()"]),
            (
                "{{ lookup(so-terms, first(a, 'x'), display) }}",
                vec!["lookup(so-terms@10,first(a@26,'x'@29),display@35)"],
            ),
            ("{{ 'it''s }} ' }}", vec!["'it's }} '@3"]),
        ] {
            assert_eq!(
                show_pieces(text).as_deref(),
                Ok(expected.iter().map(|&piece| piece.to_owned()).collect::<Vec<_>>().as_slice()),
                "{text}"
            );
        }
    }

    #[test]
    fn defects_are_found_where_they_are() {
        let deep = format!("{{{{ {}a{} }}}}", "f(".repeat(9), ")".repeat(9));
        for (text, offset, expected) in [
            ("{{ a", 4, "expected `}}`"),
            ("{{ a }", 5, "expected `}}`"),
            ("{{ a b }}", 5, "expected `}}`"),
            ("a }} b", 2, "`}}` without `{{`"),
            ("{{ }}", 3, "expected a name"),
            ("{{ 1a }}", 3, "expected a name"),
            ("{{ a. }}", 5, "expected a name"),
            ("{{ a.b() }}", 6, "expected `}}`"),
            ("{{ f(a }}", 7, "expected `,` or `)`"),
            ("{{ f(a,) }}", 7, "expected a name"),
            ("{{ 'x }}", 8, "expected `'`"),
            (&deep, 21, "nested too deeply"),
        ] {
            let error = pieces(text).expect_err(text);
            assert_eq!(error.offset, offset, "{text}: {}", error.text);
            assert!(error.text.starts_with(expected) || error.text.ends_with(expected), "{text}: {}", error.text);
        }
    }

    #[test]
    fn conditions() {
        for (text, negated, left, right) in [
            ("a.b", false, "a@0.b@2", None),
            ("not a", true, "a@4", None),
            ("a == 'x'", false, "a@0", Some("'x'@5")),
            (" not f(a)=='x' ", true, "f(a@7)", Some("'x'@11")),
            ("nothing", false, "nothing@0", None),
        ] {
            let condition = condition(text).expect(text);
            assert_eq!((condition.negated, show(&condition.left).as_str()), (negated, left), "{text}");
            assert_eq!(condition.right.as_ref().map(show).as_deref(), right, "{text}");
        }
        for (text, offset) in [("", 0), ("a = 'x'", 2), ("a == ", 5), ("a and b", 2), ("{{ a }}", 0), ("not", 3)] {
            match condition(text) {
                Err(error) => assert_eq!(error.offset, offset, "{text}"),
                Ok(condition) => assert_eq!((text, condition.negated), ("not", false)),
            }
        }
        assert_eq!(expression("a, b").map_err(|error| error.offset), Err(1));
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[{}(),.' a-c=]{0,60}|\\PC{0,40}") {
            let _ = pieces(&text);
            let _ = condition(&text);
        }
    }
}
