//! The stages of a pipeline, one file each.

mod cri;
mod decolorize;
mod docker;
mod drop;
mod eventlogmessage;
mod geoip;
mod json;
mod label_drop;
mod label_keep;
mod labels;
mod limit;
mod logfmt;
mod luhn;
#[path = "match.rs"]
mod match_;
mod metrics;
mod multiline;
mod output;
mod pack;
mod pattern;
mod regex;
mod replace;
mod sampling;
mod split_json;
mod static_labels;
mod structured_metadata;
mod structured_metadata_drop;
mod template;
mod tenant;
mod timestamp;
mod truncate;
mod windowsevent;

use super::entry::{Flow, Source, Work};
use super::pipeline::{Build, Scratch};
use value::{Arguments, ValidateError};

/// What a stage does to one line.
pub(crate) trait Stage: Send + Sync {
    /// Works on one line.
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow;

    /// Gives back lines kept until `now`; all of them when it is `None`.
    fn release(&self, _now: Option<i64>, _scratch: &mut Scratch) -> Vec<Work> {
        Vec::new()
    }

    /// When the next line kept back is due, in nanoseconds since 1970.
    fn due(&self) -> Option<i64> {
        None
    }
}

/// Arguments a stage can be built from.
trait BuildStage: Sized {
    /// Builds the stage.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError>;

    /// The check of the arguments: the stage is built and thrown away.
    fn check(&self) -> Result<(), ValidateError> {
        self.build(&mut Build::check()).map(|_| ())
    }
}

macro_rules! stages {
    ($($(#[$attr:meta])* $variant:ident($args:ty),)*) => {
        /// One stage of a pipeline.
        #[derive(Arguments, Clone, Debug, PartialEq)]
        pub(crate) enum StageArgs {
            $($(#[$attr])* $variant($args),)*
        }

        /// Builds one stage.
        pub(crate) fn build(args: &StageArgs, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
            match args {
                $(StageArgs::$variant(args) => args.build(build),)*
            }
        }
    };
}

stages! {
    Cri(cri::CriArgs),
    Decolorize(decolorize::DecolorizeArgs),
    Docker(docker::DockerArgs),
    Drop(drop::DropArgs),
    Eventlogmessage(eventlogmessage::EventlogmessageArgs),
    Geoip(geoip::GeoipArgs),
    Json(json::JsonArgs),
    LabelKeep(label_keep::LabelKeepArgs),
    LabelDrop(label_drop::LabelDropArgs),
    Labels(labels::LabelsArgs),
    Limit(limit::LimitArgs),
    Logfmt(logfmt::LogfmtArgs),
    Luhn(luhn::LuhnArgs),
    Match(match_::MatchArgs),
    Metrics(metrics::MetricsArgs),
    Multiline(multiline::MultilineArgs),
    Output(output::OutputArgs),
    Pack(pack::PackArgs),
    Pattern(pattern::PatternArgs),
    Regex(regex::RegexArgs),
    Replace(replace::ReplaceArgs),
    SplitJson(split_json::SplitJsonArgs),
    StaticLabels(static_labels::StaticLabelsArgs),
    StructuredMetadata(structured_metadata::StructuredMetadataArgs),
    StructuredMetadataDrop(structured_metadata_drop::StructuredMetadataDropArgs),
    Sampling(sampling::SamplingArgs),
    Template(template::TemplateArgs),
    Tenant(tenant::TenantArgs),
    Truncate(truncate::TruncateArgs),
    Timestamp(timestamp::TimestampArgs),
    Windowsevent(windowsevent::WindowseventArgs),
}

/// Where a stage reads: the line, or the value called `source`.
fn source(build: &mut Build<'_>, source: Option<&str>) -> Source {
    source.map_or(Source::Line, |name| Source::Value(build.key(name)))
}

/// As [`source`], of an attribute that must not be empty when it is written.
fn optional_source(build: &mut Build<'_>, name: Option<&str>) -> Result<Source, ValidateError> {
    match name {
        Some("") => Err(ValidateError::at("source", "the source must not be empty").hint("leave `source` away to read the line")),
        name => Ok(source(build, name)),
    }
}

/// Compiles a regular expression in Go's syntax.
fn regex(field: &str, text: &str) -> Result<data::relabel::GoRegex, ValidateError> {
    data::relabel::GoRegex::new(text).map_err(|cause| ValidateError::at(field, format!("{text:?} is not a regular expression: {cause}")))
}

/// A regular expression that may be left away.
fn optional_regex(field: &str, text: &str) -> Result<Option<data::relabel::GoRegex>, ValidateError> {
    if text.is_empty() { Ok(None) } else { regex(field, text).map(Some) }
}

/// Refuses names that labels cannot have: only the empty one.
fn check_label_name(field: &str, name: &str) -> Result<(), ValidateError> {
    if name.is_empty() {
        return Err(ValidateError::at(field, "the name of a label must not be empty").key(name));
    }
    Ok(())
}

/// Refuses names that are not made of letters, digits and `_`.
fn check_legacy_name(field: &str, name: &str) -> Result<(), ValidateError> {
    if super::entry::is_label_name(name) {
        return Ok(());
    }
    Err(ValidateError::at(field, format!("{name:?} cannot be the name of a label"))
        .hint("use letters, digits and `_`, and begin with a letter or `_`"))
}

/// The longest length up to `length` that does not cut through a character.
fn char_boundary(line: &[u8], length: usize) -> usize {
    let continues = |at: usize| line.get(at).is_some_and(|b| b & 0xc0 == 0x80);
    let mut end = length.min(line.len());
    // A character has at most three bytes that continue it; what has more is not text.
    while end > 0 && length - end < 3 && continues(end) {
        end -= 1;
    }
    if continues(end) { length.min(line.len()) } else { end }
}
