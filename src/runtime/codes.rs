//! What each code of the diagnostics about components, modules and the configuration as a whole means.

/// Every code of the language and of this crate with its explanation, sorted by code.
pub fn all() -> Vec<(&'static str, &'static str)> {
    let mut codes: Vec<_> = [syntax::CODES, value::CODES, value::eval::CODES, CODES].into_iter().flatten().copied().collect();
    codes.sort_unstable();
    codes
}

/// Codes with their explanations, sorted by code.
pub const CODES: &[(&str, &str)] = &[
    (
        "component/build",
        "The arguments of a component are right as far as they can be checked before, but it could not be made from them: a file that it \
needs is missing, an address is taken, a service cannot be reached. The message says which.",
    ),
    (
        "config/cycle",
        "Components read each other in a circle, so none of them can be evaluated first. Every reference of the circle is shown; take one \
of them out, for instance by writing the value itself.

Wrong:
    local.file \"a\" { filename = local.file.b.content }
    local.file \"b\" { filename = local.file.a.content }

Right:
    local.file \"a\" { filename = local.file.b.content }
    local.file \"b\" { filename = \"/etc/name\" }",
    ),
    (
        "config/deprecated-function",
        "A function of the library is called by a former name. It works as before; the message says what it is called now.

Wrong:
    url = env(\"URL\")

Right:
    url = sys.env(\"URL\")",
    ),
    (
        "config/duplicate",
        "Two blocks have the same name and label, so references to them mean neither. With a folder of files both places are named.

Wrong:
    local.file \"token\" { filename = \"/run/a\" }
    local.file \"token\" { filename = \"/run/b\" }

Right:
    local.file \"token\" { filename = \"/run/a\" }
    local.file \"other\" { filename = \"/run/b\" }",
    ),
    ("config/empty-folder", "A folder was given as configuration, and no file directly in it has a name that ends in `.alloy`."),
    (
        "config/label",
        "Components need a label, which makes them different from others of the same kind. Blocks that set up the program take none: \
there is one of each.

Wrong:
    local.file { filename = \"/run/token\" }

Right:
    local.file \"token\" { filename = \"/run/token\" }",
    ),
    (
        "config/misplaced",
        "The block has a meaning, but not where it stands: `argument` and `export` belong into modules, `logging` and its like to the top \
of the main configuration, and what is imported consists of `declare` and `import` blocks.",
    ),
    (
        "config/not-in-this-build",
        "The original has this component, and this build has not. `validate` checks its arguments and the references to it as far as they \
are known and warns; `run` refuses the configuration rather than leave a part of it out in silence.",
    ),
    ("config/not-text", "The file is not UTF-8 text. Either another file was meant, or an editor saved it in another encoding."),
    (
        "config/recursion",
        "A custom component contains itself, directly or through others, so making one would never end. Every use of the circle is shown.",
    ),
    (
        "config/shadows-function",
        "A `declare` block or an import is called like a namespace of the function library. References to it hide the functions.

Wrong:
    declare \"string\" { }

Right:
    declare \"text\" { }",
    ),
    (
        "config/stability",
        "The component or function is less settled than what is allowed, or comes from the community. `--stability.level=experimental`, \
`--stability.level=public-preview` or `--feature.community-components.enabled` allows it; the hint says which is needed.",
    ),
    (
        "config/stray-attribute",
        "An attribute stands outside of any block. At the top of a file there are only blocks.

Wrong:
    level = \"debug\"

Right:
    logging { level = \"debug\" }",
    ),
    ("config/too-large", "The file is far larger than any configuration. Probably the path of another file was given."),
    (
        "config/too-many-errors",
        "The configuration has so many errors that only the first hundred are shown. Often they have one cause: a file of another program, \
or a bracket that closes too early.",
    ),
    (
        "config/too-many-modules",
        "Custom components and the elements of `foreach` blocks are modules, and a configuration may have 100,000 of them at once. Where \
modules stand in modules their numbers multiply.",
    ),
    (
        "config/unknown-component",
        "No component, configuration block or custom component has this name, neither in this build nor in the original. Names are matched \
letter by letter; the hint shows the closest one.",
    ),
    (
        "config/unknown-export",
        "The component is there, but exports nothing of this name.

Wrong:
    forward_to = [loki.write.default.input]

Right:
    forward_to = [loki.write.default.receiver]",
    ),
    (
        "config/unknown-reference",
        "A name in an expression means nothing here: no component, no argument, no function. Components are referred to by name, label and \
export. Inside `declare` only what the module itself contains can be seen.",
    ),
    ("config/unreadable", "The configuration could not be read: it is not there, or this user may not read it."),
    (
        "config/unset-variable",
        "An environment variable that the configuration reads is not set where the check runs, so that the value is an empty string. \
Where the program runs it may be set; where it may be absent, say what counts then.

Wrong:
    url = sys.env(\"LOKI_URL\")

Right:
    url = coalesce(sys.env(\"LOKI_URL\"), \"http://localhost:3100/loki/api/v1/push\")",
    ),
    (
        "config/unused",
        "Something leads nowhere: no component reads what it exports, nobody sends to it, or it sends to nobody. The program runs; what \
was meant to happen does not. Often a reference leads to another component than was thought.

Wrong:
    prometheus.exporter.unix \"node\" { }

Right:
    prometheus.exporter.unix \"node\" { }
    prometheus.scrape \"node\" {
      targets    = prometheus.exporter.unix.node.targets
      forward_to = [prometheus.remote_write.default.receiver]
    }",
    ),
    ("foreach/template", "A `foreach` needs exactly one `template` block: what is made for each element of the collection."),
    ("module/block", "A custom component takes attributes only, one for each `argument` block of its `declare` block."),
    (
        "module/file",
        "The file has `argument` blocks at its top, so it is a module: it is checked as one, and runs only where another configuration \
imports it.",
    ),
    (
        "module/missing-argument",
        "A custom component is used without an argument that it needs. `optional = true` beside a default makes one optional.",
    ),
    (
        "module/nested-file",
        "A module that came from elsewhere imports a file by a path. Where it came from has no files: import by the same way.",
    ),
    (
        "module/not-loaded",
        "The namespace comes from an import that has brought nothing so far: its source could not be read, or what it holds is broken. \
What is said of the import tells more.",
    ),
    ("module/repeated-argument", "An argument of a custom component is given twice. Each may be written once."),
    (
        "module/source",
        "The source of an import could not be read. With a copy of the last good contents the program goes on with that one.",
    ),
    ("module/unknown", "The namespace was imported, but what it brings has no custom component of this name."),
    ("module/unknown-argument", "A custom component is given an argument for which its `declare` block has no `argument` block."),
];
