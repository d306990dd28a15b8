//! Rules on labels, one table for each action.

use super::*;

fn rule(text: &str) -> Rule {
    let mut rule = Rule::default();
    for field in text.split('|').map(str::trim).filter(|f| !f.is_empty()) {
        let (name, value) = field.split_once('=').expect("name=value");
        match name {
            "source" => rule.source_labels = value.split(',').map(str::to_owned).collect(),
            "separator" => rule.separator = value.to_owned(),
            "regex" => rule.regex = Regexp::new(&value.replace('¦', "|")).expect(value),
            "modulus" => rule.modulus = value.parse().expect(value),
            "target" => rule.target_label = Template::new(value),
            "replacement" => rule.replacement = Template::new(value),
            "action" => rule.action = value.parse().expect(value),
            _ => unreachable!("{name}"),
        }
    }
    rule
}

fn labels(text: &str) -> Labels {
    Labels::from_pairs(text.split_whitespace().map(|pair| pair.split_once('=').expect("name=value")))
}

/// Labels, rules (one a line), result; `-` for dropped.
const CASES: &[(&str, &str, &str)] = &[
    // replace
    ("a=foo b=bar", "source=a|regex=f(.*)|target=d|replacement=ch${1}-ch${1}", "a=foo b=bar d=choo-choo"),
    (
        "a=foo b=bar c=baz",
        "source=a,b|regex=f(.*);(.*)r|target=a|replacement=b${1}${2}m\nsource=c,a|regex=(b).*b(.*)ba(.*)|target=d|replacement=$1$2$2$3",
        "a=boobam b=bar c=baz d=boooom",
    ),
    ("a=foo", "source=a|target=b", "a=foo b=foo"),
    ("a=foo", "target=b|replacement=x", "a=foo b=x"),
    ("a=foo", "source=a|regex=o|target=b|replacement=x", "a=foo"),
    ("a=foo", "source=a|regex=(f)(?:.*)|target=b|replacement=$2", "a=foo"),
    ("a=foo f=baz", "source=a|regex=(f).*|target=$1|replacement=$2", "a=foo"),
    ("a=foo b=1", "source=a|regex=(f).*|target=b|replacement=$1_x", "a=foo"),
    ("a=foo b=1", "source=a|regex=(f).*|target=b|replacement=${1}_x", "a=foo b=f_x"),
    ("a=foo", "source=a|regex=(?P<first>f).*|target=b|replacement=${first}-$0-$$", "a=foo b=f-foo-$"),
    ("a=some-name-value", "source=a|regex=some-([^-]+)-([^,]+)|target=${1}|replacement=${2}", "a=some-name-value name=value"),
    ("a=some-name-value", "source=a|regex=some-([^-]+)-([^,]+)|target=${3}|replacement=${2}", "a=some-name-value"),
    ("a=some-name-0", "source=a|regex=some-([^-]+)-([^,]+)|target=$1$2|replacement=x", "a=some-name-0 name0=x"),
    ("a=1.2", "source=a|target=$1|replacement=x", "a=1.2"),
    ("a=x y=z", "source=y,a,none|separator=-|target=b", "a=x b=z-x- y=z"),
    ("a=foobar", "source=a|regex=foo(.*)|target=b", "a=foobar b=bar"),
    ("a=foo", "source=a|regex=foo(.+)|target=b", "a=foo"),
    ("a=foobar", "source=a|regex=foo.+|target=b|replacement=<$0$1>", "a=foobar b=<foobar>"),
    ("a=x", "source=a|regex=(x¦y)|target=b|replacement=$1$1", "a=x b=xx"),
    ("a=x", "source=a|regex=x¦y|target=b", "a=x"),
    ("a=x", "source=a|regex=(x)|target=a|replacement=", "-set-"),
    // keep, drop
    ("a=foo", "source=a|regex=.*o.*|action=drop", "-"),
    ("a=foo", "source=a|regex=no¦match|action=drop", "a=foo"),
    ("a=foo", "source=a|regex=f|action=drop", "a=foo"),
    ("a=foo", "source=a|regex=no-match|action=keep", "-"),
    ("a=foo", "source=a|regex=bar¦foo|action=keep", "a=foo"),
    ("a=foo", "source=none|regex=|action=keep", "a=foo"),
    ("a=foo", "source=none|regex=.+|action=keep", "-"),
    ("a=foo", "action=drop", "-"),
    ("a=foo", "source=a|regex=f.*|target=b|replacement=x\nsource=b|regex=x|action=drop\ntarget=never", "-"),
    // keepequal, dropequal
    ("a=x b=x", "source=a|target=b|action=keepequal", "a=x b=x"),
    ("a=x b=y", "source=a|target=b|action=keepequal", "-"),
    ("a=x", "source=none|target=missing|action=keepequal", "a=x"),
    ("a=x b=x", "source=a|target=b|action=dropequal", "-"),
    ("a=x", "source=a|target=b|action=dropequal", "a=x"),
    ("a=main b=main;x c=x", "source=a,c|target=b|action=keepequal", "a=main b=main;x c=x"),
    // hashmod
    ("a=foo b=bar c=baz", "source=c|target=d|modulus=1000|action=hashmod", "a=foo b=bar c=baz d=976"),
    ("a=x", "source=none|target=d|modulus=18446744073709551615|action=hashmod", "a=x d=16825458760271544958"),
    // labelmap
    ("a=foo b1=bar b2=baz", "regex=(b.*)|replacement=bar_${1}|action=labelmap", "a=foo b1=bar b2=baz bar_b1=bar bar_b2=baz"),
    (
        "a=foo __meta_my_bar=aaa __meta_other=c",
        "regex=__meta_(my.*)|replacement=${1}|action=labelmap",
        "__meta_my_bar=aaa __meta_other=c a=foo my_bar=aaa",
    ),
    ("b_1=x b_2=y", "regex=b_(.)|replacement=b|action=labelmap", "b=y b_1=x b_2=y"),
    ("a=x b=y", "regex=(.*)|replacement=${1}${1}|action=labelmap", "a=x aa=x b=y bb=y"),
    // labeldrop, labelkeep
    ("a=foo b1=bar b2=baz", "regex=b.*|action=labeldrop", "a=foo"),
    ("a=foo b1=bar b2=baz", "regex=b.*|action=labelkeep", "b1=bar b2=baz"),
    ("a=foo", "regex=c¦d|action=labeldrop", "a=foo"),
    ("a=foo", "regex=c|action=labelkeep", "-set-"),
    // lowercase, uppercase
    ("a=FooBÄR", "source=a|target=b|action=lowercase\nsource=a|target=c|action=uppercase", "a=FooBÄR b=foobär c=FOOBÄR"),
    ("a=x b=y", "source=none|target=b|action=uppercase", "a=x"),
];

#[test]
fn actions_do_what_the_original_does() {
    for (before, rules, after) in CASES {
        let rules: Vec<Rule> = rules.lines().map(rule).collect();
        let want = match *after {
            "-" => None,
            "-set-" => Some(Labels::empty()),
            text => Some(labels(text)),
        };
        let before = labels(before);
        assert_eq!(process(&before, &rules), want, "{before} {rules:?}");
        let mut builder = before.to_builder();
        let kept = process_builder(&mut builder, &rules, Names::Legacy);
        assert_eq!(kept.then(|| builder.build()), want, "{before} {rules:?} (builder)");
    }
}

#[test]
fn without_a_change_the_set_is_the_same() {
    let before = labels("a=foo b=bar");
    for rules in [
        "",
        "source=a|target=a",
        "regex=x|action=labeldrop",
        "source=a|regex=foo|action=keep",
        "target=none|replacement=",
        "regex=a¦b|action=labelkeep",
    ] {
        let rules: Vec<Rule> = rules.lines().map(rule).collect();
        let after = process(&before, &rules).expect("kept");
        assert_eq!(after.address(), before.address(), "{rules:?}");
    }
}

#[test]
fn empty_values_count_as_absent_and_vanish() {
    let before = Labels::from_pairs([("a", ""), ("b", "x")]);
    assert_eq!(process(&before, &[]), Some(labels("b=x")));
    let line_ends = Labels::from_pairs([("a", "l1\nl2")]);
    let after = process(&line_ends, &[rule("source=a|regex=l1.l2|target=b|replacement=yes")]).expect("kept");
    assert_eq!(after.get("b"), Some("yes"));
}

#[test]
fn targets_may_get_any_name() {
    let before = labels("a=host-a:9100");
    let rules = [rule("source=a|target=$1|replacement=x")];
    assert_eq!(process(&before, &rules), Some(before.clone()));
    assert_eq!(process_with(&before, &rules, Names::Utf8), Some(labels("a=host-a:9100 host-a:9100=x")));
}

#[test]
fn rules_are_checked() {
    for (text, field) in [
        ("target=x", None),
        ("target=größe", None),
        ("target=${1}_$name$2x", None),
        ("target=0$1", Some("target_label")),
        ("target=a-$1", Some("target_label")),
        ("target=${1", Some("target_label")),
        ("target=$", Some("target_label")),
        ("", Some("target_label")),
        ("action=hashmod|target=x", Some("modulus")),
        ("action=hashmod|modulus=5", Some("target_label")),
        ("action=lowercase|target=x|source=a", None),
        ("action=lowercase|target=x|replacement=y", Some("replacement")),
        ("action=labelmap|regex=(.*)", None),
        ("action=labelmap|replacement=a-$1", Some("replacement")),
        ("action=labelmap|replacement=", Some("replacement")),
        ("action=labeldrop|regex=x", None),
        ("action=labeldrop|regex=x|target=y", Some("target_label")),
        ("action=labelkeep|regex=x|source=y", Some("source_labels")),
        ("action=keepequal|source=a|target=b", None),
        ("action=keepequal|source=a|target=b|regex=c", Some("regex")),
        ("action=dropequal|source=a|target=b|modulus=1", Some("modulus")),
        ("action=keep", None),
    ] {
        assert_eq!(rule(text).check().err().map(|(field, _)| field), field, "{text}");
    }
}

#[test]
fn short_cuts_match_as_the_expressions_they_replace() {
    let patterns = [
        "(.*)",
        ".*",
        "(.+)",
        ".+",
        "",
        "()",
        "a",
        "(a)",
        "a|b",
        "(a|b)",
        "a|",
        "a.*",
        "a.+",
        "a(.*)",
        "a(.+)",
        r"a\.b",
        r"a\.b|c\-d",
        r"a\.*",
        r"\(a\)",
        "(a)|(b)",
        "a|b.*",
        "é(.*)",
        "(a.*)",
        "(?i)a",
        "a{1}",
        r"\w",
        "a)|(?:b",
    ];
    let texts = ["", "a", "b", "ab", "a.b", "c-d", "A", "é", "éa", "(a)", "a\nb", "a..", "x"];
    for pattern in patterns {
        let (quick, plain) = (Regexp::new(pattern).expect(pattern), GoRegex::new(&format!("^(?s:{pattern})$")).expect(pattern));
        for text in texts {
            let groups = plain.regex().captures(text);
            assert_eq!(quick.is_match(text), groups.is_some(), "{pattern} on {text:?}");
            let quick = quick.groups(text).map(|g| [g.get(0), g.get(1), g.get(2)].map(|t| t.map(str::to_owned)));
            let plain = groups.map(|g| [0, 1, 2].map(|i| g.get(i).map(|m| m.as_str().to_owned())));
            assert_eq!(quick, plain, "{pattern} on {text:?}");
        }
    }
}
