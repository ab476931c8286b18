//! Bounds on a mapping file that hold before it is parsed.

use crate::domain::issue::IssueCode;
use crate::mapping_file::{MappingError, Position};

/// Last column at which a nested list or object can start.
const MAX_INDENT: usize = 120;

/// Refuses text that could nest too deeply for the parser, which recurses.
///
/// A block collection starts in the leading run of indentation, indicators (`-`, `?`, `:`) and node properties of a line,
/// each further right than the one around it; flow collections are limited by the parser itself.
pub(super) fn check(text: &str, start: &Position) -> Result<(), MappingError> {
    for (line, number) in text.split(['\n', '\r']).zip(1..) {
        let invalid = |column: usize, text: &str| {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            let at = Position { line: number, column, ..start.clone() };
            Err(MappingError::new(IssueCode::MappingSyntax, &at, text))
        };
        if let Some(column) = line.chars().position(|character| character == '\u{feff}') {
            return invalid(column + 1, "a byte order mark");
        }
        if leading_run(line) > MAX_INDENT {
            return invalid(MAX_INDENT + 1, "indented too deeply");
        }
    }
    Ok(())
}

fn leading_run(line: &str) -> usize {
    let mut in_property = false;
    line.chars()
        .take_while(|character| {
            in_property = match character {
                ' ' | '\t' => false,
                '&' | '*' | '!' => true,
                '-' | '?' | ':' => in_property,
                _ if in_property => true,
                _ => return false,
            };
            true
        })
        .count()
}
