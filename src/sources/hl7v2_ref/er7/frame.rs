//! From bytes to the header line: frame, size, what else than a message it can be, delimiters.

use super::character_set::doubt;
use super::{CharacterSet, Defect, Delimiters, Message, Place, segments};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;

/// Start and end of a block (MLLP; HL7 v2 transport specification, release 1).
const BLOCK_START: u8 = 0x0b;
const BLOCK_END: u8 = 0x1c;

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// A message whose delimiters are known, still as bytes.
#[derive(Debug, Clone)]
pub struct Opened<'b> {
    bytes: &'b [u8],
    /// Its delimiters.
    pub delimiters: Delimiters,
}

/// Whether the bytes look like an HL7 v2 message, framed or not, or like a batch of them.
pub fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes).trim_ascii_start();
    let bytes = bytes.strip_prefix(&[BLOCK_START]).unwrap_or(bytes);
    let after_name = ["MSH", "FHS", "BHS"].iter().find_map(|name| bytes.strip_prefix(name.as_bytes()));
    after_name.and_then(<[u8]>::first).is_some_and(u8::is_ascii_punctuation)
}

/// Takes the frame off and reads the delimiters.
///
/// Errors, all fatal: `hl7v2.too-large`, `hl7v2.frame-incomplete`, `hl7v2.header-missing`, `hl7v2.batch-unsupported`,
/// `hl7v2.delimiters-invalid`.
pub fn open<'b>(bytes: &'b [u8], limits: &Limits) -> Result<Opened<'b>, Defect> {
    if bytes.len() > limits.message_bytes {
        let text = format!("the message is larger than {} bytes", limits.message_bytes);
        return Err(Defect::whole(IssueCode::Hl7TooLarge, text));
    }
    let bytes = unframe(bytes)?;
    if ["FHS", "BHS"].iter().any(|name| bytes.starts_with(name.as_bytes())) {
        let text = "a batch (FHS or BHS): send each message alone";
        return Err(Defect::whole(IssueCode::Hl7BatchUnsupported, text));
    }
    let Some(after_name) = bytes.strip_prefix(b"MSH") else {
        return Err(Defect::whole(IssueCode::Hl7HeaderMissing, "the message does not begin with MSH"));
    };
    Ok(Opened { bytes, delimiters: Delimiters::read(after_name)? })
}

/// The block between the framing bytes, where there are any. White space around a block, and in front of an unframed message,
/// is not part of it.
fn unframe(bytes: &[u8]) -> Result<&[u8], Defect> {
    let incomplete = |text: &str| Err(Defect::whole(IssueCode::Hl7FrameIncomplete, text));
    let bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes).trim_ascii_start();
    let block = match bytes.strip_prefix(&[BLOCK_START]) {
        None if bytes.contains(&BLOCK_END) => return incomplete("a block end (hex 1C) without a block start (hex 0B)"),
        None => return Ok(bytes),
        Some(block) => block,
    };
    let Some(end) = block.iter().position(|&byte| byte == BLOCK_END) else {
        return incomplete("the block does not end (hex 1C): the message is cut off");
    };
    let (block, rest) = block.split_at_checked(end).unwrap_or((block, &[]));
    let rest = rest.get(1..).unwrap_or_default();
    if rest.contains(&BLOCK_START) {
        return Err(Defect::whole(IssueCode::Hl7SeveralMessages, "several blocks: give one message at a time"));
    }
    if !rest.trim_ascii().is_empty() {
        return incomplete("there is text after the end of the block");
    }
    Ok(block)
}

impl<'b> Opened<'b> {
    /// A field of the header before its character set is known, each byte as one character; enough for the names and
    /// codes by which a sender is known.
    pub fn header_field(&self, number: u32) -> String {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let line = self.bytes.split(is_end).next().unwrap_or_default();
        // MSH-1 is the separator itself, so the parts after it are counted from MSH-2.
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let field = line.split(|&byte| byte == self.delimiters.field).nth(index).unwrap_or_default();
        field.iter().copied().map(char::from).collect()
    }

    /// The header alone, for whoever answers a message that cannot be read: in `set` if that can read it.
    ///
    /// Errors: those of [`Self::decode`].
    pub fn header(&self, set: CharacterSet, limits: &Limits) -> Result<Message<'b>, Defect> {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let line = self.bytes.split(is_end).next().unwrap_or_default();
        let text = set.decode(line).or_else(|_| CharacterSet::Latin1.decode(line)).unwrap_or_default();
        segments::find(text, self.delimiters, set, limits, &mut Vec::new())
    }

    /// The bytes as text in `set`, with its segments found. What a person should look at goes to `defects`.
    ///
    /// Errors, all fatal: `hl7v2.character-invalid`, `hl7v2.several-messages`, `hl7v2.segment-invalid`,
    /// `hl7v2.too-many-parts`.
    pub fn decode(&self, set: CharacterSet, limits: &Limits, defects: &mut Vec<Defect>) -> Result<Message<'b>, Defect> {
        let text = set.decode(self.bytes).map_err(|at| self.not_in_set(set, at))?;
        let is_single_byte = matches!(set, CharacterSet::Latin1 | CharacterSet::Latin9);
        if let Some(reason) = doubt(self.bytes).filter(|_| is_single_byte) {
            let text = format!("read as {}, but {reason}", set.name());
            defects.push(Defect::at(Place::header().field(18), IssueCode::Hl7CharacterSetDoubtful, text));
        }
        segments::find(text, self.delimiters, set, limits, defects)
    }

    fn not_in_set(&self, set: CharacterSet, at: usize) -> Defect {
        let byte = self.bytes.get(at).copied().unwrap_or_default();
        let text = format!("the byte {byte:02X} (hex) is no text in {}", set.name());
        Defect {
            place: segments::place_of_byte(self.bytes, at, self.delimiters),
            ..Defect::whole(IssueCode::Hl7CharacterInvalid, text)
        }
    }
}
