//! What the program and the editor set.

use component::Stability;
use serde_json::Value;

/// How a document is seen together with the other `.alloy` files of its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FolderMode {
    /// A file is checked by itself; names it does not define may be defined in its folder.
    #[default]
    Auto,
    /// A file is checked by itself.
    File,
    /// All files of the folder are one configuration, as `run DIR` takes them.
    Folder,
}

/// What is allowed in configurations, and how folders are seen.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The least stable components that are allowed.
    pub stability: Stability,
    /// Community components are allowed.
    pub community: bool,
    /// How the files of a folder belong together.
    pub folder: FolderMode,
}

impl Options {
    /// These, with what the editor's `initializationOptions` say instead. What makes no sense there is left out and named.
    pub(crate) fn with(mut self, given: &Value) -> (Self, Vec<String>) {
        let mut wrong = Vec::new();
        for (name, value) in given.as_object().into_iter().flatten() {
            let understood = match (name.as_str(), value) {
                (_, Value::Null) => true,
                ("stabilityLevel", Value::String(text)) => stability(text).map(|level| self.stability = level).is_some(),
                ("communityComponents", Value::Bool(allowed)) => {
                    self.community = *allowed;
                    true
                }
                ("folder", Value::String(text)) => folder(text).map(|mode| self.folder = mode).is_some(),
                _ => false,
            };
            if !understood {
                wrong.push(format!("the option `{name}` is not understood: {value}"));
            }
        }
        (self, wrong)
    }
}

fn stability(text: &str) -> Option<Stability> {
    [Stability::Experimental, Stability::PublicPreview, Stability::GenerallyAvailable].into_iter().find(|level| level.as_str() == text)
}

fn folder(text: &str) -> Option<FolderMode> {
    match text {
        "auto" => Some(FolderMode::Auto),
        "file" => Some(FolderMode::File),
        "folder" => Some(FolderMode::Folder),
        _ => None,
    }
}
