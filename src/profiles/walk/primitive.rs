//! Formats of the primitive types (R4, 2.24.0.1).

use std::borrow::Cow;

use crate::fhir::value::Value;
use crate::profiles::form::JsonKind;
use crate::redact::quote;

/// Largest string, in bytes (R4, string: "SHALL NOT exceed 1MB"; base64Binary and xhtml are not strings).
const MAX_STRING: usize = 1 << 20;

/// What is wrong with a primitive.
pub(super) enum Fault {
    /// Another JSON type.
    Kind(&'static str),
    /// The right JSON type, but not the format.
    Format(Cow<'static, str>),
}

/// Checks the JSON type and the format.
pub(super) fn check(type_name: &str, json: JsonKind, value: &Value) -> Result<(), Fault> {
    match (json, value) {
        (JsonKind::Boolean, Value::Bool(_)) => Ok(()),
        (JsonKind::Number, Value::Number(number)) => format(number_is(type_name, number.as_str()), type_name, value),
        (JsonKind::String, Value::String(text)) => format(string_is(type_name, text), type_name, value),
        (JsonKind::Boolean, _) => Err(Fault::Kind("a boolean")),
        (JsonKind::Number, _) => Err(Fault::Kind("a number")),
        (JsonKind::String, _) => Err(Fault::Kind("a string")),
    }
}

fn format(is_valid: bool, type_name: &str, value: &Value) -> Result<(), Fault> {
    if is_valid {
        return Ok(());
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Err(Fault::Format(format!("{} is no {type_name}", quote(&text)).into()))
}

fn number_is(type_name: &str, text: &str) -> bool {
    let integer = || text.parse::<i32>().ok().filter(|_| !text.starts_with('+') && text != "-0");
    match type_name {
        "integer" => integer().is_some(),
        "unsignedInt" => integer().is_some_and(|number| number >= 0),
        "positiveInt" => integer().is_some_and(|number| number > 0),
        _ => true,
    }
}

fn string_is(type_name: &str, text: &str) -> bool {
    let bytes = text.as_bytes();
    match type_name {
        "code" => {
            let is_space = |byte: &u8| byte.is_ascii_whitespace();
            !text.is_empty()
                && !bytes.first().is_some_and(is_space)
                && !bytes.last().is_some_and(is_space)
                && !bytes.windows(2).any(|pair| pair.iter().all(is_space))
                && !bytes.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r'))
        }
        "id" => {
            let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
            (1..=64).contains(&bytes.len()) && bytes.iter().all(is_id)
        }
        "uri" | "url" | "canonical" => !text.is_empty() && !has_space(text),
        "oid" => text.strip_prefix("urn:oid:").is_some_and(is_oid),
        "uuid" => text.strip_prefix("urn:uuid:").is_some_and(is_uuid),
        "base64Binary" => is_base64(bytes),
        "date" => is_date(text),
        "time" => is_time(text),
        "dateTime" => text
            .split_once('T')
            .map_or_else(|| is_date(text), |(date, time)| date.len() == 10 && is_instant(date, time)),
        "instant" => text.split_once('T').is_some_and(|(date, time)| date.len() == 10 && is_instant(date, time)),
        "string" | "markdown" => (1..=MAX_STRING).contains(&bytes.len()) && !has_control(text),
        _ => !text.is_empty(),
    }
}

fn has_space(text: &str) -> bool {
    // Nearly every URI is of these bytes, none of which is or begins a space.
    !text.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) && text.contains(char::is_whitespace)
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

fn is_oid(text: &str) -> bool {
    let arc = |arc: &str| {
        !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
    };
    let mut arcs = text.split('.');
    arcs.next().is_some_and(|first| matches!(first, "0" | "1" | "2")) && text.contains('.') && arcs.all(arc)
}

/// Hexadecimal digits in groups of 8-4-4-4-12 (RFC 4122; the expression of R4 has lower case only).
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let hex = |byte: u8| byte == b'-' || matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(hex)
}

/// Groups of four, between which there may be white space, as the expression of R4 has it; padding ends the last one
/// (RFC 4648, section 4).
fn is_base64(bytes: &[u8]) -> bool {
    let (mut count, mut padding) = (0_usize, 0_usize);
    for byte in bytes {
        match byte {
            _ if byte.is_ascii_whitespace() && count % 4 == 0 => continue,
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => {}
            _ => return false,
        }
        count += 1;
    }
    count > 0 && count % 4 == 0 && padding <= 2
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, a day that exists.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let Some(year) = parts.next().and_then(|year| digits(year, 4)).filter(|year| *year > 0) else { return false };
    let Some(month) = parts.next() else { return true };
    let Some(month) = digits(month, 2).filter(|month| (1..=12).contains(month)) else { return false };
    let Some(day) = parts.next() else { return true };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    digits(day, 2).is_some_and(|day| (1..=days).contains(&day)) && parts.next().is_none()
}

/// `hh:mm:ss` with an optional fraction; 60 is a leap second.
fn is_time(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let mut part = |limit: u32| parts.next().and_then(|part| digits(part, 2)).is_some_and(|number| number <= limit);
    let is_clock = part(23) && part(59) && part(60) && clock.len() == 8;
    is_clock && fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A day, a time and a zone.
fn is_instant(date: &str, time: &str) -> bool {
    let zone_at = time.find(['Z', '+', '-']);
    let Some((clock, zone)) = zone_at.and_then(|at| time.split_at_checked(at)) else { return false };
    let offset = |zone: &str| {
        let mut parts = zone.split(':');
        let hours = parts.next().and_then(|hours| digits(hours, 2));
        let minutes = parts.next().and_then(|minutes| digits(minutes, 2));
        matches!((hours, minutes, parts.next()), (Some(hours), Some(minutes), None)
            if (hours < 14 && minutes < 60) || (hours == 14 && minutes == 0))
    };
    is_date(date) && is_time(clock) && (zone == "Z" || zone.get(1..).is_some_and(offset) && !zone.starts_with('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is(type_name: &str, value: &serde_json::Value) -> bool {
        let json = match type_name {
            "boolean" => JsonKind::Boolean,
            "integer" | "positiveInt" | "unsignedInt" | "decimal" => JsonKind::Number,
            _ => JsonKind::String,
        };
        check(type_name, json, &Value::from(value)).is_ok()
    }

    /// Examples of R4, 2.24.0.1, and the limits its text names.
    #[test]
    fn formats_of_the_specification() {
        let good = [
            ("date", json!("2018")),
            ("date", json!("1973-06")),
            ("date", json!("1905-08-23")),
            ("dateTime", json!("2015-02-07T13:28:17-05:00")),
            ("dateTime", json!("2017-01-01T00:00:00.000Z")),
            ("instant", json!("2015-02-07T13:28:17.239+02:00")),
            ("time", json!("23:59:60")),
            ("oid", json!("urn:oid:1.2.3.4.5")),
            ("uuid", json!("urn:uuid:c757873d-ec9a-4326-a141-556f43239520")),
            ("code", json!("a b")),
            ("id", json!("A.b-1")),
            ("base64Binary", json!("aGVq")),
            ("base64Binary", json!("aGVq\naGU= ")),
            // R4: a string should have a character that is no white space, and need not.
            ("string", json!("  ")),
            ("boolean", json!(true)),
            ("integer", json!(-5)),
            ("unsignedInt", json!(0)),
            ("positiveInt", json!(1)),
            ("decimal", json!(1.50)),
        ];
        for (name, value) in good {
            assert!(is(name, &value), "{name} {value}");
        }
        let bad = [
            ("date", json!("2018-2")),
            ("date", json!("2018-02-30")),
            ("date", json!("2018-01-01T")),
            ("date", json!(2018)),
            ("dateTime", json!("2015-02-07T13:28:17")),
            ("dateTime", json!("2015-02-07T13:28Z")),
            ("dateTime", json!("2015-02T13:28:17Z")),
            ("instant", json!("2015-02-07")),
            ("time", json!("24:00:00")),
            ("time", json!("9:00:00")),
            ("oid", json!("urn:oid:3.1")),
            ("oid", json!("1.2.3")),
            ("uuid", json!("urn:uuid:C757873D-EC9A-4326-A141-556F43239520")),
            ("code", json!(" a")),
            ("code", json!("a  b")),
            ("code", json!("")),
            ("id", json!("a_b")),
            ("id", json!("x".repeat(65))),
            ("base64Binary", json!("abc")),
            ("base64Binary", json!("AA AA")),
            ("base64Binary", json!("A=AA")),
            ("boolean", json!("true")),
            ("integer", json!(2_147_483_648_i64)),
            ("integer", json!(1.5)),
            ("unsignedInt", json!(-1)),
            ("positiveInt", json!(0)),
            ("decimal", json!("1.5")),
            ("uri", json!("a b")),
            ("string", json!("")),
            ("string", json!("a\u{0}")),
        ];
        for (name, value) in bad {
            assert!(!is(name, &value), "{name} {value}");
        }
    }
}
