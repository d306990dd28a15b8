//! The checks of the fuzz targets over the stored corpus, and over changes of it that a seed decides: the same on every
//! machine. `FUZZ_SECONDS` makes each target go on for so long, `FUZZ_SEED` makes other changes.

#[path = "fuzz/checks.rs"]
mod checks;

use crate::{files_below, program, root};
use parking_lot::Mutex;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use value::schema::{BodySchema, FieldKind, Type};

/// Changed texts for each target, when `FUZZ_SECONDS` does not say how long.
const ROUNDS: u32 = 1500;
/// A text that takes longer never ends. Even slow machines need less than a second.
const STUCK: Duration = Duration::from_secs(120);
/// Bytes of a changed text.
const LONGEST: usize = 20_000;

/// Words that mean something, to stand anywhere.
const WORDS: &[&str] = &[
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ".",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "!",
    "&&",
    "||",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\"",
    "`",
    "'",
    "\\",
    "//",
    "/*",
    "*/",
    "/**/",
    " // note\n",
    "\u{feff}",
    "\0",
    "é",
    "“",
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "18446744073709551616",
    "1e999",
    "0.5",
    ".5",
    "1.",
    "1e",
    "a",
    "\"\"",
    "\"a\"",
    "`a\nb`",
    "\"\\x41\\u00e9\\n\"",
    "\"${HOME}\"",
    "\"1h\"",
    "\"1MiB\"",
    "\"%[1]*.3d\"",
    "a = 1\n",
    "a {\n}\n",
    "a \"b\" {\n}\n",
    "{a = 1,}",
    "[1, 2]",
    "constants.os",
    "sys.env(\"HOME\")",
    "string.format(\"%v\", ",
    "encoding.from_json(",
    "encoding.from_yaml(",
    "json_path(",
    "array.concat(",
    "array.combine_maps(",
    "array.group_by(",
    "coalesce(",
    "declare \"d\" {\n",
    "argument \"a\" {\n",
    "export \"e\" {\n",
    "argument.a.value",
    "foreach \"f\" {\n",
    "template {\n",
    "import.string \"i\" {\n",
    "import.file \"i\" {\n",
    "logging {\n",
    "http {\n",
    "tracing {\n",
    "prometheus.relabel \"r\" {\n",
    "prometheus.relabel.r.receiver",
    "loki.process \"p\" {\n",
    "stage.json {\n",
    "stage.template {\n",
    "{{ .Value }}",
    "stage.match {\n",
    "{a=\"b\"} |= \"c\"",
    "loki.process.p.receiver",
    "forward_to = ",
    "targets = ",
];

/// A small generator (xorshift): the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// A place in `text` where a character begins, or its end.
    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    }

    fn range(&mut self, text: &str, longest: usize) -> std::ops::Range<usize> {
        let start = self.place(text);
        let length = self.below(longest);
        let end = (start + length).min(text.len());
        start..(end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
    }

    /// A text made of one or two others.
    fn change(&mut self, corpus: &[String], words: &[&str]) -> String {
        let mut text = if self.below(8) == 0 { String::new() } else { corpus[self.below(corpus.len())].clone() };
        for _ in 0..=self.below(6) {
            self.step(&mut text, corpus, words);
            if text.len() > LONGEST {
                let cut = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                text.truncate(cut);
            }
        }
        text
    }

    fn step(&mut self, text: &mut String, corpus: &[String], words: &[&str]) {
        match self.below(8) {
            0 => {
                let range = self.range(text, 40);
                text.replace_range(range, "");
            }
            1 => {
                let range = self.range(text, 200);
                let copied = text[range.clone()].to_owned();
                text.insert_str(range.end, &copied);
            }
            2 => {
                let other = &corpus[self.below(corpus.len())];
                let piece = other[self.range(other, 300)].to_owned();
                text.insert_str(self.place(text), &piece);
            }
            3 => {
                let repeated = self.pick(words).repeat(1 << self.below(11));
                text.insert_str(self.place(text), &repeated);
            }
            4 => {
                let range = self.range(text, 3);
                let code = self.below(0x300) as u32;
                text.replace_range(range, char::from_u32(code).unwrap_or('x').encode_utf8(&mut [0; 4]));
            }
            5 => {
                for _ in 0..self.below(20) {
                    text.push_str(self.pick(words));
                }
            }
            6 => {
                let range = self.range(text, 20);
                let word = self.pick(words);
                text.replace_range(range, word);
            }
            _ => {
                let word = self.pick(words);
                text.insert_str(self.place(text), word);
            }
        }
    }
}

/// Texts below a folder of the corpus, in an order of their own.
fn stored(folder: &Path) -> Vec<String> {
    let texts = files_below(folder, &[".alloy", ".txt"]).into_iter().map(|path| std::fs::read_to_string(path).expect("a text"));
    texts.collect()
}

fn corpus(kind: &str) -> Vec<String> {
    stored(&root().join("conformance/fuzz/corpus").join(kind))
}

fn configurations() -> Vec<String> {
    let mut texts = corpus("configurations");
    texts.extend(stored(&root().join("examples")));
    texts
}

/// Runs `check` over `corpus`, and over changes of it. A text that fails is shown, so that it can join the corpus.
fn run(name: &str, corpus: Vec<String>, words: &[&str], check: fn(&str)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("FUZZ_SECONDS").map(Duration::from_secs);
    let mut random = Random(number("FUZZ_SEED").unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    assert!(!corpus.is_empty(), "there are texts to begin with");
    let present = Arc::new(Mutex::new(String::new()));
    let (sender, receiver) = sync_channel::<()>(0);
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let begun = Instant::now();
    let shown = Arc::clone(&present);
    let mut count = 0_u32;
    let work = move || {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut waiting = corpus.iter();
        loop {
            let text = match waiting.next() {
                Some(text) => text.clone(),
                None if seconds.map_or(count >= ROUNDS, |seconds| begun.elapsed() >= seconds) => return (count, Ok(())),
                None => {
                    count += 1;
                    random.change(&corpus, &words)
                }
            };
            shown.lock().clone_from(&text);
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&text))) {
                return (count, Err(panic));
            }
            if sender.send(()).is_err() {
                return (count, Ok(()));
            }
        }
    };
    // The stack of a worker thread of the program.
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    let last = loop {
        if let Err(end) = receiver.recv_timeout(STUCK) {
            break end;
        }
    };
    assert_eq!(last, RecvTimeoutError::Disconnected, "{name}: no end after {STUCK:?} with {:?}", present.lock());
    let (count, result) = thread.join().expect("panics are caught");
    assert!(result.is_ok(), "{name}: after {count} changes, this text fails: {:?}", present.lock());
    eprintln!("{name}: {count} changed texts");
}

#[test]
fn parse() {
    run("parse", configurations(), WORDS, checks::parse);
}

#[test]
fn fmt() {
    run("fmt", configurations(), WORDS, checks::fmt);
}

#[test]
fn eval() {
    run("eval", corpus("expressions"), WORDS, checks::eval);
}

#[test]
fn validate() {
    run("validate", configurations(), WORDS, checks::validate);
}

/// For each component: its arguments as its schema shows them, besides what is stored.
#[test]
fn decode() {
    let mut texts = corpus("arguments");
    let mut names: Vec<&str> = WORDS.to_vec();
    for component in program::FAMILIES.iter().copied().flatten() {
        let mut text = format!("{}\n", component.name);
        sample((component.arguments)(), 0, &mut text, &mut names);
        texts.push(text);
    }
    run("decode", texts, &names, checks::decode);
}

/// A body with every field of `schema`.
fn sample(schema: &'static BodySchema, depth: usize, out: &mut String, names: &mut Vec<&'static str>) {
    for field in &schema.fields {
        names.push(field.name);
        // Writing to a string cannot fail.
        let _ = match &field.kind {
            FieldKind::Attr { ty, one_of } => {
                let value = one_of.first().map_or_else(|| literal(ty), |word| format!("{word:?}"));
                writeln!(out, "{} = {}", field.name, field.default.clone().filter(|text| !text.is_empty()).unwrap_or(value))
            }
            FieldKind::Block { schema, .. } if depth < 4 => {
                out.push_str(field.name);
                out.push_str(" {\n");
                sample(schema(), depth + 1, out, names);
                writeln!(out, "}}")
            }
            FieldKind::Enum { variants } if depth < 1 => {
                for variant in variants.iter() {
                    let _ = writeln!(out, "{}.{} {{", field.name, variant.name);
                    sample((variant.schema)(), depth + 1, out, names);
                    out.push_str("}\n");
                }
                Ok(())
            }
            FieldKind::Block { .. } | FieldKind::Enum { .. } | FieldKind::Label => Ok(()),
        };
    }
}

/// A value of the type.
fn literal(ty: &Type) -> String {
    match ty {
        Type::Any | Type::Capsule(_) => "null".to_owned(),
        Type::Bool => "true".to_owned(),
        Type::Int | Type::Uint | Type::Float => "1".to_owned(),
        Type::String | Type::Text(_) | Type::Secret | Type::OptionalSecret => "\"a\"".to_owned(),
        Type::Duration => "\"1m\"".to_owned(),
        Type::List(item) => format!("[{}]", literal(item)),
        Type::Map(item) => format!("{{a = {}}}", literal(item)),
    }
}
