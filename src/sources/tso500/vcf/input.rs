//! The bytes of a VCF: plain, gzip or bgzip, told by their first bytes, never more than one line of them in memory.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Cursor, ErrorKind, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::domain::issue::IssueCode;
use crate::domain::limits::{Limits, VcfLimits};

/// Why a file is not read further; none of its lines is used.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) code: IssueCode,
    pub(super) line: Option<u32>,
    pub(super) text: String,
}

impl Stop {
    pub(super) fn new(code: IssueCode, text: impl Into<String>) -> Self {
        Self { code, line: None, text: text.into() }
    }

    pub(super) fn at(code: IssueCode, line: u32, text: impl Into<String>) -> Self {
        Self { code, line: Some(line), text: text.into() }
    }
}

/// One line, without its line break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Number, from 1.
    pub(super) number: u32,
    pub(super) bytes: &'a [u8],
    /// Whether the line ends in a line break.
    pub(super) is_terminated: bool,
}

/// The lines of a file.
pub(super) struct Lines<'r> {
    input: Box<dyn BufRead + 'r>,
    progress: Rc<RefCell<Progress>>,
    is_gzip: bool,
    is_bgzip: bool,
    /// Bytes that the file has, as its owner says.
    length: u64,
    buffer: Vec<u8>,
    number: u32,
    bytes: u64,
    line_bytes: usize,
    limits: VcfLimits,
}

const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
/// A gzip member with the extra field of a bgzip block (SAM specification 4.1).
const BGZIP_FIELD: (usize, &[u8]) = (12, b"BC\x02\x00");
/// The empty block with which a whole bgzip file ends (SAM specification 4.1.2).
const BGZIP_END: [u8; 28] = *b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";
const UTF16_BOMS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
/// Bytes by which the content is known.
const HEAD_BYTES: u64 = 512;
const CHUNK: usize = 64 << 10;

impl<'r> Lines<'r> {
    /// Looks at the first bytes and reads no further.
    ///
    /// Errors: `folder.entry-unreadable`, `file.empty`, `file.encoding-invalid` (UTF-16), `vcf.content-unknown`.
    pub(super) fn open(mut reader: impl Read + 'r, length: u64, limits: &Limits) -> Result<Self, Stop> {
        let mut head = Vec::new();
        reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        let is_gzip = head.starts_with(GZIP_MAGIC);
        let (at, field) = BGZIP_FIELD;
        let is_bgzip = is_gzip && head.get(at..).is_some_and(|rest| rest.starts_with(field));
        if !is_gzip {
            check_text(&head)?;
        }
        let progress = Rc::new(RefCell::new(Progress::default()));
        let whole = Cursor::new(head).chain(reader);
        let counted = BufReader::with_capacity(CHUNK, Counted { reader: whole, progress: Rc::clone(&progress) });
        let input: Box<dyn BufRead + 'r> = if is_gzip {
            Box::new(BufReader::with_capacity(CHUNK, MultiGzDecoder::new(counted)))
        } else {
            Box::new(counted)
        };
        Ok(Self {
            input,
            progress,
            is_gzip,
            is_bgzip,
            length,
            buffer: Vec::new(),
            number: 0,
            bytes: 0,
            line_bytes: limits.line_bytes,
            limits: limits.vcf.clone(),
        })
    }

    /// Goes to the next line; false at the end of the file.
    ///
    /// Errors: those of a damaged or cut-off compressed file, and every limit, with the line at which it was met.
    pub(super) fn advance(&mut self) -> Result<bool, Stop> {
        self.buffer.clear();
        // Room for the longest line with `\r\n`, and a byte more that shows a longer one.
        let most = self.line_bytes as u64 + 3;
        let read = self.input.by_ref().take(most).read_until(b'\n', &mut self.buffer);
        let line = self.number.saturating_add(1);
        match read {
            Err(error) => return Err(self.damaged(&error, line)),
            Ok(0) => return self.finish(),
            Ok(length) => self.bytes += length as u64,
        }
        self.number = line;
        self.check_limits()?;
        if !self.buffer.ends_with(b"\n") {
            // The last line: whether the file is whole is asked before the line is used.
            self.finish()?;
        }
        if line == 1 && self.buffer.starts_with(UTF8_BOM) {
            self.buffer.drain(..UTF8_BOM.len());
        }
        Ok(true)
    }

    /// The line that [`Self::advance`] went to.
    pub(super) fn line(&self) -> Line<'_> {
        let terminated = self.buffer.strip_suffix(b"\n");
        let bytes = terminated.unwrap_or(&self.buffer);
        Line {
            number: self.number,
            bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes),
            is_terminated: terminated.is_some(),
        }
    }

    fn check_limits(&self) -> Result<(), Stop> {
        let limits = &self.limits;
        let stop = |code, text: String| Err(Stop::at(code, self.number, text));
        if self.line().bytes.len() > self.line_bytes {
            return stop(IssueCode::FileLineTooLong, format!("the line is longer than {} bytes", self.line_bytes));
        }
        if self.number > limits.lines {
            return stop(IssueCode::FileTooManyLines, format!("the file has more than {} lines", limits.lines));
        }
        if self.bytes > limits.bytes {
            return stop(IssueCode::FileTooLarge, format!("the text is larger than {} bytes", limits.bytes));
        }
        let compressed = self.progress.borrow().bytes.max(1);
        if self.is_gzip && self.bytes > limits.ratio_from && self.bytes / compressed > limits.ratio {
            let text = format!("{} bytes expand to {}: more than {} times", compressed, self.bytes, limits.ratio);
            return stop(IssueCode::VcfRatioExceeded, text);
        }
        Ok(())
    }

    /// The end of the text is the end of the file only if nothing of it is missing.
    fn finish(&self) -> Result<bool, Stop> {
        let progress = self.progress.borrow();
        if self.is_bgzip && progress.last != BGZIP_END {
            let text = "the block that ends a bgzip file is missing: the file is cut off";
            return Err(Stop::new(IssueCode::VcfGzipInvalid, text));
        }
        if progress.bytes != self.length {
            return Err(Stop::new(IssueCode::FileChanged, "the file changed while it was read"));
        }
        if self.bytes == 0 {
            return Err(Stop::new(IssueCode::FileEmpty, "the file is empty"));
        }
        Ok(false)
    }

    fn damaged(&self, error: &std::io::Error, line: u32) -> Stop {
        let is_stream =
            matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput);
        if self.is_gzip && is_stream {
            let text = match error.kind() {
                ErrorKind::UnexpectedEof => "the compressed file is cut off",
                _ => "the compressed file is damaged: its checksum or structure is wrong",
            };
            Stop::at(IssueCode::VcfGzipInvalid, line, text)
        } else {
            unreadable(error)
        }
    }
}

fn unreadable(error: &std::io::Error) -> Stop {
    Stop::new(IssueCode::FolderEntryUnreadable, format!("cannot be read: {}", error.kind()))
}

/// A VCF is text: no control characters but tabs and line breaks.
fn check_text(head: &[u8]) -> Result<(), Stop> {
    if head.is_empty() {
        return Err(Stop::new(IssueCode::FileEmpty, "the file is empty"));
    }
    if UTF16_BOMS.iter().any(|bom| head.starts_with(bom)) {
        return Err(Stop::at(IssueCode::FileEncodingInvalid, 1, "the file is UTF-16; write it as UTF-8"));
    }
    let is_control = |&byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    if head.iter().any(is_control) {
        let text = "the first bytes are neither text nor those of a gzip file";
        return Err(Stop::new(IssueCode::VcfContentUnknown, text));
    }
    Ok(())
}

/// How much of a file was read, and how it ended.
#[derive(Debug, Default)]
struct Progress {
    bytes: u64,
    last: [u8; BGZIP_END.len()],
}

impl Progress {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let keep = bytes.len().min(self.last.len());
        self.last.rotate_left(keep);
        let kept = self.last.len() - keep;
        for (last, byte) in self.last.iter_mut().skip(kept).zip(bytes.iter().skip(bytes.len() - keep)) {
            *last = *byte;
        }
    }
}

/// A reader that notes what was read.
struct Counted<R> {
    reader: R,
    progress: Rc<RefCell<Progress>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.progress.borrow_mut().add(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
