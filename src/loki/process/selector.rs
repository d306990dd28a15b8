//! Selectors of `stage.match`: `{app="web", level=~"warn|error"} |= "text" !~ "regex"`.

use super::escape::escape;
use bytes::Bytes;
use data::Labels;
use data::relabel::GoRegex;

/// A parsed selector.
#[derive(Debug)]
pub(crate) struct Selector {
    labels: Vec<(Box<str>, Test)>,
    lines: Vec<Test>,
}

#[derive(Debug)]
enum Test {
    Equal(Box<str>),
    NotEqual(Box<str>),
    Contains(memchr::memmem::Finder<'static>),
    ContainsNot(memchr::memmem::Finder<'static>),
    Match(GoRegex),
    NotMatch(GoRegex),
}

impl Test {
    fn label(operator: &str, text: &str) -> Result<Self, String> {
        let regex = || GoRegex::new(&format!("^(?s:{text})$"));
        Ok(match operator {
            "=" => Self::Equal(text.into()),
            "!=" => Self::NotEqual(text.into()),
            "=~" => Self::Match(regex()?),
            "!~" => Self::NotMatch(regex()?),
            other => return Err(format!("`{other}` cannot compare a label; use =, !=, =~ or !~")),
        })
    }

    fn line(operator: &str, text: &str) -> Result<Self, String> {
        let finder = || memchr::memmem::Finder::new(text).into_owned();
        Ok(match operator {
            "|=" => Self::Contains(finder()),
            "!=" => Self::ContainsNot(finder()),
            "|~" => Self::Match(GoRegex::new(text)?),
            "!~" => Self::NotMatch(GoRegex::new(text)?),
            other => return Err(format!("`{other}` cannot filter lines; use |=, !=, |~ or !~")),
        })
    }

    fn holds_for_label(&self, value: &str) -> bool {
        match self {
            Self::Equal(text) => **text == *value,
            Self::NotEqual(text) => **text != *value,
            Self::Match(regex) => regex.regex().is_match(value),
            Self::NotMatch(regex) => !regex.regex().is_match(value),
            Self::Contains(_) | Self::ContainsNot(_) => false,
        }
    }

    fn holds_for_line(&self, line: &Bytes) -> bool {
        match self {
            Self::Contains(finder) => finder.find(line).is_some(),
            Self::ContainsNot(finder) => finder.find(line).is_none(),
            Self::Match(regex) => regex.regex().is_match(&String::from_utf8_lossy(line)),
            Self::NotMatch(regex) => !regex.regex().is_match(&String::from_utf8_lossy(line)),
            Self::Equal(_) | Self::NotEqual(_) => false,
        }
    }
}

impl Selector {
    /// Parses `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        reader.expect("{")?;
        let mut labels = Vec::new();
        loop {
            let name = reader.name()?;
            let operator = reader.operator()?;
            labels.push((name.into(), Test::label(operator, &reader.string()?)?));
            reader.space();
            if reader.take("}") {
                break;
            }
            reader.expect(",")?;
        }
        let mut lines = Vec::new();
        reader.space();
        while !reader.rest.is_empty() {
            let operator = reader.operator()?;
            lines.push(Test::line(operator, &reader.string()?)?);
            reader.space();
        }
        Ok(Self { labels, lines })
    }

    /// True when the labels and the line are selected. A missing label counts as empty.
    pub(crate) fn matches(&self, labels: &Labels, line: &Bytes) -> bool {
        self.labels.iter().all(|(name, test)| test.holds_for_label(labels.get(name).unwrap_or("")))
            && self.lines.iter().all(|test| test.holds_for_line(line))
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) -> Result<(), String> {
        self.space();
        if self.take(text) { Ok(()) } else { Err(format!("expected `{text}` {}", self.here())) }
    }

    fn here(&self) -> String {
        if self.rest.is_empty() { "at the end".to_owned() } else { format!("at `{}`", self.rest.chars().take(20).collect::<String>()) }
    }

    fn name(&mut self) -> Result<&'t str, String> {
        self.space();
        let word = |c: char| c == '_' || c.is_alphanumeric();
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_numeric()) {
            return Err(format!("expected the name of a label {}", self.here()));
        }
        self.rest = rest;
        Ok(name)
    }

    fn operator(&mut self) -> Result<&'static str, String> {
        self.space();
        for operator in ["=~", "!~", "!=", "|=", "|~", "="] {
            if self.take(operator) {
                return Ok(operator);
            }
        }
        Err(format!("expected an operator {}", self.here()))
    }

    /// A text in double quotes with Go's escapes.
    fn string(&mut self) -> Result<String, String> {
        self.space();
        let no_text = || format!("expected a text in double quotes {}", self.here());
        let body = self.rest.strip_prefix('"').ok_or_else(no_text)?;
        let mut out = String::new();
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &body[at + 1..];
                    return Ok(out);
                }
                '\n' => break,
                '\\' => out.push(escape(&mut chars, '"').ok_or_else(|| format!("the escape at `{}` is not known", &body[at..]))?),
                c => out.push(c),
            }
        }
        Err("a text is not closed".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects() {
        let labels = Labels::from_pairs([("app", "web"), ("level", "error")]);
        for (selector, line, want) in [
            (r#"{app="web"}"#, "", true),
            (r#"{app=~"we"}"#, "", false),
            (r#"{app!~"we."}"#, "", false),
            (r#"{nope=""}"#, "", true),
            (r#" { app = "web" , level="error" }  |= "two" "#, "one two", true),
            (r#"{app="web"}|="two"!="one""#, "one two", false),
            (r#"{app="\x77eb"} |~ "^o""#, "one", true),
            (r#"{app="web"} !~ "e$""#, "one", false),
        ] {
            let parsed = Selector::parse(selector).expect(selector);
            assert_eq!(parsed.matches(&labels, &Bytes::copy_from_slice(line.as_bytes())), want, "{selector}");
        }
    }

    #[test]
    fn refuses() {
        for selector in [
            "",
            "{}",
            r#"{app="x",}"#,
            "{app=`x`}",
            r#"{a.b="x"}"#,
            r#"{app="x"} | "y""#,
            r#"{app="x"} |= y"#,
            r#"{app=~"("}"#,
            r#"{app="x"#,
            r#"{app="x"} = "y""#,
        ] {
            assert!(Selector::parse(selector).is_err(), "{selector}");
        }
    }
}
