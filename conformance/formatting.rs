//! `ferroalloy fmt` as people and scripts use it: what it prints, what it writes, and what it leaves alone.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const UGLY: &str = "logging{\nlevel=\"info\"\nformat    =  \"json\"}\n";
const NEAT: &str = "logging {\n\tlevel  = \"info\"\n\tformat = \"json\"\n}\n";
const BROKEN: &str = "logging {\n level = \n}\n";
/// Its layout breaks the raw string.
const UNSAFE: &str = "a=`x\ty`\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs `fmt` in the folder.
    fn fmt(&self, args: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferroalloy"));
        command.arg("fmt").args(args).current_dir(self.0.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // Whoever does not read its input may end before it is written.
        let _closed = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Ran::of(&child.wait_with_output().expect("it ends"))
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    errors: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) }
    }

    #[track_caller]
    fn is(&self, code: i32, out: &str) -> &Self {
        assert_eq!((self.code, self.out.as_str()), (Some(code), out), "{}", self.errors);
        assert_eq!(code == 0, self.errors.is_empty(), "{}", self.errors);
        self
    }
}

#[test]
fn results_are_printed() {
    let folder = Folder::new();
    folder.write("a.alloy", UGLY);
    folder.write("b.alloy", "b = 1");
    folder.fmt(&["a.alloy"], "").is(0, NEAT);
    folder.fmt(&["a.alloy", "b.alloy"], "").is(0, &format!("{NEAT}b = 1\n"));
    folder.fmt(&["."], "").is(0, &format!("{NEAT}b = 1\n"));
    folder.fmt(&["-"], UGLY).is(0, NEAT);
    folder.fmt(&[], UGLY).is(0, NEAT);
    folder.fmt(&["-w", "-"], UGLY).is(0, NEAT);
    folder.fmt(&["-"], "\u{feff}a=1\r\n\r\n\r\nb=2\r\n").is(0, "a = 1\n\nb = 2\n");
    assert_eq!(folder.read("a.alloy"), UGLY);
}

#[test]
fn differences_are_shown_and_nothing_is_written() {
    let folder = Folder::new();
    folder.write("a.alloy", UGLY);
    folder.write("b.alloy", NEAT);
    let shown = folder.fmt(&["--diff", "a.alloy", "b.alloy"], "");
    let lines: Vec<&str> = shown.out.lines().collect();
    assert_eq!(lines[..3], ["--- a.alloy", "+++ a.alloy", "@@ -1,3 +1,4 @@"], "{shown:?}");
    assert!(lines.contains(&"-level=\"info\"") && lines.contains(&"+\tlevel  = \"info\""), "{shown:?}");
    assert!(!shown.out.contains("b.alloy"), "what stays is not shown: {shown:?}");
    assert_eq!(folder.read("a.alloy"), UGLY);
    assert_eq!(folder.fmt(&["--diff", "-"], UGLY).out, shown.out.replace("a.alloy", "<stdin>"));
}

#[test]
fn a_test_says_which_files_are_not_formatted() {
    let folder = Folder::new();
    folder.write("a.alloy", UGLY);
    folder.write("b.alloy", NEAT);
    for (args, input, told) in [
        (&["-t", "a.alloy"][..], "", "a.alloy is not formatted"),
        (&["-t", "b.alloy"], "", ""),
        (&["-t", "b.alloy", "a.alloy"], "", "a.alloy is not formatted"),
        (&["--test", "."], "", "a.alloy is not formatted"),
        (&["-t", "-"], UGLY, "<stdin> is not formatted"),
        (&["-t", "-"], NEAT, ""),
        (&["-t", "-w", "a.alloy"], "", "cannot be used with"),
    ] {
        let ran = folder.fmt(args, input);
        assert_eq!((ran.code, ran.out.as_str()), (Some(i32::from(!told.is_empty())), ""), "{args:?}");
        assert!(ran.errors.contains(told) && ran.errors.is_empty() == told.is_empty(), "{args:?}: {}", ran.errors);
        assert!(!ran.errors.contains("b.alloy is"), "{}", ran.errors);
    }
    assert_eq!(folder.read("a.alloy"), UGLY);
}

#[test]
fn files_are_written_in_one_step_and_keep_mode_and_links() {
    let folder = Folder::new();
    let file = folder.write("a.alloy", UGLY);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("a mode");
    symlink("a.alloy", folder.path("link.alloy")).expect("a link");
    let before = std::fs::metadata(&file).expect("a file").ino();
    folder.fmt(&["-w", "link.alloy"], "").is(0, "");
    let after = std::fs::metadata(&file).expect("a file");
    assert_eq!(folder.read("a.alloy"), NEAT);
    assert_ne!(before, after.ino(), "a new file takes the place of the old one, which is never half written");
    assert_eq!(after.mode() & 0o7777, 0o640);
    assert!(std::fs::symlink_metadata(folder.path("link.alloy")).expect("a link").is_symlink());
    assert_eq!(folder.names(), ["a.alloy", "link.alloy"], "nothing else is left behind");
    // What is formatted is not written again.
    folder.fmt(&["-w", "a.alloy"], "").is(0, "");
    assert_eq!(std::fs::metadata(&file).expect("a file").ino(), after.ino());
}

#[test]
fn broken_files_are_told_and_left_alone_and_the_others_are_formatted() {
    let folder = Folder::new();
    folder.write("a.alloy", BROKEN);
    folder.write("b.alloy", UGLY);
    folder.write("c.txt", UGLY);
    let ran = folder.fmt(&["-w", "missing.alloy", "."], "");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.errors.contains("missing.alloy") && ran.errors.contains("a.alloy:3:"), "{ran:?}");
    assert_eq!([folder.read("a.alloy"), folder.read("b.alloy"), folder.read("c.txt")], [BROKEN, NEAT, UGLY]);
    let printed = folder.fmt(&["a.alloy"], "");
    assert!(printed.is(1, "").errors.contains("syntax/expected-value"), "{printed:?}");
    assert!(folder.fmt(&["-"], BROKEN).is(1, "").errors.contains("<stdin>:3:"));
    assert!(folder.fmt(&["--diff", "a.alloy"], "").is(1, "").errors.contains("syntax/"));
    assert!(folder.fmt(&["-t", "a.alloy"], "").is(1, "").errors.contains("syntax/"));
}

#[test]
fn a_layout_that_changes_the_meaning_is_printed_and_never_written() {
    let folder = Folder::new();
    folder.write("a.alloy", UNSAFE);
    assert!(folder.fmt(&["-w", "a.alloy"], "").is(1, "").errors.contains("cli/unsafe-layout"));
    assert_eq!(folder.read("a.alloy"), UNSAFE);
    let printed = folder.fmt(&["a.alloy"], "");
    assert_eq!(printed.code, Some(0), "as the original does: {printed:?}");
}

#[test]
fn a_folder_that_cannot_be_written_leaves_the_file_as_it_is() {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if is_root {
        eprintln!("skipped: the superuser may write everywhere");
        return;
    }
    let folder = Folder::new();
    folder.write("a.alloy", UGLY);
    let set = |mode| std::fs::set_permissions(Path::new(&folder.path("")), PermissionsExt::from_mode(mode)).expect("a mode");
    set(0o500);
    let ran = folder.fmt(&["-w", "a.alloy"], "");
    set(0o700);
    assert!(ran.is(1, "").errors.contains("cannot be written"), "{ran:?}");
    assert_eq!(folder.read("a.alloy"), UGLY);
}
