//! For tests: a folder that is removed again.

use std::path::{Path, PathBuf};

pub(in crate::sources::tso500) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder; `name` must be the test's own.
    pub(in crate::sources::tso500) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("impress-gateway-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(in crate::sources::tso500) fn path(&self) -> &Path {
        &self.0
    }

    pub(in crate::sources::tso500) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
