//! What `loki.source.file` can be told.

use data::{LogsReceiver, Target};
use value::types::Duration;
use value::{Arguments, TextEnum, ValidateError};

/// Reads lines from files as they are written.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct Args {
    /// Files to read: `__path__` is the path, labels that do not begin with `__` become labels of the lines.
    #[alloy(attr)]
    pub targets: Vec<Target>,
    /// Receivers of the lines.
    #[alloy(attr)]
    pub forward_to: Vec<LogsReceiver>,
    /// The IANA name of the files' encoding. A byte order mark wins over it. Empty means UTF-8.
    #[alloy(attr, optional)]
    pub encoding: String,
    /// Reads compressed files.
    #[alloy(block, default = Decompression::default())]
    pub decompression: Decompression,
    /// How often to look whether files changed.
    #[alloy(block, optional)]
    pub file_watch: FileWatch,
    /// Takes `__path__` for a pattern.
    #[alloy(block, optional)]
    pub file_match: FileMatch,
    /// Starts at the end of files without a known position.
    #[alloy(attr, default = false)]
    pub tail_from_end: bool,
    /// A positions file of an older agent, taken over when there is none yet.
    #[alloy(attr, optional)]
    pub legacy_positions_file: String,
    /// What to do about a position that is no number.
    #[alloy(attr, default = "restart_from_beginning")]
    pub on_positions_file_error: OnPositionsFileError,
}

/// What to do about a position that is no number.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "file.OnPositionsFileError")]
pub(super) enum OnPositionsFileError {
    /// The file is not read.
    Skip,
    /// Only lines from now on are read.
    RestartFromEnd,
    /// All lines are read.
    #[default]
    RestartFromBeginning,
}

/// Reads compressed files: each once, from its beginning to its end.
#[derive(Arguments, Clone, Debug, Default, PartialEq)]
pub(super) struct Decompression {
    /// Decompresses.
    #[alloy(attr)]
    pub enabled: bool,
    /// How long to wait before reading, for files that are still being written.
    #[alloy(attr, optional)]
    pub initial_delay: Duration,
    /// The format.
    #[alloy(attr)]
    pub format: Format,
}

/// A format of compressed files.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "file.CompressionFormat")]
pub(super) enum Format {
    /// gzip.
    #[default]
    Gz,
    /// zlib.
    Z,
    /// bzip2.
    Bz2,
}

/// How often files are looked at.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct FileWatch {
    /// The shortest time between two looks.
    #[alloy(attr, default = "250ms")]
    pub min_poll_frequency: Duration,
    /// The longest time between two looks, reached when a file stays as it is.
    #[alloy(attr, default = "250ms")]
    pub max_poll_frequency: Duration,
}

/// Finding files by pattern.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct FileMatch {
    /// Takes `__path__` for a pattern, and `__path_exclude__` for a pattern of files to leave out.
    #[alloy(attr, default = false)]
    pub enabled: bool,
    /// How often to look for new files. Must be above zero.
    #[alloy(attr, default = "10s")]
    pub sync_period: Duration,
    /// Leaves out files that have not been written for longer than this; zero leaves out none.
    #[alloy(attr, default = "0s")]
    pub ignore_older_than: Duration,
}

impl FileMatch {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.sync_period.nanos() <= 0 {
            return Err(ValidateError::at("sync_period", "sync_period must be greater than 0"));
        }
        Ok(())
    }
}
