//! Regular expressions in Go's syntax, run by the `regex` crate.
//!
//! Both descend from RE2, but the texts differ: `\d`, `\w`, `\s` and `\b` are ASCII in Go, `{` may be a literal, `[` in
//! a class is one, groups may share a name, and some expressions are refused. The text is rewritten token by token.

use std::iter::Peekable;
use std::str::Chars;

/// The largest count of `{n,m}` that Go accepts.
const MOST_REPEATS: u32 = 1000;

/// A compiled regular expression with the names of its groups.
#[derive(Clone, Debug)]
pub struct GoRegex {
    regex: regex::Regex,
    names: Box<[Option<Box<str>>]>,
}

impl GoRegex {
    /// Compiles `pattern`, which matches anywhere in a text unless it says otherwise.
    ///
    /// # Errors
    /// What is wrong with the expression, in one line.
    pub fn new(pattern: &str) -> Result<Self, String> {
        Self::build(pattern, None)
    }

    /// Like [`Self::new`], but refuses an expression that needs more than `bytes` when compiled.
    ///
    /// # Errors
    /// What is wrong with the expression, in one line.
    pub fn with_size_limit(pattern: &str, bytes: usize) -> Result<Self, String> {
        Self::build(pattern, Some(bytes))
    }

    fn build(pattern: &str, size_limit: Option<usize>) -> Result<Self, String> {
        let mut rewrite = Rewrite {
            chars: pattern.chars().peekable(),
            out: String::with_capacity(pattern.len() + 8),
            names: vec![None],
            no_class_ends: false,
        };
        rewrite.run()?;
        let mut builder = regex::RegexBuilder::new(&rewrite.out);
        if let Some(bytes) = size_limit {
            builder.size_limit(bytes);
        }
        let regex = builder.build().map_err(|error| one_line(&error))?;
        Ok(Self { regex, names: rewrite.names.into() })
    }

    /// The expression as the `regex` crate runs it; its groups have numbers but no names.
    pub fn regex(&self) -> &regex::Regex {
        &self.regex
    }

    /// The names of the groups by number; number 0 is the whole match. A name may occur twice.
    pub fn names(&self) -> &[Option<Box<str>>] {
        &self.names
    }

    /// What the first group of this name that took part in the match matched.
    pub fn named<'t>(&self, captures: &regex::Captures<'t>, name: &str) -> Option<&'t str> {
        let mut groups = self.names.iter().enumerate().filter(|(_, n)| n.as_deref() == Some(name));
        groups.find_map(|(i, _)| captures.get(i)).map(|m| m.as_str())
    }
}

fn one_line(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => format!("the expression needs more than {limit} bytes when compiled"),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or(&text);
            last.trim_start_matches("error: ").to_owned()
        }
    }
}

struct Rewrite<'a> {
    chars: Peekable<Chars<'a>>,
    out: String,
    names: Vec<Option<Box<str>>>,
    /// No `:]` comes any more.
    no_class_ends: bool,
}

impl Rewrite<'_> {
    fn run(&mut self) -> Result<(), String> {
        let mut after_repeat = false;
        while let Some(c) = self.chars.next() {
            let mut repeat = false;
            match c {
                '*' | '+' | '?' => {
                    self.out.push(c);
                    repeat = true;
                }
                '{' => match self.counts() {
                    Some(counts) => {
                        check_counts(&counts)?;
                        self.out.push_str(&counts);
                        repeat = true;
                    }
                    None => self.out.push_str("\\{"),
                },
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ']' | '}' => self.literal(c),
                c => self.out.push(c),
            }
            if repeat {
                if after_repeat {
                    return Err("invalid nested repetition operator".to_owned());
                }
                if self.chars.next_if_eq(&'?').is_some() {
                    self.out.push('?');
                }
            }
            after_repeat = repeat;
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        // Not every punctuation: `\<` would be the start of a word.
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    /// After `{`: the whole of `{n}`, `{n,}` or `{n,m}`, taken only when it is one.
    fn counts(&mut self) -> Option<String> {
        let mut ahead = self.chars.clone();
        let mut text = String::from("{");
        loop {
            let c = ahead.next()?;
            text.push(c);
            match c {
                '}' => break,
                '0'..='9' | ',' => {}
                _ => return None,
            }
        }
        let inner = &text[1..text.len() - 1];
        let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
        let number = |n: &str| n.bytes().all(|b| b.is_ascii_digit()) && (n.len() < 2 || !n.starts_with('0'));
        if low.is_empty() || !number(low) || !number(high) {
            return None;
        }
        self.chars = ahead;
        Some(text)
    }

    /// After a backslash outside a class.
    fn escape(&mut self) -> Result<(), String> {
        let c = self.chars.next().ok_or("trailing backslash at end of expression")?;
        match c {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                let negated = if c.is_ascii_uppercase() { "^" } else { "" };
                self.out.push('[');
                self.out.push_str(negated);
                self.out.push_str(perl_class(c));
                self.out.push(']');
            }
            'b' => self.out.push_str(r"(?-u:\b)"),
            'B' => self.out.push_str(r"(?-u:\B)"),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            'Q' => self.quoted(),
            'p' | 'P' => self.unicode_class(c)?,
            c => {
                let c = self.escaped_char(c)?;
                self.code(c);
            }
        }
        Ok(())
    }

    /// `\Q…\E`: everything stands for itself; the end of the expression ends it too.
    fn quoted(&mut self) {
        while let Some(c) = self.chars.next() {
            if c == '\\' && self.chars.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(c);
        }
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`.
    fn unicode_class(&mut self, letter: char) -> Result<(), String> {
        let first = self.chars.next().ok_or(r"\p without a class")?;
        let mut name = String::new();
        if first == '{' {
            loop {
                match self.chars.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(r"\p{ without }".to_owned()),
                }
            }
        } else {
            name.push(first);
        }
        let (negated, name) = match name.strip_prefix('^') {
            Some(name) => (true, name),
            None => (false, name.as_str()),
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(format!("invalid character class range: `{name}`"));
        }
        let letter = if negated == (letter == 'p') { 'P' } else { 'p' };
        self.out.push('\\');
        self.out.push(letter);
        self.out.push('{');
        self.out.push_str(name);
        self.out.push('}');
        Ok(())
    }

    /// The character that an escape stands for.
    fn escaped_char(&mut self, c: char) -> Result<char, String> {
        let invalid = || format!("invalid escape sequence: `\\{c}`");
        Ok(match c {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '0'..='7' => {
                let mut value = c.to_digit(8).ok_or_else(invalid)?;
                let mut digits = 1;
                while digits < 3
                    && let Some(digit) = self.chars.peek().and_then(|c| c.to_digit(8))
                {
                    self.chars.next();
                    value = value * 8 + digit;
                    digits += 1;
                }
                // One digit other than 0 would be a back reference.
                if digits == 1 && c != '0' {
                    return Err(invalid());
                }
                char::from_u32(value).ok_or_else(invalid)?
            }
            'x' => self.hex().ok_or_else(invalid)?,
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(invalid()),
        })
    }

    /// After `\x`: two digits, or any number in braces.
    fn hex(&mut self) -> Option<char> {
        let mut value = 0u32;
        if self.chars.next_if_eq(&'{').is_some() {
            let mut digits = 0;
            loop {
                match self.chars.next()? {
                    '}' if digits > 0 => return char::from_u32(value),
                    c => value = value.checked_mul(16)?.checked_add(c.to_digit(16)?)?,
                }
                digits += 1;
            }
        }
        for _ in 0..2 {
            value = value * 16 + self.chars.next()?.to_digit(16)?;
        }
        char::from_u32(value)
    }

    fn code(&mut self, c: char) {
        if c.is_ascii_punctuation() || !c.is_ascii() {
            self.literal(c);
        } else {
            self.out.push_str(&format!("\\x{{{:x}}}", c as u32));
        }
    }

    /// After `(`: what kind of group it is.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.chars.next_if_eq(&'?').is_none() {
            self.names.push(None);
            return Ok(());
        }
        let mut ahead = self.chars.clone();
        let named = match (ahead.next(), ahead.next()) {
            (Some('P'), Some('<')) => Some(2),
            (Some('<'), Some(c)) if c != '=' && c != '!' => Some(1),
            _ => None,
        };
        if let Some(skip) = named {
            self.chars.nth(skip - 1);
            return self.named_group();
        }
        self.out.push('?');
        loop {
            match self.chars.next() {
                Some(c @ ('i' | 'm' | 's' | 'U' | '-')) => self.out.push(c),
                Some(c @ (':' | ')')) => {
                    self.out.push(c);
                    return Ok(());
                }
                Some(c) => return Err(format!("invalid or unsupported Perl syntax: `(?{c}`")),
                None => return Err("missing closing )".to_owned()),
            }
        }
    }

    /// After `(?P<`: the name goes to our own list, because two groups may have the same.
    fn named_group(&mut self) -> Result<(), String> {
        let mut name = String::new();
        loop {
            match self.chars.next() {
                Some('>') if !name.is_empty() => break,
                Some(c) if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                _ => return Err(format!("invalid named capture: `(?P<{name}`")),
            }
        }
        self.names.push(Some(name.into()));
        Ok(())
    }

    /// After `[`.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let c = self.chars.next().ok_or("missing closing ]")?;
            match c {
                ']' if !first => break,
                '[' if self.posix_class()? => {}
                '\\' if self.class_escape()? => {}
                c => self.class_range(c)?,
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// `[:alpha:]` after its first `[`. Without a `:]` anywhere behind it, `[` stands for itself.
    fn posix_class(&mut self) -> Result<bool, String> {
        const NAMES: [&str; 14] =
            ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];
        let mut ahead = self.chars.clone();
        if self.no_class_ends || ahead.next() != Some(':') {
            return Ok(false);
        }
        let mut name = String::new();
        while !name.ends_with(":]") {
            let Some(c) = ahead.next() else {
                // None can come later either: looking again each time would take the square of the length.
                self.no_class_ends = true;
                return Ok(false);
            };
            name.push(c);
        }
        let name = name.trim_end_matches(":]");
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(format!("invalid character class range: `[:{name}:]`"));
        }
        self.chars = ahead;
        self.out.push_str("[:");
        self.out.push_str(name);
        self.out.push_str(":]");
        Ok(true)
    }

    /// `\d` and `\p{…}` inside a class, after the backslash; other escapes are left where they are.
    fn class_escape(&mut self) -> Result<bool, String> {
        let Some(&c) = self.chars.peek() else { return Err("trailing backslash at end of expression".to_owned()) };
        match c {
            'd' | 's' | 'w' => self.out.push_str(perl_class(c)),
            'D' | 'S' | 'W' => {
                self.out.push_str("[^");
                self.out.push_str(perl_class(c));
                self.out.push(']');
            }
            'p' | 'P' => {
                self.chars.next();
                self.unicode_class(c)?;
                return Ok(true);
            }
            _ => return Ok(false),
        }
        self.chars.next();
        Ok(true)
    }

    /// One character of a class, or a range of them.
    fn class_range(&mut self, c: char) -> Result<(), String> {
        let low = self.class_char(c)?;
        let mut high = low;
        let mut ahead = self.chars.clone();
        if ahead.next() == Some('-') && !matches!(ahead.peek(), None | Some(']')) {
            self.chars.next();
            let c = self.chars.next().ok_or("missing closing ]")?;
            high = self.class_char(c)?;
        }
        if high < low {
            return Err(format!("invalid character class range: `{low}-{high}`"));
        }
        self.code(low);
        if high != low {
            self.out.push('-');
            self.code(high);
        }
        Ok(())
    }

    fn class_char(&mut self, c: char) -> Result<char, String> {
        if c != '\\' {
            return Ok(c);
        }
        let c = self.chars.next().ok_or("trailing backslash at end of expression")?;
        self.escaped_char(c)
    }
}

fn check_counts(counts: &str) -> Result<(), String> {
    let inner = &counts[1..counts.len() - 1];
    let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
    let number = |n: &str| n.parse::<u32>().ok().filter(|n| *n <= MOST_REPEATS);
    match (number(low), number(high)) {
        (Some(_), None) if high.is_empty() => Ok(()),
        (Some(low), Some(high)) if low <= high => Ok(()),
        _ => Err(format!("invalid repeat count: `{counts}`")),
    }
}

fn perl_class(letter: char) -> &'static str {
    match letter {
        'd' | 'D' => "0-9",
        's' | 'S' => r"\t\n\x0c\r\x20",
        _ => "0-9A-Za-z_",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_as_in_go() {
        for (pattern, text, want) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\w$", "é", false),
            (r"^\W$", "é", true),
            (r"^[\w-]+$", "a-b", true),
            (r"^[^\s]+$", "a b", false),
            (r"^[\D]$", "5", false),
            (r"^a{$", "a{", true),
            (r"^a{,2}$", "a{,2}", true),
            (r"^a{2}$", "aa", true),
            (r"^{{.*}}$", "{{x}}", true),
            (r"^[[a]$", "[", true),
            (r"^[a&&b]$", "&", true),
            (r"^[]a]$", "]", true),
            (r"^[[:alpha:]_]+$", "ab_", true),
            (r"^[[:^digit:]:]+$", "a:", true),
            (r"^[[:a]+$", "[:a", true),
            (r"^\Qa.b\E.$", "a.bc", true),
            (r"^\Qa.b\E.$", "axbc", false),
            (r"^\101\x42\x{43}$", "ABC", true),
            (r"^\<a\>$", "<a>", true),
            (r"^\p{^Greek}\pN$", "a1", true),
            (r"(?i)^STRASSE$", "strasse", true),
            (r"^(?P<1a>x)(?P<1a>y)$", "xy", true),
            (r"\bfoo\b", "éfooé", true),
            (r"^[a-]+$", "a-", true),
            (r"^[\-a]+$", "-a", true),
            (r"^\_\/\-$", "_/-", true),
        ] {
            let regex = GoRegex::new(pattern).expect(pattern);
            assert_eq!(regex.regex().is_match(text), want, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "(",
            ")",
            "[a",
            "a**",
            "a+*",
            "*a",
            "(?x)a",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            r"(a)\1",
            r"\8",
            "a{1001}",
            "a{2,1}",
            r"\y",
            r"\Z",
            r"[\b]",
            "[b-a]",
            "(?P<é>a)",
            "(?P<>a)",
            "(?P=a)",
            r"a\",
            "a{2}{3}",
            r"[a-\d]",
            r"\p{Nope}",
            "[[:foo:]]",
            "[[:a-z:]]",
            "x{2}**",
            "a|*",
        ] {
            assert!(GoRegex::new(pattern).is_err(), "{pattern}");
        }
    }
}
