//! The shape of a sample id, without its codes.

/// Longest text after the id proper.
const MAX_TAIL: usize = 32;

/// The elements as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) project: &'a str,
    pub(super) nucleic_acid: &'a str,
    pub(super) assay: &'a str,
    pub(super) sample_type: &'a str,
    pub(super) attempt: char,
    pub(super) replicate: char,
    pub(super) material: &'a str,
    pub(super) tumour_site: &'a str,
}

/// Three capitals and four digits; capital and two digits; letter and two digits; capital and two digits; then nothing, or
/// a tail that starts with `_` or `-`. Two digits may be `XX` where they are a code.
pub(super) fn parse(text: &str) -> Option<Parts<'_>> {
    let mut rest = text;
    let project = take(&mut rest, 3, |byte| byte.is_ascii_uppercase())?;
    take(&mut rest, 4, |byte| byte.is_ascii_digit())?;
    take_hyphen(&mut rest)?;
    let nucleic_acid = take(&mut rest, 1, |byte| byte.is_ascii_uppercase())?;
    let assay = take_two_digits(&mut rest)?;
    take_hyphen(&mut rest)?;
    let sample_type = take(&mut rest, 1, |byte| byte.is_ascii_alphabetic())?;
    let attempt = take_digit(&mut rest)?;
    let replicate = take_digit(&mut rest)?;
    take_hyphen(&mut rest)?;
    let material = take(&mut rest, 1, |byte| byte.is_ascii_uppercase())?;
    let tumour_site = take_two_digits(&mut rest)?;
    is_tail(rest).then_some(Parts {
        project,
        nucleic_acid,
        assay,
        sample_type,
        attempt,
        replicate,
        material,
        tumour_site,
    })
}

fn take<'a>(rest: &mut &'a str, length: usize, accept: impl Fn(u8) -> bool) -> Option<&'a str> {
    let (taken, remaining) = rest.split_at_checked(length)?;
    if !taken.bytes().all(accept) {
        return None;
    }
    *rest = remaining;
    Some(taken)
}

fn take_digit(rest: &mut &str) -> Option<char> {
    take(rest, 1, |byte| byte.is_ascii_digit())?.chars().next()
}

fn take_two_digits<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let code = take(rest, 2, |byte| byte.is_ascii_digit() || byte == b'X')?;
    (code == "XX" || !code.contains('X')).then_some(code)
}

fn take_hyphen(rest: &mut &str) -> Option<()> {
    take(rest, 1, |byte| byte == b'-').map(|_| ())
}

fn is_tail(text: &str) -> bool {
    text.is_empty()
        || (text.len() <= MAX_TAIL
            && text.starts_with(['_', '-'])
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')))
}
