//! Where the values of a JSON text stand.

/// The line, from 1, of each value that is neither object nor array, in the order of the text; `text` is valid JSON.
pub(super) fn lines(text: &[u8]) -> Vec<u32> {
    let (mut found, mut line, mut at) = (Vec::new(), 1_u32, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' => line = line.saturating_add(1),
            b'"' => {
                at = end_of_string(text, at);
                if !is_key(text, at + 1) {
                    found.push(line);
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                found.push(line);
                let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
                let length = text.get(at..).unwrap_or_default().iter().take_while(is_part).count();
                at += length.saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The closing quotation mark of the string that begins at `at`.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => break,
            _ => at += 1,
        }
    }
    at
}

fn is_key(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_line() {
        let text = b"{\"a\": \"x:\\\"\",\n \"b\" : [1.5e-3,\n true, null],\n\"c\":{},\"d\":\"1\"}";
        assert_eq!(lines(text), [1, 2, 3, 3, 4]);
    }
}
