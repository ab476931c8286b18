//! Expressions and conditions: functions, tables and paths looked up.

use super::{At, Compiler, Kind};
use crate::domain::issue::IssueCode;
use crate::mapping_file::Position;
use crate::mapping_file::yaml::Node;
use crate::redact::quote;
use crate::sources::hl7v2_ref::binding::path::Path;
use crate::sources::hl7v2_ref::binding::plan::{Column, Condition, Expression, Test};
use crate::sources::hl7v2_ref::binding::syntax::{self, Comparison, Kind as SyntaxKind, Right, Syntax};

const FUNCTIONS: &str = "first, all, lookup, try, join, labelled, orgnr, date, code, coding";

impl Compiler<'_> {
    pub(super) fn looked_up(&mut self, syntax: &Syntax, at: &At<'_>) -> Option<(Expression, Kind)> {
        let place = at.offset(syntax.offset);
        match &syntax.kind {
            SyntaxKind::Literal(text) => Some((Expression::Literal(text.clone()), Kind::Text)),
            SyntaxKind::Path(path) => {
                let path = self.field_path(path, &place)?;
                Some((Expression::Path(path), Kind::Text))
            }
            SyntaxKind::Name(name) => self.invalid(&place, format!("{} is no value", quote(name))),
            SyntaxKind::Call(name, arguments) => self.call(name, arguments, &place, at),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Syntax], place: &Position, at: &At<'_>) -> Option<(Expression, Kind)> {
        let text = |expression| Some((expression, Kind::Text));
        match (name, arguments) {
            ("first", [_, ..]) => self.first(arguments, place, at),
            ("all", [argument]) => {
                let path = self.path_argument(argument, at)?;
                text(Expression::All(path))
            }
            ("lookup" | "try", [table, key, column @ ..]) if column.len() <= 1 => {
                let expression = self.lookup(name == "lookup", table, key, column.first(), at)?;
                text(expression)
            }
            ("join", [separator, parts @ ..]) if !parts.is_empty() => {
                let separator = self.literal(separator, at)?;
                let parts = parts.iter().map(|part| self.text_argument(part, at)).collect::<Option<_>>()?;
                text(Expression::Join(separator, parts))
            }
            ("orgnr", [_, ..]) => {
                let parts = arguments.iter().map(|part| self.text_argument(part, at)).collect::<Option<_>>()?;
                text(Expression::OrganisationNumber(parts))
            }
            ("labelled", [label, value]) => {
                let label = self.literal(label, at)?;
                let value = self.text_argument(value, at)?;
                text(Expression::Labelled(label, Box::new(value)))
            }
            ("date", [value]) => {
                let value = self.text_argument(value, at)?;
                text(Expression::Date(Box::new(value)))
            }
            ("code", [argument]) => {
                let path = self.path_argument(argument, at)?;
                Some((Expression::Code(path), Kind::Codes))
            }
            ("coding", [system, code, display @ ..]) if display.len() <= 1 => {
                let system = self.literal(system, at)?;
                let code = Box::new(self.text_argument(code, at)?);
                let display = match display.first() {
                    Some(display) => Some(Box::new(self.text_argument(display, at)?)),
                    None => None,
                };
                Some((Expression::Coding(system, code, display), Kind::Codes))
            }
            ("first" | "all" | "lookup" | "try" | "join" | "labelled" | "orgnr" | "date" | "code" | "coding", _) => {
                let text = format!("{name} does not take {} arguments of this kind", arguments.len());
                self.error(IssueCode::MappingArgumentInvalid, place, text)
            }
            _ => {
                let text = format!("no function {} (known: {FUNCTIONS})", quote(name));
                self.error(IssueCode::MappingFunctionUnknown, place, text)
            }
        }
    }

    fn first(&mut self, arguments: &[Syntax], place: &Position, at: &At<'_>) -> Option<(Expression, Kind)> {
        let typed: Vec<(Expression, Kind)> =
            arguments.iter().map(|argument| self.looked_up(argument, at)).collect::<Option<_>>()?;
        let kind = typed.first().map_or(Kind::Text, |(_, kind)| *kind);
        if typed.iter().any(|(_, other)| *other != kind) {
            return self.error(IssueCode::MappingArgumentInvalid, place, "texts and codes in one `first`");
        }
        Some((Expression::First(typed.into_iter().map(|(expression, _)| expression).collect()), kind))
    }

    fn lookup(
        &mut self,
        is_strict: bool,
        name: &Syntax,
        key: &Syntax,
        column: Option<&Syntax>,
        at: &At<'_>,
    ) -> Option<Expression> {
        let place = at.offset(name.offset);
        let SyntaxKind::Name(table_name) = &name.kind else {
            return self.error(IssueCode::MappingArgumentInvalid, &place, "expected the name of a table");
        };
        let Some(table) = self.tables.table(table_name) else {
            let known: Vec<&str> = self.tables.iter().map(|(name, _)| name).collect();
            let text = format!("no table {} (known: {})", quote(table_name), known.join(", "));
            return self.error(IssueCode::MappingTableUnknown, &place, text);
        };
        let column = match column.map(|column| (&column.kind, column.offset)) {
            None if table.has_targets() => Column::Target,
            None => {
                let text = format!("the codes of {table_name} have no counterparts: name a column, such as `display`");
                return self.error(IssueCode::MappingTableUnknown, &place, text);
            }
            Some((SyntaxKind::Name(column), _)) if column == "display" => Column::Display,
            Some((SyntaxKind::Name(column), _)) if table.has_property(column) => Column::Property(column.clone()),
            Some((SyntaxKind::Name(column), offset)) => {
                let text = format!("{table_name} has no column {}", quote(column));
                return self.error(IssueCode::MappingTableUnknown, &at.offset(offset), text);
            }
            Some((_, offset)) => {
                let place = at.offset(offset);
                return self.error(IssueCode::MappingArgumentInvalid, &place, "expected the name of a column");
            }
        };
        let key = Box::new(self.text_argument(key, at)?);
        Some(Expression::Lookup { table: table_name.clone(), column, key, is_strict })
    }

    fn literal(&mut self, argument: &Syntax, at: &At<'_>) -> Option<String> {
        match &argument.kind {
            SyntaxKind::Literal(text) => Some(text.clone()),
            _ => {
                let place = at.offset(argument.offset);
                self.error(IssueCode::MappingArgumentInvalid, &place, "expected a literal in `'`")
            }
        }
    }

    fn text_argument(&mut self, argument: &Syntax, at: &At<'_>) -> Option<Expression> {
        match self.looked_up(argument, at)? {
            (expression, Kind::Text) => Some(expression),
            (_, Kind::Codes) => {
                let place = at.offset(argument.offset);
                self.error(IssueCode::MappingArgumentInvalid, &place, "codes where a text is wanted")
            }
        }
    }

    fn path_argument(&mut self, argument: &Syntax, at: &At<'_>) -> Option<Path> {
        let place = at.offset(argument.offset);
        match &argument.kind {
            SyntaxKind::Path(path) => self.field_path(path, &place),
            _ => self.error(IssueCode::MappingArgumentInvalid, &place, "expected a path"),
        }
    }

    /// A path to a field or a part of one.
    fn field_path(&mut self, path: &Path, at: &Position) -> Option<Path> {
        if path.field == 0 {
            return self.invalid(at, "a segment as a whole is no value: name a field, such as PID-5");
        }
        self.known(path.clone(), at)
    }

    pub(super) fn condition(&mut self, node: &Node) -> Option<Condition> {
        let text = self.text(node, "a condition")?;
        let at = At { node: &node.at, first: text.first.as_ref() };
        let parsed = syntax::condition(&text.text);
        let syntax = self.parsed(&at, parsed)?;
        let negated = syntax.negated;
        let test = match (&syntax.left.kind, syntax.right) {
            (SyntaxKind::Call(name, arguments), None) if name == "unread" => match arguments.as_slice() {
                [Syntax { kind: SyntaxKind::Path(path), offset }] => {
                    Test::Unread(self.known(path.clone(), &at.offset(*offset))?)
                }
                _ => return self.error(IssueCode::MappingArgumentInvalid, &node.at, "`unread` takes one path"),
            },
            (SyntaxKind::Name(name), Some(Right::One(comparison, right))) if name == "version" => {
                Test::Version(comparison, self.literal(&right, &at)?)
            }
            (_, None) => Test::Filled(self.text_argument(&syntax.left, &at)?),
            (_, Some(Right::OneOf(literals))) => Test::OneOf(self.text_argument(&syntax.left, &at)?, literals),
            (_, Some(Right::One(comparison, right))) => {
                let (left, right) = (self.text_argument(&syntax.left, &at)?, self.text_argument(&right, &at)?);
                let is_different = match comparison {
                    Comparison::Equal => false,
                    Comparison::Differ => true,
                    Comparison::Below | Comparison::AtLeast => {
                        return self.invalid(&node.at, "only `version` is compared with `<` and `>=`");
                    }
                };
                return Some(Condition { negated: negated != is_different, test: Test::Equal(left, right) });
            }
        };
        Some(Condition { negated, test })
    }
}
