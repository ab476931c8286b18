//! How the documents begin that may come with a referral (HIS 1208:2018, section 5.1.2: pdf, jpg and png): what a sender calls
//! a document is no proof of what it is.

/// Media types, and how the content of each begins.
const BEGINNINGS: [(&str, &[u8]); 3] =
    [(PDF, b"%PDF-"), ("image/jpeg", b"\xff\xd8\xff"), ("image/png", b"\x89PNG\r\n\x1a\n")];
const PDF: &str = "application/pdf";

/// Bytes in which a PDF must begin (ISO 32000-1, annex H.3, implementation note 13).
const PDF_HEADER: usize = 1024;

/// Whether documents of a media type are received.
pub fn is_received(content_type: &str) -> bool {
    BEGINNINGS.iter().any(|(name, _)| *name == content_type)
}

/// Whether the content begins as its media type does; of one that is not in the list nothing is known, so that it does not.
pub fn begins_as(content_type: &str, bytes: &[u8]) -> bool {
    let known = BEGINNINGS.iter().find(|(name, _)| *name == content_type);
    known.is_some_and(|(name, beginning)| match *name {
        PDF => bytes.get(..PDF_HEADER).unwrap_or(bytes).windows(beginning.len()).any(|window| window == *beginning),
        _ => bytes.starts_with(beginning),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_begins_as_its_type() {
        let late = [vec![b' '; 1019], b"%PDF-".to_vec()].concat();
        for (content_type, bytes, expected) in [
            (PDF, b"%PDF-1.4".as_slice(), true),
            (PDF, &late, true),
            (PDF, &[b" ", late.as_slice()].concat(), false),
            (PDF, b"MZ\x90\x00\x03", false),
            (PDF, b"", false),
            ("image/png", b"\x89PNG\r\n\x1a\n...", true),
            ("image/png", b"\xff\xd8\xff\xe0", false),
            ("image/jpeg", b"\xff\xd8\xff\xe0", true),
            ("text/plain", b"text", false),
        ] {
            assert_eq!(begins_as(content_type, bytes), expected, "{content_type}");
        }
    }
}
