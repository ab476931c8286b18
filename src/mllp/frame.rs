//! Blocks (MLLP; HL7 v2 transport specification, release 1): hex 0B, the message, hex 1C, carriage return.

use std::mem;

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const CARRIAGE_RETURN: u8 = b'\r';

/// What is wrong with a stream of blocks. What follows cannot be trusted: where a message begins is not known any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Something else than white space between two blocks.
    #[error("there are bytes outside of a block")]
    Outside,
    /// A start in a block: the message before it was cut off, and must not be joined with the next one.
    #[error("a block begins before the one before it has ended")]
    StartInside,
    /// The end byte of a block without the carriage return.
    #[error("the end of a block (hex 1C) is not followed by a carriage return")]
    EndWithoutReturn,
    /// Longer than the limit.
    #[error("the message is longer than {0} bytes")]
    TooLong(usize),
}

/// Takes messages out of a stream of bytes that comes in pieces of any size.
///
/// Every byte is looked at once. What is held is at most one message of the limit and the piece that was given last.
#[derive(Debug)]
pub struct Frames {
    /// What was not given out yet; without the start byte where a block has begun.
    held: Vec<u8>,
    /// How much of it was looked at.
    seen: usize,
    is_inside: bool,
    most: usize,
}

impl Frames {
    /// A stream of messages of at most `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { held: Vec::new(), seen: 0, is_inside: false, most }
    }

    /// Adds a piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// Whether a block has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.is_inside
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// The next message that has come in full.
    ///
    /// # Errors
    /// The stream is none of blocks; nothing more can be taken from it.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if !self.is_inside && !self.begin()? {
            return Ok(None);
        }
        let fresh = self.held.get(self.seen..).unwrap_or_default();
        let Some(at) = fresh.iter().position(|byte| matches!(*byte, START | END)) else {
            self.seen = self.held.len();
            return self.within(self.held.len()).map(|()| None);
        };
        let at = self.seen + at;
        self.within(at)?;
        self.seen = at;
        match (self.held.get(at), self.held.get(at + 1)) {
            (Some(&START), _) => Err(FrameError::StartInside),
            (_, Some(&CARRIAGE_RETURN)) => Ok(Some(self.cut(at))),
            (_, Some(_)) => Err(FrameError::EndWithoutReturn),
            (_, None) => Ok(None),
        }
    }

    /// Looks for the start of a block: line ends and blanks between blocks say nothing.
    fn begin(&mut self) -> Result<bool, FrameError> {
        let Some(at) = self.held.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            self.held.clear();
            return Ok(false);
        };
        if self.held.get(at) != Some(&START) {
            return Err(FrameError::Outside);
        }
        self.held.drain(..=at);
        (self.is_inside, self.seen) = (true, 0);
        Ok(true)
    }

    fn within(&self, length: usize) -> Result<(), FrameError> {
        if length > self.most { Err(FrameError::TooLong(self.most)) } else { Ok(()) }
    }

    /// The message before the end byte at `at`; what follows the block stays.
    fn cut(&mut self, at: usize) -> Vec<u8> {
        let rest = self.held.split_off(at + 2);
        let mut message = mem::replace(&mut self.held, rest);
        message.truncate(at);
        (self.is_inside, self.seen) = (false, 0);
        message
    }
}

/// A message as a block.
pub fn framed(message: &[u8]) -> Vec<u8> {
    [&[START], message, &[END, CARRIAGE_RETURN]].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 64;

    /// What a stream gives that comes in these pieces: the messages, and what ended it.
    fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<Vec<u8>>, Option<FrameError>) {
        let (mut frames, mut messages) = (Frames::new(MOST), Vec::new());
        for piece in pieces {
            frames.push(piece);
            loop {
                match frames.take() {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break,
                    Err(error) => return (messages, Some(error)),
                }
            }
        }
        (messages, None)
    }

    #[test]
    fn two_messages_are_the_same_wherever_the_stream_is_split() {
        let stream = b"\x0bMSH|a\rPID|1\r\x1c\r\x0bMSH|b\r\x1c\r";
        let expected = (vec![b"MSH|a\rPID|1\r".to_vec(), b"MSH|b\r".to_vec()], None);
        for split in 0..=stream.len() {
            assert_eq!(read([&stream[..split], &stream[split..]]), expected, "{split}");
        }
        assert_eq!(read(stream.chunks(1)), expected);
    }

    #[test]
    fn line_ends_between_blocks_say_nothing() {
        assert_eq!(read([&b"\r\n\x0ba\x1c\r\r\n \x0bb\x1c\r\n"[..]]), (vec![b"a".to_vec(), b"b".to_vec()], None));
        assert_eq!(read([&b"\x0b\x1c\r"[..]]), (vec![Vec::new()], None));
    }

    #[test]
    fn what_is_no_block_ends_the_stream_and_gives_no_message() {
        for (stream, error) in [
            (&b"MSH|a\r"[..], FrameError::Outside),
            (b"\x1c\r", FrameError::Outside),
            (b"\x0bMSH|a\r\x0bMSH|b\r\x1c\r", FrameError::StartInside),
            (b"\x0bMSH|a\x1cb\x1c\r", FrameError::EndWithoutReturn),
            (b"\x0bMSH|a\r\x1c\n", FrameError::EndWithoutReturn),
        ] {
            assert_eq!(read([stream]), (Vec::new(), Some(error)), "{stream:?}");
            assert_eq!(read(stream.chunks(1)), (Vec::new(), Some(error)), "{stream:?} byte by byte");
        }
        // A message before it was whole.
        assert_eq!(read([&b"\x0ba\x1c\rx"[..]]), (vec![b"a".to_vec()], Some(FrameError::Outside)));
    }

    #[test]
    fn a_message_has_at_most_its_limit() {
        let long = framed(&[b'x'; MOST]);
        assert_eq!(read([&long[..]]).0, [[b'x'; MOST].to_vec()]);
        let longer = framed(&[b'x'; MOST + 1]);
        assert_eq!(read([&longer[..]]), (Vec::new(), Some(FrameError::TooLong(MOST))));
        assert_eq!(read(longer.chunks(7)), (Vec::new(), Some(FrameError::TooLong(MOST))));
        // Without an end, too.
        assert_eq!(read([&longer[..=MOST + 1]]), (Vec::new(), Some(FrameError::TooLong(MOST))));
    }

    #[test]
    fn no_more_than_a_message_and_a_piece_is_held() {
        let mut frames = Frames::new(MOST);
        for _ in 0..1_000 {
            frames.push(b"\r\n\r\n");
            assert_eq!(frames.take(), Ok(None));
            assert_eq!(frames.held(), 0);
        }
        frames.push(b"\x0b");
        let mut pushed = 0;
        while frames.take().is_ok() {
            frames.push(&[b'x'; 10]);
            pushed += 10;
            assert!(frames.held() <= MOST + 10, "{pushed}");
        }
        assert!(pushed > MOST);
    }

    proptest! {
        #[test]
        fn what_is_framed_comes_out(
            messages in prop::collection::vec("[ -~\r\u{e6}-\u{f8}]{0,20}", 0..5),
            size in 1_usize..9,
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|message| framed(message.as_bytes())).collect();
            let expected: Vec<Vec<u8>> = messages.iter().map(|message| message.as_bytes().to_vec()).collect();
            prop_assert_eq!(read(stream.chunks(size)), (expected, None));
        }

        #[test]
        fn any_bytes_give_the_same_however_they_are_split(
            bytes in prop::collection::vec(prop_oneof![Just(0x0b_u8), Just(0x1c), Just(b'\r'), any::<u8>()], 0..200),
            size in 1_usize..9,
        ) {
            prop_assert_eq!(read(bytes.chunks(size)), read([&bytes[..]]));
        }
    }
}
