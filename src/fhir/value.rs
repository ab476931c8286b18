//! JSON values that borrow their text.
//!
//! A `serde_json::Value` with arbitrary precision and kept order owns every string and hashes every key, which costs more
//! than to validate what it holds. Here strings and numbers are slices of the text (or of a `serde_json::Value`), an object
//! is a list of members, since FHIR objects have few, and lists lie in an [`Arena`], which is let go of as a whole.

use std::fmt;

/// Where the lists of values lie.
pub use bumpalo::Bump as Arena;

/// Deepest nesting that is taken over from a `serde_json::Value`; what lies deeper becomes `null`. No reader of the gateway
/// lets a text of more levels in.
const MAX_DEPTH: usize = 512;

/// A JSON value. The names of the methods are those of `serde_json::Value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, with the digits it was written with.
    Number(Number<'a>),
    /// A string.
    String(&'a str),
    /// An array.
    Array(&'a [Value<'a>]),
    /// An object.
    Object(Map<'a>),
}

/// A name and its value.
pub type Member<'a> = (&'a str, Value<'a>);

/// The members of an object in the order of the text. Equal where they have equal members in any order.
#[derive(Debug, Clone, Copy, Default, Eq)]
pub struct Map<'a>(&'a [Member<'a>]);

/// The text of a number. Equal where the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(&'a str);

impl<'a> Value<'a> {
    /// The same value; its lists are put into `arena`.
    pub fn of(value: &'a serde_json::Value, arena: &'a Arena) -> Self {
        Self::borrow(value, arena, 0)
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&'a Self> {
        self.as_object()?.get(name)
    }

    /// The member at the end of a path of objects, e.g. `["resource", "meta", "versionId"]`.
    pub fn at(&'a self, path: &[&str]) -> Option<&'a Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&'a str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&'a [Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Map<'a>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// A number.
    pub fn as_number(&self) -> Option<&Number<'a>> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is a string.
    pub fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is this value; objects may have their members in another order.
    pub fn equals(&self, other: &serde_json::Value) -> bool {
        use serde_json::Value as Other;
        match (self, other) {
            (Self::Null, Other::Null) => true,
            (Self::Bool(own), Other::Bool(other)) => own == other,
            (Self::Number(own), Other::Number(other)) => own.0 == other.as_str(),
            (Self::String(own), Other::String(other)) => own == other,
            (Self::Array(own), Other::Array(other)) => {
                own.len() == other.len() && own.iter().zip(other).all(|(own, other)| own.equals(other))
            }
            (Self::Object(own), Other::Object(other)) => {
                let is_in = |(name, own): (&str, &Self)| other.get(name).is_some_and(|other| own.equals(other));
                own.0.len() == other.len() && own.iter().all(is_in)
            }
            _ => false,
        }
    }

    fn borrow(value: &'a serde_json::Value, arena: &'a Arena, depth: usize) -> Self {
        if depth > MAX_DEPTH {
            return Self::Null;
        }
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(Number(number.as_str())),
            serde_json::Value::String(text) => Self::String(text),
            serde_json::Value::Array(items) => {
                Self::Array(arena.alloc_slice_fill_iter(items.iter().map(|item| Self::borrow(item, arena, depth + 1))))
            }
            serde_json::Value::Object(members) => {
                let member = |(name, value): (&'a String, &'a serde_json::Value)| {
                    (name.as_str(), Self::borrow(value, arena, depth + 1))
                };
                Self::Object(Map(arena.alloc_slice_fill_iter(members.iter().map(member))))
            }
        }
    }
}

/// As JSON text without white space.
impl fmt::Display for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let string = |text: &str| serde_json::to_string(text).map_err(|_| fmt::Error);
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Number(number) => formatter.write_str(number.as_str()),
            Self::String(text) => formatter.write_str(&string(text)?),
            Self::Array(items) => {
                formatter.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(formatter, "{}{item}", if at == 0 { "" } else { "," })?;
                }
                formatter.write_str("]")
            }
            Self::Object(members) => {
                formatter.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(formatter, "{}{}:{value}", if at == 0 { "" } else { "," }, string(name)?)?;
                }
                formatter.write_str("}")
            }
        }
    }
}

impl<'a> Map<'a> {
    /// An object without members.
    pub const fn new() -> Self {
        Self(&[])
    }

    /// The members, which must have different names.
    pub(super) fn from_members(members: &'a [Member<'a>]) -> Self {
        Self(members)
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&'a Value<'a>> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether there is a member of this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value<'a>)> + use<'a> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Names in order.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Values in order.
    pub fn values(&self) -> impl Iterator<Item = &'a Value<'a>> + use<'a> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Map<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl<'a> Number<'a> {
    /// A number of this text, which must be a JSON number. An exponent is written as `serde_json` writes it, `e+2`.
    pub(super) fn of(text: &'a str, arena: &'a Arena) -> Self {
        if !text.contains(['e', 'E']) {
            return Self(text);
        }
        let number = text.parse::<serde_json::Number>();
        Self(number.map_or(text, |number| arena.alloc_str(number.as_str())))
    }

    /// The text.
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

/// A value for a test, which lasts as long as the test runs.
#[cfg(test)]
impl<'a> From<&'a serde_json::Value> for Value<'a> {
    fn from(value: &'a serde_json::Value) -> Self {
        Self::of(value, Box::leak(Box::new(Arena::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_says_what_the_other_says() {
        let other: serde_json::Value =
            serde_json::from_str(r#"{"a":[1.50,-2e3,true,null,"x\"\n"],"b":{"c":{"d":"e"}},"":{}}"#).unwrap();
        let value = Value::from(&other);
        assert_eq!(value.to_string(), other.to_string());
        assert!(value.equals(&other));
        assert_eq!(value.at(&["b", "c", "d"]).and_then(Value::as_str), Some("e"));
        assert_eq!(value.at(&["b", "x", "d"]), None);
        assert_eq!(value.get("a").and_then(Value::as_array).map(<[_]>::len), Some(5));
    }

    #[test]
    fn objects_are_equal_in_any_order_and_numbers_by_their_text() {
        let (one, two) = (json!({"a": 1, "b": [1, 2]}), json!({"b": [1, 2], "a": 1}));
        assert_eq!(Value::from(&one), Value::from(&two));
        assert!(Value::from(&one).equals(&two));
        for other in [json!({"a": 1}), json!({"a": 1, "b": [2, 1]}), json!({"a": 1, "c": [1, 2]})] {
            assert_ne!(Value::from(&one), Value::from(&other));
            assert!(!Value::from(&one).equals(&other));
        }
        let [short, long]: [serde_json::Value; 2] = serde_json::from_str("[1.5,1.50]").unwrap();
        assert_ne!(Value::from(&short), Value::from(&long));
        assert!(!Value::from(&short).equals(&long));
    }

    #[test]
    fn nothing_is_deeper_than_the_limit() {
        let deep = (0..2 * MAX_DEPTH).fold(json!(1), |inner, _| json!([inner]));
        let deep = Value::from(&deep);
        let mut value = &deep;
        let mut levels = 0;
        while let Some([inner]) = value.as_array() {
            (value, levels) = (inner, levels + 1);
        }
        assert_eq!((levels, value), (MAX_DEPTH + 1, &Value::Null));
    }
}
