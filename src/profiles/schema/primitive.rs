//! Primitive types: JSON kind, and as much of the format as every dialect of regular expressions can say.
//!
//! JSON Schema takes the expressions of ECMA-262, its Rust implementation those of `regex`, the one in Python those of
//! `re`, others RE2. Common to all: ASCII classes, `\t`, `\n`, `\r`, `\f`, `\xHH`, groups, counts, `^` and `$`. Not common, so
//! not used: `\s`, `\d` and `\w` (Unicode or not), look-around, `\uHHHH`, `\p{..}`. In Python `$` holds before a final line
//! break too, hence `not: {pattern: "\n"}` beside every anchored expression.
//!
//! The validator judges with code of its own, which is looser than the expressions of the specification in places
//! (white space in base64, a form feed in a code). The expressions here follow the validator.

use serde_json::{Value, json};

/// The schema of a primitive type, and in what it is weaker than the validator.
pub(super) fn schema(type_name: &str) -> (Value, Option<&'static str>) {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern, "not": { "pattern": "\\n" } });
    match type_name {
        "boolean" => (json!({ "type": "boolean" }), None),
        "decimal" => (json!({ "type": "number" }), None),
        "integer" => integer(i64::from(i32::MIN)),
        "unsignedInt" => integer(0),
        "positiveInt" => integer(1),
        "code" => (text("^[^ \\t\\n\\r\\f]+([ \\f][^ \\t\\n\\r\\f]+)*$"), None),
        "id" => (text("^[A-Za-z0-9.-]{1,64}$"), None),
        "oid" => (text("^urn:oid:[0-2](\\.(0|[1-9][0-9]*))+$"), None),
        "uuid" => (text("^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), None),
        "date" => (text(&format!("^{DATE}$")), Some(NO_CALENDAR)),
        "time" => (text(&format!("^{TIME}$")), None),
        "dateTime" => (text(&format!("^{YEAR}(-{MONTH}(-{DAY}(T{TIME}{ZONE})?)?)?$")), Some(NO_CALENDAR)),
        "instant" => (text(&format!("^{YEAR}-{MONTH}-{DAY}T{TIME}{ZONE}$")), Some(NO_CALENDAR)),
        "uri" | "url" | "canonical" => (
            json!({ "type": "string", "minLength": 1, "not": { "pattern": "[ \\t\\n\\x0b\\f\\r]" } }),
            Some("white space outside ASCII"),
        ),
        "base64Binary" => (
            json!({ "type": "string", "minLength": 4, "not": { "pattern": "[^A-Za-z0-9+/= \\t\\n\\f\\r]" } }),
            Some("number of characters and place of the padding"),
        ),
        "string" | "markdown" => (
            json!({
                "type": "string",
                "minLength": 1,
                "not": { "pattern": "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]" },
                "maxLength": 1_048_576,
            }),
            Some("the limit of 1 MB counts characters instead of bytes"),
        ),
        _ => (json!({ "type": "string", "minLength": 1 }), None),
    }
}

const YEAR: &str = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})";
const MONTH: &str = "(0[1-9]|1[0-2])";
const DAY: &str = "(0[1-9]|[12][0-9]|3[01])";
const DATE: &str =
    "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?";
const TIME: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?";
const ZONE: &str = "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))";
const NO_CALENDAR: &str = "days that the month does not have";

fn integer(least: i64) -> (Value, Option<&'static str>) {
    let schema = json!({ "type": "integer", "minimum": least, "maximum": i32::MAX });
    (schema, Some("integers written with a fraction or an exponent (1.0, 1e0), and -0"))
}

/// The JSON type alone, for where `null` must not stand.
pub(super) fn json_type(type_name: &str) -> Value {
    json!({ "type": schema(type_name).0.get("type").cloned() })
}
