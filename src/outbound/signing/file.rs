//! A key in a file, which is replaced while it is in use.

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{Algorithm, KeyError, SigningKey};

/// Longest key file, in bytes.
const FILE_BYTES: u64 = 64 << 10;

/// What shows that a file was replaced.
type Stamp = Option<(SystemTime, u64)>;

/// A key in a file.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    algorithm: Algorithm,
    current: Mutex<(Stamp, Arc<SigningKey>)>,
}

impl KeyFile {
    /// Reads the key.
    ///
    /// # Errors
    /// As [`KeyError`] says.
    pub fn open(path: PathBuf, algorithm: Algorithm) -> Result<Self, KeyError> {
        let stamp = stamp(&path);
        let key = read(&path, algorithm)?;
        Ok(Self { path, algorithm, current: Mutex::new((stamp, Arc::new(key))) })
    }

    /// The key: a new one where the file has changed, and can be used.
    pub fn current(&self) -> Arc<SigningKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.path);
        if current.0 != stamp {
            current.0 = stamp;
            match read(&self.path, self.algorithm) {
                Ok(key) => {
                    tracing::info!(key.thumbprint = key.thumbprint(), "the key of assertions was read again");
                    current.1 = Arc::new(key);
                }
                Err(error) => {
                    tracing::error!(error.text = %error, "the new key of assertions cannot be used; the old one holds");
                }
            }
        }
        Arc::clone(&current.1)
    }
}

fn stamp(path: &std::path::Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(path: &std::path::Path, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
    let file = std::fs::File::open(path).map_err(|_| KeyError::Unreadable)?;
    let mut pem = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut pem).map_err(|_| KeyError::Unreadable)?;
    SigningKey::from_pem(algorithm, &pem)
}
