//! Documents that are made to do harm: refused with a code, in bounded memory.

use std::io::{Cursor, Read};

use impress_gateway::domain::issue::IssueCode;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::henvisning::{load, looks_like};

use super::{golden, translate, translate_with};

const HEAD: &str = "<MsgHead xmlns=\"http://www.kith.no/xmlstds/msghead/2006-05-24\">";

fn codes(message: &[u8]) -> Vec<&'static str> {
    let (result, account) = translate(message);
    assert!(result.is_err());
    account.issues.iter().map(|issue| issue.code.as_str()).collect()
}

#[test]
fn hostile_documents_are_refused_each_with_its_code() {
    let laughs: String =
        (1..=9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
    for (text, code) in [
        (format!("<!DOCTYPE MsgHead [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{HEAD}&x;</MsgHead>"), "xml.doctype"),
        (format!("<!DOCTYPE MsgHead [<!ENTITY l0 \"ha\">{laughs}]>{HEAD}&l9;</MsgHead>"), "xml.doctype"),
        (format!("{HEAD}<MsgInfo{attributes}/></MsgHead>"), "xml.too-large"),
        (format!("{HEAD}{}", "<Organisation>".repeat(1_000_000)), "xml.too-deep"),
        (format!("{HEAD}{}</MsgHead>", "<Document/>".repeat(300_000)), "xml.too-large"),
        ("\u{feff}".to_owned(), "xml.invalid"),
    ] {
        assert_eq!(codes(text.as_bytes()), [code, "henvisning.unreadable"]);
    }
    assert_eq!(
        codes(b"<?xml version='1.0' encoding='EBCDIC-CP-NO'?><a/>"),
        ["xml.encoding-unsupported", "henvisning.unreadable"]
    );
}

/// A source that counts what is taken from it.
struct Counted<R>(R, u64);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read as u64;
        Ok(read)
    }
}

#[test]
fn a_gigabyte_is_refused_after_the_limit() {
    let start = format!("{HEAD}<Document><RefDoc><Content><Base64Container>");
    let mut source = Counted(Cursor::new(start.into_bytes()).chain(std::io::repeat(b'A').take(1 << 30)), 0);
    let limits = Limits { message_bytes: 1 << 20, ..Limits::default() };
    let error = load(&mut source, &limits).unwrap().unwrap_err();
    assert_eq!((error.code, source.1), (IssueCode::XmlTooLarge, (1 << 20) + 1));
    let small = load(Cursor::new(golden("videre-new")), &limits).unwrap().unwrap();
    assert_eq!(small, golden("videre-new"));
}

#[test]
fn an_attachment_larger_than_the_limit_is_refused() {
    let limits = Limits { attachment_bytes: 10, ..Limits::default() };
    let (result, account) = translate_with(&golden("videre-new"), &limits, SyntheticNumbers::Accepted);
    assert!(result.is_err());
    let codes: Vec<_> = account.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [IssueCode::HenvisningAttachmentTooLarge]);
}

#[test]
fn a_message_is_known_by_its_beginning() {
    for case in ["videre-new", "v1.1-new", "v1.0-new", "refused-version"] {
        assert!(looks_like(&golden(case)), "{case}");
    }
    let utf_16: Vec<u8> =
        String::from_utf8(golden("videre-new")).unwrap().encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(looks_like(&utf_16));
    for other in [&b""[..], b"MSH|^~\\&|", b"{\"resourceType\":\"Bundle\"}", b"<rr:ResultsReport/>"] {
        assert!(!looks_like(other));
    }
}
