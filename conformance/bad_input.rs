//! Input that no configuration has: what is no text, is endless, deep, or grows with itself. Whatever command gets it, the
//! program ends with a finding that says what is wrong, with exit code 1, within a bound on memory and processor time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Address space of the program in KiB. The stacks of threads, which are mostly never touched, count.
const MEMORY: u64 = 3 * 1024 * 1024;
/// Processor time in seconds: many times what unoptimised code needs, so that only what never ends meets it.
const SECONDS: u64 = 120;
/// What is printed at most, whatever the input.
const OUTPUT: usize = 200_000;

/// The program, within its bounds.
fn program(args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    let limits = format!("ulimit -v {MEMORY}; ulimit -t {SECONDS}; exec \"$0\" \"$@\"");
    command.args(["-c", &limits, env!("CARGO_BIN_EXE_ferroalloy")]).args(args).stdin(Stdio::null());
    command
}

fn finish(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

/// What was printed for people.
fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn arguments(&self, command: &str, path: &Path) -> Vec<String> {
        let path = path.display().to_string();
        let storage = format!("--storage.path={}", self.path().join("data").display());
        let words: Vec<&str> = match command {
            "run" => vec!["run", "--stability.level=experimental", "--server.http.listen-addr=127.0.0.1:0", &storage, &path],
            "validate" => vec!["validate", "--stability.level=experimental", &path],
            other => other.split(' ').chain([path.as_str()]).collect(),
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// Runs each of `commands` with `path`: each has to end with 1 and a finding that has `code`.
    fn refuses(&self, commands: &[&str], path: &Path, code: &str) {
        for command in commands {
            let args = self.arguments(command, path);
            let output = finish(&mut program(&args.iter().map(String::as_str).collect::<Vec<_>>()));
            let printed = errors(&output);
            let what = format!("{command} {}: {}", path.display(), printed.chars().take(2000).collect::<String>());
            assert_eq!(output.status.code(), Some(1), "{what}");
            assert!(printed.contains(code), "no {code}: {what}");
            assert!(!printed.contains("panicked"), "{what}");
            assert!(printed.len() < OUTPUT, "{} bytes: {what}", printed.len());
            assert!(*command == "run" || output.stdout.is_empty(), "{what}");
        }
    }

    fn refuses_text(&self, commands: &[&str], name: &str, text: &str, code: &str) {
        let path = self.write(&format!("{name}.alloy"), text);
        self.refuses(commands, &path, code);
        assert_eq!(std::fs::read(&path).expect("it is still there"), text.as_bytes(), "{name} was changed");
    }
}

const ALL: &[&str] = &["validate", "run", "fmt", "fmt -w"];
/// Commands that look at more than the text.
const MEANING: &[&str] = &["validate", "run"];

/// Scenario: what should be a configuration is missing, a folder without one, no text, or has no end.
#[test]
fn files_that_are_no_configuration() {
    let folder = Folder::new();
    folder.refuses(ALL, &folder.path().join("missing.alloy"), "config/unreadable");
    folder.refuses(ALL, Path::new("/dev/zero"), "config/too-large");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    folder.refuses(ALL, &folder.path().join("empty"), "config/empty-folder");
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (name, bytes) in [("binary", noise), ("latin-1", b"a = \"\xe9\"\n".to_vec()), ("utf-16", b"\xff\xfea\0 \0=\0".to_vec())] {
        let path = folder.write(name, bytes);
        folder.refuses(ALL, &path, "config/not-text");
    }
    let path = folder.write("nul", vec![0; 1_000_000]);
    folder.refuses(ALL, &path, "syntax/binary");
    let path = folder.write("large", vec![b'\n'; 65 << 20]);
    folder.refuses(ALL, &path, "config/too-large");
}

/// Scenario: lines of 10 MB.
#[test]
fn endless_lines() {
    const LONG: usize = 10_000_000;
    let folder = Folder::new();
    folder.refuses_text(ALL, "string", &format!("a = \"{}\n", "x".repeat(LONG)), "syntax/unterminated-string");
    folder.refuses_text(ALL, "name", &"x".repeat(LONG), "syntax/");
    folder.refuses_text(ALL, "list", &format!("a = [{}]\n", "1,".repeat(LONG / 2)), "syntax/too-big");
    folder.refuses_text(ALL, "path", &format!("a{} {{ }}\n", ".b".repeat(LONG / 2)), "syntax/too-big");
    folder.refuses_text(MEANING, "block", &format!("{} \"a\" {{ }}\n", "x".repeat(LONG)), "config/unknown-component");
    folder.refuses_text(MEANING, "value", &format!("logging {{\n level = \"{}\"\n}}\n", "x".repeat(LONG)), "decode/value");
}

/// Scenario: ten thousand levels of everything that can stand in itself.
#[test]
fn deep_nesting() {
    const DEEP: usize = 10_000;
    let folder = Folder::new();
    let around = |open: &str, close: &str| format!("a = {}1{}\n", open.repeat(DEEP), close.repeat(DEEP));
    let texts = [
        around("[", "]"),
        around("(", ")"),
        around("{a = ", "}"),
        around("!", ""),
        around("-", ""),
        around("f(", ")"),
        around("a[", "]"),
        around("1 ^ ", ""),
        format!("a = a{}\n", ".b".repeat(DEEP)),
        format!("a = a{}\n", "[0]".repeat(DEEP)),
        format!("a = a{}\n", "()".repeat(DEEP)),
        format!("a = 1{}\n", "+1".repeat(DEEP * 10)),
        format!("{}{}", "a {\n".repeat(DEEP), "}\n".repeat(DEEP)),
        format!("{}{}", "declare \"a\" {\n".repeat(DEEP), "}\n".repeat(DEEP)),
        format!("a = {}", "[".repeat(DEEP)),
        format!("a = {}{}\n", "[".repeat(DEEP), ")".repeat(DEEP)),
    ];
    for (number, text) in texts.iter().enumerate() {
        folder.refuses_text(ALL, &format!("deep{number}"), text, "syntax/too-deep");
    }
}

/// Scenario: a million levels, and brackets that do not pair.
#[test]
fn bottomless_nesting() {
    const DEEP: usize = 1_000_000;
    let folder = Folder::new();
    for (number, (open, close, code)) in [
        ("[", "]", "syntax/too-deep"),
        ("(", ")", "syntax/too-deep"),
        ("{a=", "}", "syntax/too-big"),
        ("[", ")", "syntax/too-deep"),
        ("[", "", "syntax/too-deep"),
        ("!", "", "syntax/too-deep"),
        ("-", "", "syntax/too-deep"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("a = {}1{}\n", open.repeat(DEEP), close.repeat(DEEP));
        folder.refuses_text(&["validate"], &format!("deep{number}"), &text, code);
    }
    let blocks = format!("{}{}", "a {\n".repeat(DEEP), "}".repeat(DEEP));
    folder.refuses_text(&["validate"], "blocks", &blocks, "syntax/too-deep");
    for (name, text) in [("braces", "}"), ("brackets", "]"), ("comments", "/*"), ("quotes", "a = “"), ("signs", "$ }\n")] {
        folder.refuses_text(&["validate"], name, &text.repeat(DEEP), "syntax/");
    }
}

/// Scenario: values that read themselves, directly and in a large circle.
#[test]
fn circles() {
    const MANY: usize = 20_000;
    let folder = Folder::new();
    folder.refuses_text(MEANING, "stray", "a = a\n", "config/stray-attribute");
    let relabel =
        |name: &str, reads: &str| format!("prometheus.relabel \"{name}\" {{\n forward_to = [prometheus.relabel.{reads}.receiver]\n}}\n");
    folder.refuses_text(MEANING, "self", &relabel("a", "a"), "config/cycle");
    let large: String = (0..MANY).map(|i| relabel(&format!("x{i}"), &format!("x{}", (i + 1) % MANY))).collect();
    folder.refuses_text(MEANING, "large", &large, "config/cycle");
    let argument = |name: &str, reads: &str| format!("argument \"{name}\" {{\n optional = true\n default = argument.{reads}.value\n}}\n");
    folder.refuses_text(&["validate"], "arguments", &(argument("a", "b") + &argument("b", "a")), "config/cycle");
    let module = format!("declare \"d\" {{\n{}{}}}\n", argument("a", "b"), argument("b", "a"));
    folder.refuses_text(&["validate"], "module", &module, "config/cycle");
    folder.refuses_text(&["run"], "used", &format!("{module}d \"x\" {{ }}\n"), "config/cycle");
    folder.refuses_text(MEANING, "declare", "declare \"d\" {\n d \"x\" { }\n}\nd \"x\" { }\n", "config/recursion");
}

/// Scenario: more mistakes than anybody reads, of each kind. Guarantee: the first are told, and that there are more.
#[test]
fn countless_errors() {
    const MANY: usize = 20_000;
    let folder = Folder::new();
    let each = |text: fn(usize) -> String| (0..MANY).map(text).collect::<String>();
    let inside = |text: fn(usize) -> String| format!("prometheus.relabel \"x\" {{\n forward_to = []\n{}}}\n", each(text));
    for (name, text) in [
        ("unknown", each(|i| format!("foo.bar \"x{i}\" {{ }}\n"))),
        ("stray", each(|i| format!("a{i} = 1\n"))),
        ("double", each(|_| "prometheus.exporter.unix \"a\" { }\n".to_owned())),
        ("dangling", each(|i| format!("prometheus.relabel \"x{i}\" {{\n forward_to = [prometheus.relabl.x{i}.receiver]\n}}\n"))),
        ("arguments", each(|i| format!("prometheus.relabel \"x{i}\" {{\n forward_to = 1\n nope = 2\n}}\n"))),
        ("attributes", inside(|i| format!("nope{i} = 2\n"))),
        ("repeated", inside(|_| "max_cache_size = 2\n".to_owned())),
        ("blocks", inside(|i| format!("nope{i} {{ }}\n"))),
    ] {
        folder.refuses_text(MEANING, name, &text, "config/too-many-errors");
    }
    for (name, line) in [("words", "a b\n"), ("quotes", "a = \"x\n"), ("labels", "a \"b c\" {\n}\n"), ("hash", "#\n")] {
        folder.refuses_text(ALL, name, &line.repeat(MANY), "syntax/");
    }
    // Far from the first of its name, which is shown, too.
    let far = format!("a.b \"c\" {{ }}\n{}", "// far away\n".repeat(200_000)).replace("a.b", "prometheus.exporter.unix");
    folder.refuses_text(MEANING, "far", &format!("{far}{}", "prometheus.exporter.unix \"c\" { }\n".repeat(200)), "config/duplicate");
}

/// Scenario: modules in modules, and values in values, that multiply with each level.
#[test]
fn what_grows_with_itself() {
    let folder = Folder::new();
    let mut twice = String::new();
    for level in 0..40 {
        let next = level + 1;
        writeln!(twice, "declare \"d{level}\" {{\n d{next} \"a\" {{ }}\n d{next} \"b\" {{ }}\n}}").expect("written to a string");
    }
    twice += "declare \"d40\" {\n export \"o\" { value = 1 }\n}\nd0 \"x\" { }\n";
    folder.refuses_text(&["run"], "modules", &twice, "config/too-many-modules");
    let ten = "collection = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    let open: String = (0..8).map(|i| format!("foreach \"f{i}\" {{\n {ten}\n var = \"v{i}\"\n template {{\n")).collect();
    folder.refuses_text(&["run"], "elements", &format!("{open}{}", "}\n}\n".repeat(8)), "config/too-many-modules");
    for (name, value, code) in [
        ("values", "[argument.a.value, argument.a.value]", "eval/too-large"),
        ("strings", "argument.a.value + argument.a.value", "eval/too-large"),
    ] {
        let mut text =
            format!("declare \"d\" {{\n argument \"a\" {{ }}\n export \"o\" {{ value = {value} }}\n}}\nd \"x0\" {{\n a = \"a\"\n}}\n");
        for i in 0..60 {
            writeln!(text, "d \"x{}\" {{\n a = d.x{i}.o\n}}", i + 1).expect("written to a string");
        }
        folder.refuses_text(&["run"], name, &text, code);
    }
}

/// Scenario: expressions and texts inside of texts that would take for ever or all memory.
#[test]
fn expressions_that_explode() {
    let laughs: Vec<String> = (0..12)
        .map(|level| {
            let name = char::from(b'b' + level);
            let before = char::from(b'a' + level);
            format!("{name}: &{name} [{}]", vec![format!("*{before}"); 9].join(","))
        })
        .collect();
    let laughs = format!("encoding.from_yaml(`a: &a [x,x,x,x,x,x,x,x,x]\n{}`)", laughs.join("\n"));
    let replaced = "string.replace(X, \"a\", `Y`)".replace('Y', &"a".repeat(1000));
    let grown = (0..3).fold(format!("`{}`", "a".repeat(1000)), |inner, _| replaced.replace('X', &inner));
    let wide = format!("string.format(\"{}\", {})", "%999999d".repeat(2000), vec!["1"; 2000].join(", "));
    let deep_json = format!("\"{}{}\"", "[".repeat(20_000), "]".repeat(20_000));
    for text in [
        laughs,
        grown,
        wide,
        "string.join(string.split(string.format(\"%999999d\", 1), \"\"), string.format(\"%999999d\", 1))".to_owned(),
        format!("encoding.from_json({deep_json})"),
        format!("encoding.from_yaml({deep_json})"),
        format!("encoding.from_yaml(\"{}\")", "- ".repeat(20_000)),
        format!("encoding.from_yaml(\"{}\")", "? ".repeat(20_000)),
        format!("encoding.from_yaml(\"{}\")", "{a: ".repeat(20_000)),
        format!("json_path({deep_json}, \"$..*\")"),
        format!("json_path(\"[{}1{}]\", \"${}\")", "[".repeat(400), "]".repeat(400), "..*".repeat(300)),
        format!("json_path(\"[1]\", \"$[?({}@{})]\")", "(".repeat(5000), ")".repeat(5000)),
        format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("1{}", "+1".repeat(50_000)),
        "a".to_owned(),
        String::new(),
    ] {
        let output = finish(&mut program(&["eval", &text]));
        let shown = format!("{}: {}", text.chars().take(80).collect::<String>(), errors(&output));
        assert_eq!(output.status.code(), Some(1), "{shown}");
        assert!(errors(&output).contains('×') && !errors(&output).contains("panicked"), "{shown}");
        assert!(output.stderr.len() < OUTPUT && output.stdout.is_empty(), "{shown}");
    }
    // These have a value, and have it at once.
    for (text, value) in [
        ("2 ^ 9223372036854775807", "0"),
        ("string.format(\"%1000000000d\", 1)", "\"%!(NOVERB)%!(EXTRA int=1)\""),
        ("string.format(\"%*d\", 1000000000, 1)", "\"%!(BADWIDTH)1\""),
    ] {
        let output = finish(&mut program(&["eval", text]));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), value, "{text}: {}", errors(&output));
        assert!(output.status.success());
    }
}

/// Scenario: languages inside of strings, nested as deep as a string can hold.
#[test]
fn deep_text_in_arguments() {
    const DEEP: usize = 20_000;
    let folder = Folder::new();
    let stage = |body: &str| format!("loki.process \"x\" {{\n forward_to = []\n {body}\n}}\n");
    let around = |open: &str, close: &str| format!("{}a{}", open.repeat(DEEP), close.repeat(DEEP));
    for (name, body) in [
        ("regex", format!("stage.regex {{ expression = `(?P<a>{})` }}", around("(", ")"))),
        ("regex2", "stage.regex { expression = `(?P<a>((((a{1,100}){1,100}){1,100}){1,100}))` }".to_owned()),
        ("jmespath", format!("stage.json {{ expressions = {{a = `{}`}} }}", around("(", ")"))),
        ("jmespath2", format!("stage.json {{ expressions = {{a = `{}`}} }}", around("a.", ""))),
        ("jmespath3", format!("stage.json {{ expressions = {{a = `{}`}} }}", around("a || ", ""))),
        ("template", format!("stage.template {{\n source = \"a\"\n template = `{}`\n}}", around("{{if .Value}}", "{{end}}"))),
        ("template2", format!("stage.template {{\n source = \"a\"\n template = `{{{{ {} }}}}`\n}}", around("(", ")"))),
        ("selector", format!("stage.match {{\n selector = `{{a=\"b\"}} {}`\n}}", "|~ \"(\" ".repeat(DEEP))),
    ] {
        folder.refuses_text(MEANING, name, &stage(&body), "/");
    }
    let nested = format!("{}{}", "stage.match {\n selector = `{a=\"b\"}`\n".repeat(400), "}\n".repeat(400));
    folder.refuses_text(MEANING, "stages", &stage(&nested), "decode/");
}
