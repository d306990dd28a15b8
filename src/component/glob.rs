//! Finding files by pattern: `*`, `?`, `[…]`, `{a,b}` within one folder, `**` across any number of folders.

use globset::{GlobBuilder, GlobMatcher};
use std::path::{Component, Path, PathBuf};

/// Deeper folders are not looked into: a loop of links must end.
const DEEPEST: usize = 128;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    pattern: String,
    matcher: Option<GlobMatcher>,
    base: PathBuf,
    depth: Option<usize>,
}

impl Glob {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let is_magic = |part: &str| part.contains(['*', '?', '[', '{', '\\']);
        if !is_magic(pattern) {
            return Ok(Self { pattern: pattern.to_owned(), matcher: None, base: PathBuf::from(pattern), depth: None });
        }
        let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().map_err(|e| e.kind().to_string())?;
        let parts: Vec<Component<'_>> = Path::new(pattern).components().collect();
        let fixed = parts.iter().take_while(|c| !is_magic(&c.as_os_str().to_string_lossy())).count();
        // `{a/b,c}` may span folders, so that the depth is not known either.
        let depth = (!pattern.contains("**") && !pattern.contains('{')).then_some(parts.len() - fixed);
        let base: PathBuf = parts[..fixed].iter().collect();
        Ok(Self { pattern: pattern.to_owned(), matcher: Some(glob.compile_matcher()), base, depth })
    }

    /// True when `path` fits the pattern.
    pub fn matches(&self, path: &Path) -> bool {
        match &self.matcher {
            Some(matcher) => matcher.is_match(path),
            None => path == Path::new(&self.pattern),
        }
    }

    /// All existing files and folders that fit, sorted. Folders that cannot be read are passed over.
    pub fn find(&self) -> Vec<PathBuf> {
        let Some(matcher) = &self.matcher else {
            return if self.base.symlink_metadata().is_ok() { vec![self.base.clone()] } else { Vec::new() };
        };
        let mut found = Vec::new();
        let mut open = vec![(self.base.clone(), 0_usize)];
        while let Some((folder, depth)) = open.pop() {
            let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
            let Ok(entries) = std::fs::read_dir(shown) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let path = folder.join(entry.file_name());
                if matcher.is_match(&path) {
                    found.push(path.clone());
                }
                let deeper = depth + 1 < self.depth.unwrap_or(DEEPEST);
                if deeper && is_folder(&entry, &path, self.depth.is_some()) {
                    open.push((path, depth + 1));
                }
            }
        }
        found.sort();
        found
    }
}

/// Links to folders are followed for a pattern of known depth; under `**` they could lead in circles.
fn is_folder(entry: &std::fs::DirEntry, path: &Path, follow: bool) -> bool {
    match entry.file_type() {
        Ok(kind) if kind.is_dir() => true,
        Ok(kind) if kind.is_symlink() && follow => path.is_dir(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn finds_what_fits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in ["a.log", "b.txt", "x/c.log", "x/y/d.log", "x/y/e.log.gz"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let root = folder.path().display().to_string();
        let find = |pattern: &str| {
            let glob = Glob::new(&format!("{root}/{pattern}")).expect("a good pattern");
            let found = glob.find();
            assert!(found.iter().all(|p| glob.matches(p)));
            found.iter().map(|p| p.strip_prefix(&root).expect("below").display().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(find("*.log"), "a.log");
        assert_eq!(find("**/*.log"), "a.log x/c.log x/y/d.log");
        assert_eq!(find("*/*.log"), "x/c.log");
        assert_eq!(find("{a,b}.*"), "a.log b.txt");
        assert_eq!(find("x/y/[de].log"), "x/y/d.log");
        assert_eq!(find("a.log"), "a.log");
        assert_eq!(find("none"), "");
        assert!(Glob::new("[").is_err());
    }
}
