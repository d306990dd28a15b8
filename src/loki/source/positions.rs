//! `positions.yml`: how far each source has come, in the original's format, so that either program takes over from the other.

use libyaml_safer::{Emitter, Encoding, Event, EventData, MappingStyle, Parser, ScalarStyle};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What stands before the names of cursors, which are not files on disk.
const CURSOR_PREFIXES: [&str; 2] = ["cursor-", "journal-"];

/// What a position belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    /// A file's path, or `cursor-` and a name.
    pub path: String,
    /// The labels of the target as text, `{a="b", c="d"}`.
    pub labels: String,
}

impl Key {
    /// The key of a file or cursor.
    pub fn new(path: impl Into<String>, labels: impl Into<String>) -> Self {
        Self { path: path.into(), labels: labels.into() }
    }
}

/// The positions of one component. Changes are kept in memory until [`Positions::save`].
pub(crate) struct Positions {
    file: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    positions: BTreeMap<Key, String>,
    dirty: bool,
}

impl Positions {
    /// Reads the file; a missing or empty one has no positions.
    ///
    /// # Errors
    /// When the file cannot be read, or is not of the format. The text names the file and what to do.
    pub fn open(file: PathBuf) -> Result<Self, String> {
        let positions = match std::fs::read(&file) {
            Ok(text) => parse(&text).map_err(|e| {
                format!("the positions in {} cannot be read: {e}; repair the file, or remove it to read everything again", file.display())
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(format!("the positions in {} cannot be read: {error}", file.display())),
        };
        Ok(Self { file, inner: Mutex::new(Inner { positions, dirty: false }) })
    }

    /// What is stored for `key`.
    pub fn get(&self, key: &Key) -> Option<String> {
        self.inner.lock().positions.get(key).cloned()
    }

    /// Stores a position.
    pub fn put(&self, key: &Key, position: String) {
        let mut inner = self.inner.lock();
        match inner.positions.get_mut(key) {
            Some(known) if *known == position => return,
            Some(known) => *known = position,
            None => _ = inner.positions.insert(key.clone(), position),
        }
        inner.dirty = true;
    }

    /// Forgets a position.
    pub fn remove(&self, key: &Key) {
        let mut inner = self.inner.lock();
        if inner.positions.remove(key).is_some() {
            inner.dirty = true;
        }
    }

    /// Keys of files, without cursors.
    pub fn files(&self) -> Vec<Key> {
        let is_cursor = |key: &Key| CURSOR_PREFIXES.iter().any(|prefix| key.path.starts_with(prefix));
        self.inner.lock().positions.keys().filter(|key| !is_cursor(key)).cloned().collect()
    }

    /// All positions.
    pub fn all(&self) -> BTreeMap<Key, String> {
        self.inner.lock().positions.clone()
    }

    /// Writes the file when something changed: whole or not at all, whenever the machine stops.
    ///
    /// # Errors
    /// When it cannot be written; it is then tried again by the next call.
    pub fn save(&self) -> Result<(), String> {
        let text = {
            let mut inner = self.inner.lock();
            if !std::mem::take(&mut inner.dirty) {
                return Ok(());
            }
            render(&inner.positions)
        };
        let fail =
            |error: io::Error| format!("{} cannot be written: {error}; after a restart lines may be read twice", self.file.display());
        replace_file(&self.file, &text).map_err(|error| {
            self.inner.lock().dirty = true;
            fail(error)
        })
    }
}

/// Replaces `file` by one that holds `content`, which is on disk when this returns.
///
/// # Errors
/// When it cannot be written; the old file is then as it was.
pub(crate) fn replace_file(file: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = file.with_file_name(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&temporary)?;
    out.write_all(content)?;
    out.sync_data()?;
    drop(out);
    std::fs::rename(&temporary, file)
}

/// The map of the format with keys by path (static mode of the older agents), converted: labels become `{}`.
///
/// # Errors
/// When the file cannot be read. One that is missing, empty or malformed has no positions.
pub(crate) fn read_legacy(file: &Path) -> Result<Option<BTreeMap<String, String>>, String> {
    let text = match std::fs::read(file) {
        Ok(text) if text.is_empty() => return Ok(None),
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(format!(
                "`legacy_positions_file` {} cannot be read: {error}; without it everything would be read again",
                file.display()
            ));
        }
    };
    let plain = |tree: Tree| {
        let Tree::Map(top) = tree else { return None };
        let (_, positions) = top.into_iter().find(|(key, _)| matches!(key, Tree::Text(name) if name == "positions"))?;
        let Tree::Map(positions) = positions else { return None };
        let pair = |pair| if let (Tree::Text(path), Tree::Text(position)) = pair { Some((path, position)) } else { None };
        positions.into_iter().map(pair).collect::<Option<BTreeMap<_, _>>>()
    };
    match read_tree(&text) {
        Ok(tree) => Ok(tree.and_then(plain)),
        Err(error) => {
            tracing::error!(file = %file.display(), %error, "the legacy positions file is malformed and is not used");
            Ok(None)
        }
    }
}

/// Writes the positions of a legacy file to `file`, unless that has some already.
///
/// # Errors
/// When the legacy file cannot be read.
pub(crate) fn convert_legacy(legacy: &Path, file: &Path) -> Result<(), String> {
    let Some(old) = read_legacy(legacy)? else { return Ok(()) };
    if std::fs::metadata(file).is_ok_and(|meta| meta.len() > 0) {
        tracing::info!(legacy = %legacy.display(), "the legacy positions file is not used: there are newer positions");
        return Ok(());
    }
    let positions = old.into_iter().map(|(path, position)| (Key::new(path, "{}"), position)).collect();
    if let Err(error) = replace_file(file, &render(&positions)) {
        tracing::error!(file = %file.display(), %error, "the converted positions cannot be written");
    }
    Ok(())
}

/// A YAML tree of what the format knows.
enum Tree {
    Text(String),
    Map(Vec<(Tree, Tree)>),
    Other,
}

fn parse(text: &[u8]) -> Result<BTreeMap<Key, String>, String> {
    let Some(Tree::Map(top)) = read_tree(text)? else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    for (name, value) in top {
        let (Tree::Text(name), Tree::Map(positions)) = (name, value) else { continue };
        if name != "positions" {
            continue;
        }
        for entry in positions {
            let (Tree::Map(key), Tree::Text(position)) = entry else { return Err("a position has no `path` and `labels`".to_owned()) };
            let field = |wanted: &str| {
                let is_it = |(name, value): &(Tree, Tree)| match (name, value) {
                    (Tree::Text(name), Tree::Text(value)) if name == wanted => Some(value.clone()),
                    _ => None,
                };
                key.iter().find_map(is_it).unwrap_or_default()
            };
            found.insert(Key::new(field("path"), field("labels")), position);
        }
    }
    Ok(found)
}

/// The first document, or `None` when there is none.
fn read_tree(text: &[u8]) -> Result<Option<Tree>, String> {
    const DEEPEST: usize = 16;
    let mut input = text;
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    // Each open collection with its complete parts.
    let mut open: Vec<(bool, Vec<Tree>)> = Vec::new();
    loop {
        let event = parser.parse().map_err(|error| format!("not YAML: {error}"))?;
        let done = match event.data {
            EventData::Scalar { value, .. } => Tree::Text(value),
            EventData::Alias { .. } => Tree::Other,
            EventData::MappingStart { .. } | EventData::SequenceStart { .. } => {
                if open.len() >= DEEPEST {
                    return Err("too many levels".to_owned());
                }
                open.push((matches!(event.data, EventData::MappingStart { .. }), Vec::new()));
                continue;
            }
            EventData::MappingEnd | EventData::SequenceEnd => match open.pop() {
                Some((true, parts)) => Tree::Map(pairs(parts)),
                _ => Tree::Other,
            },
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(None),
            _ => continue,
        };
        match open.last_mut() {
            Some((_, parts)) => parts.push(done),
            None => return Ok(Some(done)),
        }
    }
}

fn pairs(parts: Vec<Tree>) -> Vec<(Tree, Tree)> {
    let mut parts = parts.into_iter();
    std::iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect()
}

/// The bytes of the file. An emitter that writes to memory cannot fail on scalars.
fn render(positions: &BTreeMap<Key, String>) -> Vec<u8> {
    let mut out = Vec::new();
    // What could not be emitted is left out rather than spoiling the rest.
    if emit(positions, &mut out).is_err() {
        out.clear();
    }
    out
}

fn emit(positions: &BTreeMap<Key, String>, out: &mut Vec<u8>) -> libyaml_safer::Result<()> {
    let mut emitter = Emitter::new();
    emitter.set_output_string(out);
    emitter.set_unicode(true);
    emitter.emit(Event::stream_start(Encoding::Utf8))?;
    emitter.emit(Event::document_start(None, &[], true))?;
    // Without entries the original writes `{}` in flow style.
    let style = if positions.is_empty() { MappingStyle::Flow } else { MappingStyle::Block };
    emitter.emit(Event::mapping_start(None, None, true, MappingStyle::Block))?;
    emitter.emit(scalar("positions"))?;
    emitter.emit(Event::mapping_start(None, None, true, style))?;
    for (key, position) in positions {
        emitter.emit(Event::mapping_start(None, None, true, MappingStyle::Block))?;
        for text in ["path", &key.path, "labels", &key.labels] {
            emitter.emit(scalar(text))?;
        }
        emitter.emit(Event::mapping_end())?;
        emitter.emit(scalar(position))?;
    }
    emitter.emit(Event::mapping_end())?;
    emitter.emit(Event::mapping_end())?;
    emitter.emit(Event::document_end(true))?;
    emitter.emit(Event::stream_end())?;
    emitter.flush()
}

fn scalar(text: &str) -> Event {
    let style = if text.contains('\n') {
        ScalarStyle::Literal
    } else if is_plain(text) {
        ScalarStyle::Plain
    } else {
        ScalarStyle::DoubleQuoted
    };
    Event::scalar(None, None, text, true, true, style)
}

/// True when a reader of YAML 1.1 takes the unquoted text for a string.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "", "<<", ".nan", ".inf", "+.inf", "-.inf"];
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let number_like = numeric
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-' | '.' | '_' | ':' | 'x' | 'o' | 'b' | 'e' | 'E' | 'T' | 'Z' | ' '));
    !number_like && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_as_the_original_writes_it() {
        let positions = BTreeMap::from([
            (Key::new("/tmp/random.log", r#"{job="tmp"}"#), "17623".to_owned()),
            (Key::new("/tmp/it's.log", r#"{job="it's"}"#), "0".to_owned()),
            (Key::new("cursor-abc", "{}"), "1700000000".to_owned()),
        ]);
        let text = String::from_utf8(render(&positions)).expect("YAML is text");
        let want = "positions:\n  ? path: /tmp/it's.log\n    labels: '{job=\"it''s\"}'\n  : \"0\"\n  ? path: /tmp/random.log\n    labels: '{job=\"tmp\"}'\n  : \"17623\"\n  ? path: cursor-abc\n    labels: '{}'\n  : \"1700000000\"\n";
        assert_eq!(text, want);
        assert_eq!(parse(text.as_bytes()), Ok(positions));
        assert_eq!(render(&BTreeMap::new()), b"positions: {}\n");
        assert_eq!(parse(b""), Ok(BTreeMap::new()));
        assert!(parse(b"positions:\n  ? path: /x\n    labels: \"{}\"\n  : \"176\n").is_err());
    }

    #[test]
    fn saves_and_converts() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("sub/positions.yml");
        let legacy = folder.path().join("old.yml");
        std::fs::write(&legacy, "positions:\n  /var/log/a.log: \"12\"\n").expect("written");
        convert_legacy(&legacy, &file).expect("readable");
        let positions = Positions::open(file.clone()).expect("readable");
        assert_eq!(positions.get(&Key::new("/var/log/a.log", "{}")).as_deref(), Some("12"));
        let key = Key::new("/b", r#"{x="y"}"#);
        positions.put(&key, "5".to_owned());
        positions.save().expect("writable");
        convert_legacy(&legacy, &file).expect("readable");
        assert_eq!(Positions::open(file).expect("readable").get(&key).as_deref(), Some("5"));
    }
}
