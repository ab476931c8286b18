//! Scalars, as written.

use saphyr::Scalar;

use super::{Text, Value};
use crate::mapping_file::Position;

/// The value of a scalar that stands in the file as `source` at `at`.
///
/// The parser's own numbers are binary; a number keeps its digits, so it is taken from the source. What the parser takes
/// for a number or truth value but JSON does not (`0x1F`, `.5`, `True`) is text.
pub(super) fn raw_scalar(parsed: &Scalar<'_>, source: &str, at: &Position) -> Value {
    let source = source.trim_end();
    match parsed {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) if matches!(source, "true" | "false") => Value::Boolean(*value),
        Scalar::Integer(_) | Scalar::FloatingPoint(_) if is_json_number(source) => Value::Number(source.to_owned()),
        Scalar::Boolean(_) | Scalar::Integer(_) | Scalar::FloatingPoint(_) => text(source, source, at),
        Scalar::String(value) => text(value, source, at),
    }
}

fn text(value: &str, source: &str, at: &Position) -> Value {
    let first = if source == value {
        Some(at.clone())
    } else if source.get(1..source.len().saturating_sub(1)) == Some(value) {
        Some(Position { column: at.column.saturating_add(1), ..at.clone() })
    } else {
        None
    };
    Value::Text(Text { text: value.to_owned(), first: first.filter(|_| !value.contains('\n')) })
}

/// Whether `text` is a number in JSON grammar (RFC 8259, section 6).
fn is_json_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
