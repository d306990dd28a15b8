//! Tests of templates.

use super::{Data, Template, Val};
use std::collections::BTreeMap;

struct Values(BTreeMap<String, Val>);

impl Data for Values {
    fn get(&self, name: &str) -> Option<Val> {
        self.0.get(name).cloned()
    }
    fn all(&self) -> BTreeMap<String, Val> {
        self.0.clone()
    }
}

fn run(template: &str) -> String {
    let values =
        Values([("v", "hello"), ("n", "12"), ("e", "")].into_iter().map(|(name, value)| (name.to_owned(), Val::text(value))).collect());
    let mut out = String::new();
    match Template::compile(template).expect(template).execute(&values, &mut out) {
        Ok(()) => out,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn executes() {
    for (template, want) in [
        ("a {{- /* c */ -}} b", "ab"),
        ("{{ .v }}{{ .nope }}", "hello<no value>"),
        ("{{ if .e }}1{{ else if .v }}2{{ else }}3{{ end }}", "2"),
        ("{{ with .e }}1{{ else with .v }}{{ . }}{{ end }}", "hello"),
        ("{{ range $i, $x := list 1 2 3 }}{{ if eq $x 2 }}{{ continue }}{{ end }}{{ $i }}{{ $x }} {{ end }}", "01 23 "),
        ("{{ range list }}x{{ else }}none{{ end }}", "none"),
        ("{{ $x := 1 }}{{ range list 1 2 }}{{ $x = add $x . }}{{ end }}{{ $x }}", "4"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ template \"t\" .v }}", "<hello>"),
        ("{{ .v | upper | printf \"%s!\" }}", "HELLO!"),
        ("{{ (dict \"a\" (dict \"b\" 1)).a.b }}", "1"),
        ("{{ and .v .e }}|{{ or .e .v }}", "|hello"),
        ("{{ $d := dict }}{{ $_ := set $d \"k\" 1 }}{{ $d }}", "map[k:1]"),
        ("{{ 1.0 }} {{ 1e21 }} {{ 1e-5 }} {{ 'a' }} {{ 0x1F }}", "1 1e+21 1e-05 97 31"),
        ("{{ addf 0.1 0.2 }} {{ divf 1 3 }}", "0.3 0.3333333333333333"),
        ("{{ semverCompare \"^1.2\" \"1.9.0\" }}{{ semverCompare \"~1.2\" \"1.3.0\" }}", "truefalse"),
        ("{{ sha1sum .v }}", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("{{ b32enc .v }} {{ b32enc .v | b32dec }}", "NBSWY3DP hello"),
        ("{{ dateInZone \"2006-01-02 15:04 MST\" 0 \"Europe/Berlin\" }}", "1970-01-01 01:00 CET"),
        ("{{ (toDate \"2006-01-02\" \"2026-03-04\").Unix }}", "1772582400"),
        ("{{ regexReplaceAll \"(l+)(o)\" .v \"${2}-$1\" }}", "heo-ll"),
        ("{{ camelcase \"foo_bar\" }} {{ snakecase \"FooBarHTTP\" }}", "FooBar foo_bar_http"),
        ("{{ snakecase \"HTTP20xOK a.b-C/d\" }} {{ kebabcase \"Bld4Floor3rd  no2\" }}", "http_20x_ok_a.b_c/d bld4-floor-3rd--no2"),
        ("{{ camelcase \"_some__words here-1 HTTPCode ß\" }}", "_Some_WordsHere1Httpcodeß"),
        ("{{ swapcase \"aB ß\" }} {{ sortAlpha .nope }} {{ keys .nope }}", "Ab ß [<nil>] []"),
        ("{{ add \"-3.7\" 0 }} {{ int \"1x.5\" }} {{ int64 1e20 }} {{ mulf 1000 1000 }}", "-3 0 -9223372036854775808 1e+06"),
        ("{{ divf 1 .e }}", "error: divf: division by zero"),
        ("{{ duration 90 }} {{ duration \"90\" }} {{ duration (int64 90) }} {{ durationRound \"-90m\" }}", "0s 1m30s 1m30s 1h"),
        ("{{ toDate \"2006\" .v }} {{ toDate \"2006\" .v | unixEpoch }}", "0001-01-01 00:00:00 +0000 UTC -62135596800"),
        ("{{ unixEpoch 5 }}", "error: unixEpoch: argument 1 must be a time, not int"),
        ("{{ html .nope 1 }} {{ urlquery .nope }}", "&lt;no value&gt;1 %3Cno+value%3E"),
        ("{{ index .nope }}", "error: index: nothing has no elements"),
        ("{{ .nope.x.y }} {{ .nope.x | default \"d\" }} {{ $d := dict }}{{ if $d.a.b }}1{{ else }}2{{ end }}", "<no value> d 2"),
        ("{{ (fromJson \"{\\\"a\\\":null}\").a.x }}", "error: there is no value to take .x of"),
        ("{{ .v | upper | }}", "HELLO"),
        (
            "{{ b64dec \"aGk\" }} {{ b64dec \"aGk=x\" }} {{ b64dec \"a b\" }}",
            "illegal base64 data at input byte 0 illegal base64 data at input byte 4 illegal base64 data at input byte 1",
        ),
        ("{{ b64dec \"aGl=\" }} {{ b64dec \"aG\\nVsbG8=\" }} {{ b64dec \"\" }}", "hi hello "),
        ("{{ b32dec \"NBSWY3DP\" }} {{ b32dec \"MZXW6===\" }}", "hello foo"),
        ("{{ b32dec \"MZXW6\" }} {{ b32dec \"MZ1W6===\" }}", "illegal base32 data at input byte 0 illegal base32 data at input byte 2"),
        ("{{ (urlParse \"http://a:b@c:8/p?q#f\").host }}", "c:8"),
        ("{{ urlParse \"http://a:b:c/\" }}", "error: urlParse: unable to parse url: \"http://a:b:c/\""),
        ("{{ eq 1 \"a\" }}", "error: eq: incompatible types for comparison"),
        ("{{ .v.x }}", "error: a value of type string has no .x"),
        ("{{ range until 99999999 }}{{ end }}", "error: until: the list is too long"),
        ("{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}", "error: templates call each other too often"),
    ] {
        assert_eq!(run(template), want, "{template}");
    }
}

#[test]
fn refuses() {
    for template in [
        "{{",
        "{{ .v",
        "{{ end }}",
        "{{ if .v }}",
        "{{ nope }}",
        "{{ $x }}",
        "{{ .v | 1 }}",
        "{{ .v | | upper }}",
        "{{ \"a }}",
        "{{ nil }}",
        "{{ break }}",
        "{{ ( }}",
        "{{ /* }}",
        "{{ else }}",
        "{{ }}",
    ] {
        assert!(Template::compile(template).is_err(), "{template}");
    }
    assert!(Template::compile(&"{{ if 1 }}".repeat(100_000)).is_err());
    assert!(Template::compile(&format!("{{{{ {} }}}}", "(".repeat(100_000))).is_err());
}
