//! What each diagnostic code of the evaluator means.

/// Codes with their explanations, sorted by code. An explanation ends with an expression that is wrong and one that is not.
pub const CODES: &[(&str, &str)] = &[
    (
        "eval/call",
        "A function was called with the wrong number of arguments, with a value of a type that it does not take, or with one that it \
cannot work on. The hint shows how the function is called.

Wrong:
    string.join(\"a,b\", \",\")

Right:
    string.join([\"a\", \"b\"], \",\")",
    ),
    (
        "eval/divide-by-zero",
        "The right side of `/` or `%` is zero.

Wrong:
    1 / 0

Right:
    1 / 2",
    ),
    (
        "eval/index",
        "What stands in square brackets does not fit what stands before them. Arrays take the number of an element, from 0, which must \
exist. Objects take the name of a member, which stands for null when there is none. Nothing else takes square brackets.

Wrong:
    [1, 2][2]

Right:
    [1, 2][1]",
    ),
    (
        "eval/not-a-function",
        "Parentheses stand after something that is not a function.

Wrong:
    constants.os()

Right:
    constants.os",
    ),
    (
        "eval/not-an-object",
        "A member is taken of something that has no members.

Wrong:
    \"text\".length

Right:
    {length = 4}.length",
    ),
    (
        "eval/number",
        "A number is larger than numbers can be, about 1.8e308.

Wrong:
    1e999

Right:
    1e99",
    ),
    (
        "eval/operand",
        "An operator has an operand of a type that it does not take, or its sides have different types. `+` takes two numbers, or two \
texts of which each may be secret; `<` and its relatives two numbers or two strings; `-`, `*`, `/`, `%` and `^` two numbers; `&&`, \
`||` and `!` bools. Only `==` and `!=` take anything.

Wrong:
    \"replicas: \" + 3

Right:
    string.format(\"replicas: %d\", 3)",
    ),
    (
        "eval/too-large",
        "A string would be longer than 64 MiB, or a module would export a value of more than 16 million parts. Configurations have no \
need of such values; most likely something grows with itself.",
    ),
    (
        "eval/unknown-member",
        "The object has no member of this name. Square brackets give null for a missing member instead of an error.

Wrong:
    {a = 1}.b

Right:
    {a = 1}[\"b\"]",
    ),
    (
        "eval/unknown-name",
        "Nothing has this name: no variable, component or argument that can be seen here, and no function. Text needs double quotes.

Wrong:
    information

Right:
    \"information\"",
    ),
];

#[cfg(test)]
mod tests {
    use super::CODES;
    use crate::scope::Empty;
    use syntax::Source;

    fn code_of(text: &str) -> Option<&'static str> {
        let source = Source::new("example", text);
        let (expr, _) = syntax::parse_expression(&source);
        crate::evaluate(&expr.expect("the example can be read"), &source, &Empty).err()?.diagnostic().map(|found| found.code)
    }

    #[test]
    fn examples_are_wrong_and_right() {
        for (code, explanation) in CODES {
            let part = |title: &str| Some(explanation.split_once(title)?.1.lines().next()?.trim().to_owned());
            let Some(wrong) = part("Wrong:\n") else { continue };
            assert_eq!(code_of(&wrong), Some(*code), "{wrong}");
            let right = part("Right:\n").expect("has both examples");
            assert_eq!(code_of(&right), None, "{right}");
        }
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_code_is_explained() {
        let sources = [include_str!("access.rs"), include_str!("machine.rs"), include_str!("ops.rs"), include_str!("mod.rs")];
        let used = sources.iter().flat_map(|text| text.split("\"eval/").skip(1)).filter_map(|rest| rest.split('"').next());
        for name in used {
            assert!(CODES.iter().any(|(code, _)| code.strip_prefix("eval/") == Some(name)), "{name}");
        }
    }
}
