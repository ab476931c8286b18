//! What a channel must know of a run folder before it hands it over.

use std::path::Path;

use crate::domain::limits::Limits;
use crate::redact::has_long_digit_run;
use crate::sources::tso500::{folder, md5_list};

/// Whether a file is of a kind that is read, by its name and the folders above it.
pub fn is_read(file: &str) -> bool {
    folder::is_read(file)
}

/// Whether the name of a folder is that of a sequencing run.
pub fn is_run(name: &str) -> bool {
    folder::run_id(name).is_some() && !has_long_digit_run(name)
}

/// Whether the folder has lists of checksums, and every file is there as they say.
pub fn is_complete(path: &Path, limits: &Limits) -> bool {
    md5_list::is_complete(path, limits)
}
