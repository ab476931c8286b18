//! Text files: bounded reading, encoding, lines.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::accounting::Account;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;

/// A text file held in memory.
#[derive(Debug, Clone)]
pub struct Text {
    /// Name relative to the folder that was given.
    pub file: Arc<str>,
    content: Vec<u8>,
    /// SHA-256 of the bytes as read, for telling identical copies.
    pub sha256: [u8; 32],
}

/// One line, without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number, from 1.
    pub number: u32,
    /// The text; `None` where it is not UTF-8.
    pub text: Option<&'a str>,
}

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";
const UTF16_BOMS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

impl Text {
    /// Takes the bytes of `file`.
    ///
    /// Errors: `file.empty` (nothing but a byte order mark or blanks), `file.encoding-invalid` (UTF-16, or NUL bytes).
    pub fn from_bytes(file: &Arc<str>, content: Vec<u8>) -> Result<Self, Issue> {
        let sha256 = Sha256::digest(&content).into();
        if UTF16_BOMS.iter().any(|bom| content.starts_with(bom)) {
            let text = "the file is UTF-16; write it as UTF-8";
            return Err(Issue::new(IssueCode::FileEncodingInvalid, Location::file(file).line(1), text));
        }
        if let Some(at) = content.iter().position(|&byte| byte == 0) {
            let line = content.iter().take(at).filter(|&&byte| byte == b'\n').count();
            let place = Location::file(file).line(u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1));
            return Err(Issue::new(
                IssueCode::FileEncodingInvalid,
                place,
                "the file has NUL bytes: not text, or UTF-16",
            ));
        }
        let blank = content.strip_prefix(UTF8_BOM).unwrap_or(&content).iter().all(u8::is_ascii_whitespace);
        if blank {
            return Err(Issue::new(IssueCode::FileEmpty, Location::file(file), "the file is empty"));
        }
        Ok(Self { file: Arc::clone(file), content, sha256 })
    }

    /// The lines; a carriage return before the line break and a byte order mark are not part of them.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let content = self.content.strip_prefix(UTF8_BOM).unwrap_or(&self.content);
        // Old spreadsheet programs end lines with a lone carriage return.
        let line_break = if content.contains(&b'\n') { b'\n' } else { b'\r' };
        content.split(move |&byte| byte == line_break).zip(1..).map(|(bytes, number)| {
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            Line { number, text: std::str::from_utf8(bytes).ok() }
        })
    }

    /// The whole text without byte order mark; `None` where it is not UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.content.strip_prefix(UTF8_BOM).unwrap_or(&self.content)).ok()
    }

    /// The same text in UTF-8: one that is not is read as ISO-8859-1, where every byte is a character, and
    /// `file.encoding-latin-1` is raised. For files that people edit with spreadsheet programs.
    pub fn or_latin_1(&self, account: &mut Account) -> Cow<'_, Self> {
        if std::str::from_utf8(&self.content).is_ok() {
            return Cow::Borrowed(self);
        }
        let words = "the file is not UTF-8; it was read as ISO-8859-1";
        account.issue(IssueCode::FileEncodingLatin1, Location::file(&self.file), words);
        let content: String = self.content.iter().map(|&byte| char::from(byte)).collect();
        Cow::Owned(Self { file: Arc::clone(&self.file), content: content.into_bytes(), sha256: self.sha256 })
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.content.len() as u64
    }

    /// Whether the last line ends in a line break.
    pub fn ends_in_line_break(&self) -> bool {
        matches!(self.content.last(), Some(b'\n' | b'\r'))
    }
}

/// Reads a whole file within the limits.
///
/// Errors: `folder.entry-unreadable`, `file.too-large`, `file.line-too-long`, `file.too-many-lines`,
/// `file.changed-while-read` (length or modification time differ before and after).
pub fn read(path: &Path, file: &Arc<str>, limits: &Limits) -> Result<Vec<u8>, Issue> {
    let unreadable = |error: std::io::Error| {
        Issue::new(IssueCode::FolderEntryUnreadable, Location::file(file), format!("cannot be read: {}", error.kind()))
    };
    // Asked before opening: opening a named pipe waits for a writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Issue::new(IssueCode::FolderEntryUnreadable, Location::file(file), "is not a regular file"));
    }
    let mut handle = File::open(path).map_err(unreadable)?;
    let before = handle.metadata().map_err(unreadable)?;
    let mut scan = Scan::default();
    let mut content = Vec::with_capacity(usize::try_from(before.len().min(limits.file_bytes)).unwrap_or(0));
    let mut chunk = vec![0; 64 << 10];
    loop {
        let length = handle.read(&mut chunk).map_err(unreadable)?;
        let Some(bytes) = chunk.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
        scan.check(bytes, file, limits)?;
        if (content.len() + bytes.len()) as u64 > limits.file_bytes {
            let text = format!("the file is larger than {} bytes", limits.file_bytes);
            return Err(Issue::new(IssueCode::FileTooLarge, Location::file(file), text));
        }
        content.extend_from_slice(bytes);
    }
    let after = handle.metadata().map_err(unreadable)?;
    let state = |metadata: &std::fs::Metadata| (metadata.len(), metadata.modified().ok());
    if has_changed(&state(&before), &state(&after), content.len() as u64) {
        return Err(Issue::new(IssueCode::FileChanged, Location::file(file), "the file changed while it was read"));
    }
    Ok(content)
}

/// Whether length or modification time differ before and after reading, or what was read is not as long as the file.
fn has_changed<T: PartialEq>(before: &(u64, T), after: &(u64, T), read: u64) -> bool {
    before != after || after.0 != read
}

/// Line lengths and counts over the chunks of a file, so that a never-ending line is refused before it is in memory.
#[derive(Default)]
struct Scan {
    lines: usize,
    line_bytes: usize,
    cells: usize,
}

impl Scan {
    fn check(&mut self, bytes: &[u8], file: &Arc<str>, limits: &Limits) -> Result<(), Issue> {
        self.cells += bytes.iter().filter(|&&byte| byte == b'\t').count();
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line_bytes += part.len();
            let line = u32::try_from(self.lines).unwrap_or(u32::MAX).saturating_add(1);
            if self.line_bytes > limits.line_bytes {
                let text = format!("the line is longer than {} bytes", limits.line_bytes);
                return Err(Issue::new(IssueCode::FileLineTooLong, Location::file(file).line(line), text));
            }
            if part.ends_with(b"\n") {
                self.lines += 1;
                self.line_bytes = 0;
                if self.lines > limits.file_lines {
                    let text = format!("the file has more than {} lines", limits.file_lines);
                    return Err(Issue::new(IssueCode::FileTooManyLines, Location::file(file).line(line), text));
                }
            }
        }
        if self.cells > limits.file_cells {
            let text = format!("the file has more than {} cells", limits.file_cells);
            return Err(Issue::new(IssueCode::FileTooLarge, Location::file(file), text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<Text, IssueCode> {
        Text::from_bytes(&Arc::from("a.tsv"), bytes.to_vec()).map_err(|issue| issue.code)
    }

    #[test]
    fn line_breaks_and_byte_order_marks_are_not_content() {
        for bytes in [&b"a\nb\n"[..], b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb\n", b"a\rb\r"] {
            let text = text(bytes).unwrap();
            let lines: Vec<_> = text.lines().map(|line| (line.number, line.text)).collect();
            assert_eq!(lines, [(1, Some("a")), (2, Some("b")), (3, Some(""))], "{bytes:?}");
            assert!(text.ends_in_line_break());
        }
        assert!(!text(b"a\nb").unwrap().ends_in_line_break());
    }

    #[test]
    fn other_encodings_are_refused_where_they_are() {
        assert_eq!(text(b"").err(), Some(IssueCode::FileEmpty));
        assert_eq!(text(b"\xef\xbb\xbf \r\n\t").err(), Some(IssueCode::FileEmpty));
        assert_eq!(text(b"\xff\xfea\0").err(), Some(IssueCode::FileEncodingInvalid));
        assert_eq!(text(b"a\0b\0").err(), Some(IssueCode::FileEncodingInvalid));
        let latin_1 = text(b"a\n\xe6\xf8\xe5\nb").unwrap();
        assert_eq!(latin_1.lines().map(|line| line.text).collect::<Vec<_>>(), [Some("a"), None, Some("b")]);
    }

    #[test]
    fn text_that_is_not_utf_8_can_be_read_as_latin_1() {
        for (bytes, expected, codes) in [
            (&b"a\xf8\tb\r\n"[..], "a\u{f8}\tb", vec![IssueCode::FileEncodingLatin1]),
            ("a\u{f8}\tb\n".as_bytes(), "a\u{f8}\tb", vec![]),
            (b"ab\n", "ab", vec![]),
        ] {
            let mut account = Account::default();
            let as_read = text(bytes).unwrap();
            let text = as_read.or_latin_1(&mut account);
            assert_eq!(text.lines().next().and_then(|line| line.text), Some(expected), "{bytes:?}");
            assert_eq!(account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), codes, "{bytes:?}");
            assert_eq!(text.sha256, as_read.sha256);
        }
    }

    #[test]
    fn a_change_during_reading_is_seen() {
        assert!(!has_changed(&(5, 1), &(5, 1), 5));
        for (before, after, read) in
            [((5, 1), (6, 1), 6), ((5, 1), (5, 2), 5), ((5, 1), (5, 1), 4), ((6, 1), (5, 2), 5)]
        {
            assert!(has_changed(&before, &after, read), "{before:?} {after:?} {read}");
        }
    }

    #[test]
    fn a_pipe_or_folder_is_not_waited_for() {
        let limits = Limits::default();
        let issue = read(Path::new("/"), &Arc::from("x"), &limits).unwrap_err();
        assert_eq!((issue.code, issue.text.as_str()), (IssueCode::FolderEntryUnreadable, "is not a regular file"));
    }

    #[test]
    fn many_cells_are_refused() {
        let limits = Limits { file_cells: 3, ..Limits::default() };
        let issue = Scan::default().check(b"a\tb\tc\nd\te\tf\n", &Arc::from("a.tsv"), &limits).unwrap_err();
        assert_eq!(issue.code, IssueCode::FileTooLarge);
    }

    #[test]
    fn a_long_line_is_refused_across_chunks() {
        let limits = Limits { line_bytes: 10, file_lines: 2, ..Limits::default() };
        let file = Arc::from("a.tsv");
        let mut scan = Scan::default();
        assert!(scan.check(b"12345\n123456", &file, &limits).is_ok());
        let issue = scan.check(b"78901", &file, &limits).unwrap_err();
        assert_eq!((issue.code, issue.location.line), (IssueCode::FileLineTooLong, Some(2)));
        let issue = Scan::default().check(b"\n\n\n", &file, &limits).unwrap_err();
        assert_eq!((issue.code, issue.location.line), (IssueCode::FileTooManyLines, Some(3)));
    }
}
