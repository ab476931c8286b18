//! The XHTML of a narrative.

use crate::fhir::value::Value;

use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[("txt-1", txt_1), ("txt-2", txt_2)];

/// Elements of HTML 4.0 chapters 7 to 11 (without section 4 of chapter 9) and 15, `a` and `img` (FHIR R4 narrative).
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// Attributes of these elements; event handlers and form attributes are not among them.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "border",
    "cellpadding",
    "cellspacing",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "compact",
    "coords",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "id",
    "ismap",
    "lang",
    "longdesc",
    "name",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "colspan",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "title",
    "type",
    "usemap",
    "valign",
    "value",
    "width",
    "xml:lang",
    "xml:space",
    "xmlns",
];

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// txt-1: `htmlChecks()`: "The narrative SHALL contain only the basic html formatting elements and attributes described in
/// chapters 7-11 (except section 4 of chapter 9) and 15 of the HTML 4.0 standard, `<a>` elements (either name or href),
/// images and internally contained style attributes"
fn txt_1(div: &Value, _: &Context<'_>) -> bool {
    div.as_str().is_none_or(|text| read(text).is_some())
}

/// txt-2: `htmlChecks()`: "The narrative SHALL have some non-whitespace content"; an image is content. Text that is no
/// XHTML is left to txt-1.
fn txt_2(div: &Value, _: &Context<'_>) -> bool {
    div.as_str().and_then(read).is_none_or(|has_content| has_content)
}

/// Whether the `div` has content; `None` where it is not well-formed or holds what it must not.
fn read(text: &str) -> Option<bool> {
    let mut open: Vec<&str> = Vec::new();
    let mut has_content = false;
    let mut rest = text.trim();
    let mut is_first = true;
    while !rest.is_empty() {
        let (before, markup) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        let is_blank = before.trim().is_empty();
        decoded(before)?;
        // Before, between and after top elements there is no text.
        if open.is_empty() && !is_blank {
            return None;
        }
        has_content |= !is_blank;
        if markup.is_empty() {
            break;
        }
        if let Some(comment) = markup.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let end = tag_end(markup)?;
        let tag = markup.get(1..end)?;
        rest = markup.get(end + 1..)?;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop()? != name.trim_end() {
                return None;
            }
            continue;
        }
        if open.is_empty() && !is_first {
            return None;
        }
        let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = read_tag(tag, is_first)?;
        has_content |= name == "img";
        is_first = false;
        if !is_closed {
            open.push(name);
        }
    }
    (open.is_empty() && !is_first).then_some(has_content)
}

/// Text with its references resolved; `None` where one is none of XML (R4 narrative: entities of HTML are not supported), or an
/// ampersand stands alone.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once(';')?;
        let character = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let hexadecimal = number.strip_prefix('x').map(|digits| u32::from_str_radix(digits, 16));
                char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)?
            }
        };
        decoded.push(character);
        decoded.push_str(after);
    }
    Some(decoded)
}

/// Whether a link leads to a place in the text, a web page, an address, or an image inside; never to code. Browsers pass over
/// control characters and blanks in a scheme.
fn is_harmless(link: &str) -> bool {
    let link: String = link.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let link = link.to_ascii_lowercase();
    let Some((scheme, _)) = link.split_once(':') else { return true };
    // A colon after the path has begun is none of a scheme.
    scheme.contains(['/', '#', '?'])
        || matches!(scheme, "http" | "https" | "mailto" | "tel" | "urn")
        || link.starts_with("data:image/")
}

/// The byte of the `>` that ends a tag; one in a quoted value does not.
fn tag_end(markup: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The name of a start tag whose name and attributes are allowed; the first must be the XHTML `div`.
fn read_tag(tag: &str, is_first: bool) -> Option<&str> {
    let (name, mut rest) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
    let mut has_namespace = false;
    let mut seen: Vec<&str> = Vec::new();
    if !ELEMENTS.contains(&name) {
        return None;
    }
    while !rest.trim().is_empty() {
        let (attribute, after) = rest.split_once('=')?;
        let attribute = attribute.trim();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after.get(1..)?.split_once(quote)?;
        let decoded = decoded(value)?;
        let is_link = matches!(attribute, "href" | "src" | "cite" | "longdesc" | "usemap" | "background");
        let is_repeated = seen.contains(&attribute);
        if !ATTRIBUTES.contains(&attribute) || value.contains('<') || is_repeated || (is_link && !is_harmless(&decoded))
        {
            return None;
        }
        seen.push(attribute);
        has_namespace |= attribute == "xmlns" && value == XHTML;
        rest = next;
    }
    (!is_first || (name == "div" && has_namespace)).then_some(name)
}
