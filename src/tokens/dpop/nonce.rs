//! Nonces of the server (RFC 9449, section 9): the time, signed; nothing is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// A nonce is one of its minute; that of the minute before is taken, too.
const MINUTE: i64 = 60_000;

/// Bytes of the code behind the time.
const CODE: usize = 16;

/// Makes nonces and knows them again, also those of another node with the same secret.
pub struct Nonces(Hmac<Sha256>);

impl Nonces {
    /// With a secret of the installation, from which a key of its own is derived.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let mut derive = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        derive.update(b"impress-gateway DPoP nonce");
        Hmac::new_from_slice(&derive.finalize().into_bytes()).ok().map(Self)
    }

    /// The nonce of this time.
    pub fn of(&self, now: Timestamp) -> String {
        self.at(now.as_millisecond() / MINUTE)
    }

    /// Whether the nonce is one of this time.
    pub fn is_of_now(&self, nonce: &str, now: Timestamp) -> bool {
        let minute = now.as_millisecond() / MINUTE;
        // The clock of another node can be ahead.
        [minute, minute - 1, minute + 1].iter().any(|minute| is_same(&self.at(*minute), nonce))
    }

    fn at(&self, minute: i64) -> String {
        let mut code = self.0.clone();
        code.update(&minute.to_be_bytes());
        let code = code.finalize().into_bytes();
        let bytes: Vec<u8> = minute.to_be_bytes().into_iter().chain(code.into_iter().take(CODE)).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// In a time that does not tell how much of it is the same.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_holds_for_its_minute_and_the_next_and_is_nobody_elses() {
        let at = |second: i64| Timestamp::from_second(1_780_000_020 + second).unwrap();
        let (nonces, others) = (Nonces::new(b"secret").unwrap(), Nonces::new(b"other").unwrap());
        let nonce = nonces.of(at(0));
        for (second, is_of_now) in [(0, true), (59, true), (100, true), (180, false), (3_600, false), (-120, false)] {
            assert_eq!(nonces.is_of_now(&nonce, at(second)), is_of_now, "{second}");
        }
        assert!(!nonces.is_of_now(&others.of(at(0)), at(0)));
        for wrong in ["", "x", &nonce[1..], &nonce.to_lowercase()] {
            assert!(!nonces.is_of_now(wrong, at(0)), "{wrong}");
        }
    }
}
