//! The stable codes of this crate's diagnostics and what each means.

/// Code and explanation: a paragraph, then an example that is wrong and one that is right, each indented by four blanks
/// below the lines `Wrong:` and `Right:`.
pub const CODES: &[(&str, &str)] = &[
    (
        "syntax/bad-escape",
        "A string in double quotes holds a backslash that begins no escape sequence. Known are \\a \\b \\f \\n \\r \\t \\v \\\\ \\\", \
three octal digits, \\xHH, \\uHHHH and \\UHHHHHHHH. Text between backticks has no escapes, which suits regular expressions.

Wrong:
    regex = \"\\d+\"

Right:
    regex = `\\d+`",
    ),
    (
        "syntax/bad-label",
        "The label of a block becomes part of references such as `local.file.token.content`, so it must be a name: letters, digits \
and `_`, in double quotes, not beginning with a digit, and not `true`, `false` or `null`.

Wrong:
    local.file \"api-token\" { }

Right:
    local.file \"api_token\" { }",
    ),
    (
        "syntax/bad-number",
        "A number has an `e` for an exponent but no digits after it.

Wrong:
    limit = 1e

Right:
    limit = 1e6",
    ),
    (
        "syntax/binary",
        "The file holds a NUL byte. Configurations are text in UTF-8; other encodings, UTF-16 first of all, must be converted.",
    ),
    (
        "syntax/block-as-value",
        "An attribute is given what reads like a block. Either a block was meant, which has no `=`, or an object, which has no name \
before `{`.

Wrong:
    limits = rate \"x\" { per = \"1s\" }

Right:
    limits { per = \"1s\" }",
    ),
    (
        "syntax/colon",
        "Attributes and the fields of objects are set with `=`. The colon comes from YAML and JSON and has no meaning here.

Wrong:
    url: \"http://localhost\"

Right:
    url = \"http://localhost\"",
    ),
    (
        "syntax/dotted-attribute",
        "The name of an attribute is a single word. What stands inside a block is set inside the braces of that block; only the \
names of blocks may have dots.

Wrong:
    client.timeout = \"5s\"

Right:
    client { timeout = \"5s\" }",
    ),
    (
        "syntax/expected-assignment",
        "A statement is either `name = value` or `name \"label\" { … }`. After the name came something else. The `{` of a block \
stands on the line of its name.

Wrong:
    targets [\"a\"]

Right:
    targets = [\"a\"]",
    ),
    (
        "syntax/expected-block",
        "After the name and the label of a block its `{` must follow, on the same line.

Wrong:
    local.file \"token\" \"other\" { }

Right:
    local.file \"token\" { }",
    ),
    (
        "syntax/expected-closing",
        "A bracket was opened and something stands where it should be closed or the value should go on. A value ends where its line \
ends, unless the line ends with an operator, a comma or an opening bracket.

Wrong:
    a = (1 + 2
      )

Right:
    a = (1 +
      2)",
    ),
    (
        "syntax/expected-field",
        "An object is a list of `name = value`, separated by commas. Names that are no plain words stand in quotes.

Wrong:
    labels = { app.name = \"web\" }

Right:
    labels = { \"app.name\" = \"web\" }",
    ),
    (
        "syntax/expected-name",
        "A statement begins with a name, and after a `.` a name must follow.

Wrong:
    \"url\" = \"http://localhost\"

Right:
    url = \"http://localhost\"",
    ),
    (
        "syntax/expected-value",
        "A value is missing: after `=`, after an operator, or between brackets and commas.

Wrong:
    targets = [\"a\", , \"b\"]

Right:
    targets = [\"a\", \"b\"]",
    ),
    (
        "syntax/foreign-language",
        "The text is written in another language altogether, such as YAML or JSON. Where a configuration is wrapped in another file, \
such as a Kubernetes ConfigMap, only the configuration itself must be given.

Wrong:
    apiVersion: v1
    kind: ConfigMap

Right:
    logging { level = \"info\" }",
    ),
    (
        "syntax/hash-comment",
        "Comments begin with `//` and go to the end of the line, or stand between `/*` and `*/`. The `#` has no meaning here.

Wrong:
    # how much to say
    level = \"info\"

Right:
    // how much to say
    level = \"info\"",
    ),
    (
        "syntax/illegal-character",
        "A character has no meaning outside of strings. Text stands in double quotes; invisible characters often come with text \
copied from a web page.

Wrong:
    level = \"info\";

Right:
    level = \"info\"",
    ),
    (
        "syntax/labelled-attribute",
        "Only blocks have labels. Drop the label to set an attribute, or drop the `=` to open a block.

Wrong:
    rule \"a\" = { }

Right:
    rule \"a\" { }",
    ),
    (
        "syntax/missing-comma",
        "The values of a list and the fields of an object are separated by commas. Where the closing bracket stands on a line of its \
own, a comma follows the last one too.

Wrong:
    targets = [
      \"a\",
      \"b\"
    ]

Right:
    targets = [
      \"a\",
      \"b\",
    ]",
    ),
    (
        "syntax/shell-variable",
        "The `$` of shells and templates has no meaning here. Environment variables are read with a function.

Wrong:
    password = $PASSWORD

Right:
    password = sys.env(\"PASSWORD\")",
    ),
    (
        "syntax/single-quotes",
        "Strings stand in double quotes, or between backticks when they hold backslashes, double quotes or several lines.

Wrong:
    level = 'info'

Right:
    level = \"info\"",
    ),
    (
        "syntax/smart-quotes",
        "The quotes around a string are typographic ones, as word processors write them. Straight quotes are meant.

Wrong:
    level = “info”

Right:
    level = \"info\"",
    ),
    (
        "syntax/stray-brace",
        "A `}` closes nothing: a block above was closed before, or its beginning is missing.

Wrong:
    logging { level = \"info\" }
    }

Right:
    logging { level = \"info\" }",
    ),
    (
        "syntax/template",
        "A part of the text, between `{{` and `}}`, should have been filled in by another program, such as Helm, before the configuration \
is read. In strings it stays as it is; outside of them it has no meaning.

Wrong:
    url = {{ .Values.url }}

Right:
    url = \"http://localhost\"",
    ),
    (
        "syntax/too-big",
        "The file is larger than 4 GiB, or has more than 4 million words and signs. No configuration has; probably the name of another \
file was given.",
    ),
    (
        "syntax/too-deep",
        "Brackets, blocks or operators are nested several hundred levels deep. The limit keeps a broken or hostile file from exhausting \
the memory of the process. Generated values should be flat, or split over several attributes.",
    ),
    (
        "syntax/trailing-comma",
        "Statements are separated by line ends. Commas stand only between the values of a list, the fields of an object and the \
arguments of a function.

Wrong:
    level = \"info\",

Right:
    level = \"info\"",
    ),
    (
        "syntax/unclosed",
        "A bracket or a block was opened and nothing closes it. The place shown first is where that became certain; the bracket itself \
is shown too.

Wrong:
    logging {
      level = \"info\"

Right:
    logging {
      level = \"info\"
    }",
    ),
    (
        "syntax/unexpected",
        "A statement ends where its line ends, and the elements of a list are separated by commas. Something else follows on the same \
line.

Wrong:
    interval = 10 s

Right:
    interval = \"10s\"",
    ),
    (
        "syntax/unquoted-label",
        "The label of a block stands in double quotes.

Wrong:
    local.file token { }

Right:
    local.file \"token\" { }",
    ),
    (
        "syntax/unterminated-comment",
        "A comment was opened with `/*` and nothing closes it.

Wrong:
    a = 1 /* one

Right:
    a = 1 /* one */",
    ),
    (
        "syntax/unterminated-string",
        "A string is not closed. A string in double quotes ends on its line; text over several lines stands between backticks.

Wrong:
    level = \"info

Right:
    level = \"info\"",
    ),
];
