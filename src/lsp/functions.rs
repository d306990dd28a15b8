//! The reference of the function library, as its pages tell it.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use value::Value;
use value::functions;

const PAGES: [&str; 9] = [
    include_str!("../../stdlib/functions/array.md"),
    include_str!("../../stdlib/functions/coalesce.md"),
    include_str!("../../stdlib/functions/constants.md"),
    include_str!("../../stdlib/functions/convert.md"),
    include_str!("../../stdlib/functions/encoding.md"),
    include_str!("../../stdlib/functions/file.md"),
    include_str!("../../stdlib/functions/json_path.md"),
    include_str!("../../stdlib/functions/string.md"),
    include_str!("../../stdlib/functions/sys.md"),
];

/// What the pages say, by name: of functions, of namespaces, and of constants.
static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| PAGES.iter().flat_map(|page| sections(page)).collect());

fn sections(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            let name = title.split('(').next().unwrap_or(title);
            found.push((name.to_owned(), String::new()));
        } else if let Some((name, what)) = line.strip_prefix("| `").and_then(|row| row.trim_end_matches(" |").split_once("` | ")) {
            found.insert(0, (name.to_owned(), what.to_owned()));
        } else if let Some((_, text)) = found.last_mut() {
            text.push_str(if line == "```example" { "```alloy" } else { line });
            text.push('\n');
        }
    }
    // The heading of a page with one function says the same name twice: what is longer tells more.
    found.sort_by_key(|(_, text)| text.len());
    found.into_iter().map(|(name, text)| (name, text.trim().to_owned())).collect()
}

/// Something of the library.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Its full name.
    pub name: &'static str,
    /// How it is called; its name where it is no function.
    pub signature: &'static str,
    pub is_function: bool,
    /// What to write instead of a former name.
    pub successor: Option<&'static str>,
}

/// Every function, then the constants.
pub(crate) fn all() -> Vec<Entry> {
    let functions = functions::entries().map(|entry| Entry {
        name: entry.function.name,
        signature: entry.signature,
        is_function: true,
        successor: None,
    });
    let constants = CONSTANTS.iter().map(|name| Entry { name, signature: name, is_function: false, successor: None });
    functions.chain(constants).collect()
}

static CONSTANTS: LazyLock<Vec<String>> = LazyLock::new(|| match functions::root("constants") {
    Some(Value::Object(members)) => members.keys().map(|name| format!("constants.{name}")).collect(),
    _ => Vec::new(),
});

/// What is called `name`, former names included.
pub(crate) fn find(name: &str) -> Option<Entry> {
    let successor = functions::deprecated(name);
    let found = all().into_iter().find(|entry| entry.name == successor.unwrap_or(name))?;
    Some(Entry { successor, ..found })
}

/// What the pages say of a function, a constant or a namespace.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    TEXTS.get(name).map(String::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_documented() {
        let silent: Vec<&str> = all().iter().map(|entry| entry.name).filter(|name| text(name).is_none()).collect();
        assert_eq!(silent, [] as [&str; 0]);
        assert!(all().len() > 25, "{}", all().len());
        assert_eq!(text("constants.hostname"), Some("the name of the machine, empty when it is not known"));
        assert!(find("env").is_some_and(|entry| entry.name == "sys.env" && entry.successor == Some("sys.env")));
    }
}
