//! The chains of the audit trail: what a row's hash covers, and how the last row of a chain is signed.
//!
//! Each row holds the SHA-256 of itself and of the hash before it, so that no row can be altered, taken out or put in without
//! a break; each chain has a head, number and hash of its last row, so that no rows can be cut off its end. The heads are
//! signed with a key that is not in the store: who can write the tables but has no key cannot make another chain that fits.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::JournalError;
use super::sql::{Row, Value};

/// What stands before the first row of a chain.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// Names the form of the hashed bytes: another form gets another name.
const ROW_FORM: &[u8] = b"impress-gateway audit row 1";
const HEAD_FORM: &[u8] = b"impress-gateway audit head 1";
const KEY_FORM: &[u8] = b"impress-gateway audit key 1";
const KEY_ID_FORM: &[u8] = b"impress-gateway audit key id 1";

/// Bytes of a signature that name its key.
const KEY_ID: usize = 8;

/// The key that heads are signed with, derived from the secret of the deployment; without one they are not signed.
#[derive(Clone, Default)]
pub struct AuditKey(Option<Keyed>);

#[derive(Clone)]
struct Keyed {
    keyed: Hmac<Sha256>,
    id: [u8; KEY_ID],
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuditKey(**REDACTED**)")
    }
}

impl AuditKey {
    /// The key of a secret; the secret itself cannot be found from it.
    pub fn new(secret: &[u8]) -> Self {
        let code = |keyed: Hmac<Sha256>, form: &[u8]| {
            let mut keyed = keyed;
            keyed.update(form);
            keyed.finalize().into_bytes()
        };
        let derived = keyed(secret).and_then(|secret| keyed(&code(secret, KEY_FORM)));
        Self(derived.map(|keyed| {
            let mut id = [0; KEY_ID];
            for (byte, of_code) in id.iter_mut().zip(code(keyed.clone(), KEY_ID_FORM)) {
                *byte = of_code;
            }
            Keyed { keyed, id }
        }))
    }

    /// The signature of a head, with the name of its key before it; empty without a key.
    pub(super) fn sign(&self, head: &Head) -> Vec<u8> {
        let signed = |key: &Keyed| [&key.id[..], &key.code_of(head).finalize().into_bytes()].concat();
        self.0.as_ref().map(signed).unwrap_or_default()
    }

    /// Whether a head has the signature that it must have; without a key none is known.
    fn verifies(&self, head: &Head, signature: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|key| {
            let code = signature.strip_prefix(&key.id);
            code.is_some_and(|code| key.code_of(head).verify_slice(code).is_ok())
        })
    }

    /// Whether a signature says that it was made with another key: then nothing may be appended with this one.
    fn is_other(&self, signature: &[u8]) -> bool {
        !signature.is_empty() && self.0.as_ref().is_none_or(|key| !signature.starts_with(&key.id))
    }
}

impl Keyed {
    fn code_of(&self, head: &Head) -> Hmac<Sha256> {
        let mut keyed = self.keyed.clone();
        keyed.update(HEAD_FORM);
        keyed.update(&head.chain.to_be_bytes());
        keyed.update(&head.number.to_be_bytes());
        keyed.update(&head.hash);
        keyed
    }
}

fn keyed(key: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(key).ok()
}

/// The last row of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Chain, from 1.
    pub chain: i64,
    /// Number of its last row; 0 where it has none.
    pub number: i64,
    /// Hash of the last row.
    pub hash: Vec<u8>,
    /// Whether it is signed as it must be.
    pub is_signed: bool,
    /// Whether it is signed with another key than this gateway has.
    pub is_others: bool,
}

/// What ties a row to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Number in its chain, from 1.
    pub number: i64,
    /// Hash of the row before, as the row says.
    pub previous: Vec<u8>,
    /// Hash of the row, as the row says.
    pub hash: Vec<u8>,
    /// Hash of what stands in the row.
    pub computed: [u8; 32],
}

/// SHA-256 over the cells of a row and the hash before it. Every cell is written with its type and length, so that no two
/// rows have the same bytes.
pub(super) fn hash<'v>(chain: i64, number: i64, previous: &[u8], cells: impl Iterator<Item = &'v Value>) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(ROW_FORM);
    digest.update(chain.to_be_bytes());
    digest.update(number.to_be_bytes());
    bytes(&mut digest, 3, previous);
    for cell in cells {
        match cell {
            Value::Null => digest.update([0]),
            Value::Text(text) => bytes(&mut digest, 1, text.as_bytes()),
            Value::Integer(number) => {
                digest.update([2]);
                digest.update(number.to_be_bytes());
            }
            Value::Bytes(content) => bytes(&mut digest, 3, content),
        }
    }
    digest.finalize().into()
}

/// The cells that the hash of a row covers. The last one, whose patient it is, is left out where it is empty: rows that were
/// written before there was one keep their hash, and filling it later shows.
pub(super) fn covered(cells: &[Value]) -> impl Iterator<Item = &Value> {
    let is_bare = matches!(cells.last(), Some(Value::Null));
    cells.iter().take(cells.len() - usize::from(is_bare))
}

fn bytes(digest: &mut Sha256, kind: u8, content: &[u8]) {
    digest.update([kind]);
    digest.update((content.len() as u64).to_be_bytes());
    digest.update(content);
}

/// A head as its row says.
pub(super) fn head(row: &mut Row, key: &AuditKey) -> Result<Head, JournalError> {
    let (chain, number, hash) = (row.integer()?, row.integer()?, row.bytes()?);
    let signature = row.bytes()?;
    let mut head = Head { chain, number, hash, is_signed: false, is_others: key.is_other(&signature) };
    head.is_signed = key.verifies(&head, &signature);
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected with Python: `hashlib.sha256(form + (2).to_bytes(8, "big") + (7).to_bytes(8, "big") + b"\3" +
    /// (32).to_bytes(8, "big") + bytes(32) + b"\1" + (2).to_bytes(8, "big") + b"ab" + b"\0" + b"\2" + (5).to_bytes(8, "big"))`.
    #[test]
    fn the_hash_is_that_of_another_program() {
        let cells = ["ab".into(), Value::Null, 5.into()];
        let hash = hash(2, 7, &BEGINNING, cells.iter());
        let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, "adbf705925e975663469c34bfdaa1857abd4dfa6002748145215173e955fdcaa");
    }

    #[test]
    fn no_two_rows_have_the_same_bytes() {
        let of = |cells: &[Value]| hash(1, 1, &BEGINNING, cells.iter());
        let rows: [&[Value]; 7] = [
            &["ab".into(), "c".into()],
            &["a".into(), "bc".into()],
            &["abc".into()],
            &["abc".into(), Value::Null],
            &["abc".into(), "".into()],
            &[b"abc".to_vec().into()],
            &[0.into()],
        ];
        for (at, row) in rows.iter().enumerate() {
            for other in &rows[at + 1..] {
                assert_ne!(of(row), of(other), "{row:?} {other:?}");
            }
        }
    }

    /// Expected with Python's `hmac`: the key is `hmac(secret, "impress-gateway audit key 1")`, the first 8 bytes are those of
    /// `hmac(key, "impress-gateway audit key id 1")`.
    #[test]
    fn a_head_is_signed_with_a_key_of_the_secret() {
        let key = AuditKey::new(b"a secret of the tests, long enough to be one");
        let head = Head { chain: 1, number: 3, hash: vec![7; 32], is_signed: true, is_others: false };
        let signature = key.sign(&head);
        let text: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, "e13ed3095b515f8146ef1c4c9e856b13c62055e14f660cc2fb7178d76be4946da4f60737fddcfc56");
        assert!(key.verifies(&head, &signature));
        assert!(!key.verifies(&Head { number: 2, ..head.clone() }, &signature));
        assert!(!key.verifies(&head, b""));
        assert!(!AuditKey::new(b"another secret").verifies(&head, &signature));
        assert!(AuditKey::default().verifies(&head, b""), "without a key nothing is signed");
        let others = [AuditKey::new(b"another secret").is_other(&signature), AuditKey::default().is_other(&signature)];
        assert_eq!((others, key.is_other(&signature), key.is_other(b"")), ([true; 2], false, false));
    }
}
