//! Header lines: `##key=value` and `##key=<name=value,...>`.
//!
//! Real headers break the grammar: an id that is itself in angle brackets (`##ALT=<ID=<M>,...>`), a key without a name
//! (`##QUAL=<Description=...>`), a date as key (`##20260807=fileDate=...`). None of that hides what is needed.

/// Key and value of a header line; `None` where the line has no `=`.
pub(in crate::sources::tso500::vcf) fn split(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("##")?.split_once('=')
}

/// The value of `name` in `<name=value,...>`, without quotes.
pub(in crate::sources::tso500::vcf) fn attribute<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = value.strip_prefix('<')?;
    rest = rest.strip_suffix('>').unwrap_or(rest);
    while !rest.is_empty() {
        let end = end_of_attribute(rest);
        let (attribute, after) = rest.split_at_checked(end)?;
        if let Some((key, value)) = attribute.split_once('=')
            && key.trim() == name
        {
            let value = value.trim();
            return Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value));
        }
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    None
}

/// Where the first attribute ends: at a comma outside quotes.
fn end_of_attribute(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_key_and_a_value() {
        for (line, expected) in [
            ("##source=SpliceGirl 1.0.0.614", Some(("source", "SpliceGirl 1.0.0.614"))),
            ("##20260807=fileDate=20260101=20260807", Some(("20260807", "fileDate=20260101=20260807"))),
            ("##QUAL=<Description=\"x\">", Some(("QUAL", "<Description=\"x\">"))),
            ("##fileformat=", Some(("fileformat", ""))),
            ("##no value", None),
            ("#CHROM\tPOS", None),
        ] {
            assert_eq!(split(line), expected, "{line}");
        }
    }

    #[test]
    fn attributes_are_found_whatever_surrounds_them() {
        for (value, name, expected) in [
            ("<ID=chr1,length=249250621>", "length", Some("249250621")),
            ("<ID=<M>,Description=\"There is an overlapping other allele\">", "ID", Some("<M>")),
            ("<ID=Undetermined,Number=1,Type=String,Description=\"a, b\">", "Type", Some("String")),
            ("<ID=q,Description=\"a, Number=9, \\\"b\\\", c\",Number=R>", "Number", Some("R")),
            (
                "<ID=dragen,Version=\"SW: 07.021.624.3.11.2, HW: 07.021.624\">",
                "Version",
                Some("SW: 07.021.624.3.11.2, HW: 07.021.624"),
            ),
            ("<Description=\"not Phred-scaled\">", "ID", None),
            ("<ID=chr1", "ID", Some("chr1")),
            ("<ID=\"open", "ID", Some("\"open")),
            ("<,,ID=a>", "ID", Some("a")),
            ("<>", "ID", None),
            ("chr1", "ID", None),
            ("", "ID", None),
        ] {
            assert_eq!(attribute(value, name), expected, "{value} {name}");
        }
    }
}
