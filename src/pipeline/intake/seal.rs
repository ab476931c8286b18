//! Encryption at rest of the originals: AES-256-GCM (NIST SP 800-38D) with a key of the deployment.
//!
//! Form: one byte (1 sealed, 2 plain; 0 plain without a hash, as it was written once); sealed: 12 bytes of nonce, then
//! ciphertext and tag; plain: SHA-256 of id and original, then the original. The id of the message is authenticated with it, so
//! that an original cannot be put in the place of another, and one that the disk has changed is not taken for what came.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use ring::rand::{SecureRandom, SystemRandom};

const BARE: u8 = 0;
const SEALED: u8 = 1;
const PLAIN: u8 = 2;

/// Why an original cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealerError {
    /// The key has not 64 hexadecimal digits.
    #[error("the key is not 64 hexadecimal digits")]
    Key,
    /// No key is configured, another one, or the bytes are damaged.
    #[error("the original cannot be opened: no key, another key, or damaged")]
    Open,
    /// A plain original is not what was stored.
    #[error("the original is damaged")]
    Damaged,
    /// The system gives no randomness.
    #[error("no randomness")]
    Random,
}

/// Seals and opens.
pub struct Sealer {
    key: Option<LessSafeKey>,
    random: SystemRandom,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sealer").field("has_key", &self.key.is_some()).finish_non_exhaustive()
    }
}

impl Sealer {
    /// Originals are stored as they came.
    pub fn plain() -> Self {
        Self { key: None, random: SystemRandom::new() }
    }

    /// Originals are sealed with a key of 64 hexadecimal digits.
    ///
    /// Errors: `Key`.
    pub fn with_key(hexadecimal: &str) -> Result<Self, SealerError> {
        let digits: Option<Vec<u8>> = hexadecimal
            .trim()
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let bytes = digits.filter(|_| hexadecimal.trim().len() == 64).ok_or(SealerError::Key)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealerError::Key)?;
        Ok(Self { key: Some(LessSafeKey::new(key)), random: SystemRandom::new() })
    }

    /// Seals the original of a message.
    ///
    /// Errors: `Random`.
    pub fn seal(&self, message: &str, original: &[u8]) -> Result<Vec<u8>, SealerError> {
        let Some(key) = &self.key else {
            return Ok([&[PLAIN], hash(message, original).as_ref(), original].concat());
        };
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealerError::Random)?;
        let mut content = original.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(message.as_bytes()), &mut content)
            .map_err(|_| SealerError::Random)?;
        Ok([&[SEALED], nonce.as_slice(), &content].concat())
    }

    /// Opens the original of a message.
    ///
    /// Errors: `Open`, `Damaged`.
    pub fn open(&self, message: &str, stored: &[u8]) -> Result<Vec<u8>, SealerError> {
        match (stored.split_first(), &self.key) {
            (Some((&BARE, original)), _) => Ok(original.to_vec()),
            (Some((&PLAIN, plain)), _) => {
                let (stored, original) = plain.split_at_checked(SHA256_OUTPUT_LEN).ok_or(SealerError::Damaged)?;
                let is_whole = hash(message, original).as_ref() == stored;
                is_whole.then(|| original.to_vec()).ok_or(SealerError::Damaged)
            }
            (Some((&SEALED, sealed)), Some(key)) => {
                let (nonce, content) = sealed.split_at_checked(NONCE_LEN).ok_or(SealerError::Open)?;
                let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealerError::Open)?;
                let mut content = content.to_vec();
                let opened = key
                    .open_in_place(nonce, Aad::from(message.as_bytes()), &mut content)
                    .map_err(|_| SealerError::Open)?;
                Ok(opened.to_vec())
            }
            _ => Err(SealerError::Open),
        }
    }
}

fn hash(message: &str, original: &[u8]) -> ring::digest::Digest {
    let mut context = Context::new(&SHA256);
    context.update(&(message.len() as u64).to_be_bytes());
    context.update(message.as_bytes());
    context.update(original);
    context.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn what_is_sealed_opens_with_the_key_of_its_message_only() {
        let sealer = Sealer::with_key(KEY).unwrap();
        let sealed = sealer.seal("one", b"original").unwrap();
        assert!(!sealed.windows(8).any(|window| window == b"original"));
        assert_eq!(sealer.open("one", &sealed).unwrap(), b"original");
        assert_eq!(sealer.open("other", &sealed), Err(SealerError::Open));
        assert_eq!(Sealer::plain().open("one", &sealed), Err(SealerError::Open));
        let other = Sealer::with_key(&KEY.replace('0', "f")).unwrap();
        assert_eq!(other.open("one", &sealed), Err(SealerError::Open));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_ne!(sealer.open("one", &damaged), Ok(b"original".to_vec()), "byte {at}");
        }
    }

    #[test]
    fn what_is_stored_plain_opens_for_its_message_and_as_it_came_only() {
        let sealer = Sealer::plain();
        let stored = sealer.seal("one", b"original").unwrap();
        assert_eq!(sealer.open("one", &stored).unwrap(), b"original");
        assert_eq!(sealer.open("other", &stored), Err(SealerError::Damaged));
        for (at, bit) in (0..stored.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut damaged = stored.clone();
            damaged[at] ^= 1 << bit;
            assert_ne!(sealer.open("one", &damaged), Ok(b"original".to_vec()), "byte {at}");
        }
        // As an older program wrote it.
        assert_eq!(sealer.open("one", b"\0original").unwrap(), b"original");
    }

    #[test]
    fn what_was_stored_plain_opens_after_a_key_is_configured() {
        let stored = Sealer::plain().seal("one", b"original").unwrap();
        assert_eq!(Sealer::with_key(KEY).unwrap().open("one", &stored).unwrap(), b"original");
    }

    #[test]
    fn a_key_of_another_form_is_refused() {
        for key in ["", "00", &KEY[..63], &KEY.replace('a', "g"), &format!("{KEY}00")] {
            assert_eq!(Sealer::with_key(key).unwrap_err(), SealerError::Key);
        }
    }
}
