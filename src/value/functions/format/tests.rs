//! Formatting as Go's Sprintf does it.

use super::sprintf;
use crate::capsule::Capsule;
use crate::secret::OptionalSecret;
use crate::value_model::Value;

fn check(pattern: &str, args: &[Value], want: &str) {
    assert_eq!(sprintf(pattern, args).as_deref(), Some(want), "{pattern}");
}

#[test]
fn floats() {
    let cases: &[(&str, f64, &str)] = &[
        ("%v", 1e21, "1e+21"),
        ("%v", 123456.0, "123456"),
        ("%v", 123456789.0, "1.23456789e+08"),
        ("%v", 1e-5, "1e-05"),
        ("%v", 0.0001, "0.0001"),
        ("%g", 100000.0, "100000"),
        ("%g", 1000000.0, "1e+06"),
        ("%.3g", 1234.5, "1.23e+03"),
        ("%.3g", 100.0, "100"),
        ("%.10g", 1e7, "10000000"),
        ("%#g", 1.0, "1.00000"),
        ("%#.3g", 1.0, "1.00"),
        ("%#v", 1.0, "1"),
        ("%e", 0.0, "0.000000e+00"),
        ("%.0f", 2.5, "2"),
        ("%.0f", 3.5, "4"),
        ("%08.2f", -1.5, "-0001.50"),
        ("%+08.2f", 1.5, "+0001.50"),
        ("%-8.2f|", 1.5, "1.50    |"),
        ("%x", 1.0, "0x1p+00"),
        ("%.1x", 1.97, "0x1.0p+01"),
        ("%X", 0.0, "0X0P+00"),
        ("%b", 1.0, "4503599627370496p-52"),
        ("%6.1f|", f64::INFINITY, "  +Inf|"),
        ("%06.1f|", f64::NAN, "   NaN|"),
        ("%+f", f64::NAN, "+NaN"),
    ];
    for (pattern, number, want) in cases {
        check(pattern, &[Value::from(*number)], want);
    }
}

#[test]
fn integers_strings_and_errors() {
    let int = |n: i64| Value::from(n);
    check("%+d % d %x %#o %O", &[int(5), int(5), int(-255), int(8), int(8)], "+5  5 -ff 010 0o10");
    check("%06d|%-6d|%+06d", &[int(-42), int(-42), int(42)], "-00042|-42   |+00042");
    check("%.5d|%8.5d|%08.5d", &[int(42), int(42), int(42)], "00042|   00042|   00042");
    check("%.0d|%5.0d|", &[int(0), int(0)], "|     |");
    check("%#U %#q %+q", &[int(0x1f600), Value::from("a\tb"), Value::from("é")], "U+1F600 '😀' `a\tb` \"\\u00e9\"");
    check("%[2]d %[1]d", &[int(1), int(2)], "2 1");
    check("%[3]d %[x]d %d", &[int(1)], "%!d(BADINDEX) %!d(BADINDEX) 1");
    check("%[1]d", &[int(1), int(2)], "1");
    check("%*d|%-*d|%.*f", &[int(4), int(1), int(4), int(2), int(1), Value::from(2.25)], "   1|2   |2.2");
    check("%*d", &[Value::from("x"), int(1)], "%!(BADWIDTH)1");
    check("%.*d", &[int(-1), int(1)], "%!(BADPREC)1");
    check("%", &[], "%!(NOVERB)");
    check("%d %s", &[int(1)], "1 %!s(MISSING)");
    check("%é", &[int(1)], "%!é(int=1)");
    check("%w", &[Value::array(vec![int(1)])], "%!w([]interface {}=[1])");
    check("%# x|%#x|%X", &[Value::from("ab"), Value::from("ab"), Value::from("ab")], "0x61 0x62|0x6162|6162");
    check("%d %#v", &[Value::array(vec![Value::Null]), Value::array(vec![Value::Null])], "[<nil>] []interface {}{interface {}(nil)}");
    check("%v %#v %d", &[Value::from(u64::MAX), Value::from(u64::MAX), Value::from(7u64)], "18446744073709551615 0xffffffffffffffff 7");
    check("%99999999999d", &[int(1)], "%!(NOVERB)%!(EXTRA int=1)");
}

#[test]
fn opaque_values() {
    let text = Value::Capsule(Capsule::from(OptionalSecret::plain("ab")));
    check("%v|%+v", &[text.clone(), text.clone()], "{false ab}|{IsSecret:false Value:ab}");
    check("%#6.1v", std::slice::from_ref(&text), "alloytypes.OptionalSecret{IsSecret: false, Value:   \"a\"}");
    check("%p|%w", &[text.clone(), text], "%!p(alloytypes.OptionalSecret={false ab})|%!w(alloytypes.OptionalSecret={false ab})");

    let mixed = crate::functions::yaml::parse("2: x\ntrue: [~]\nb: y\n-1: {1: z}\n~: n\n.nan: q\n0.5: f").expect("is YAML");
    check("%v", &[mixed], "map[<nil>:n b:y -1:map[1:z] 2:x NaN:q 0.5:f true:[<nil>]]");
    let small = || crate::functions::yaml::parse("1: a").expect("is YAML");
    check("%#v|%d", &[small(), small()], "map[interface {}]interface {}{1:\"a\"}|map[1:%!d(string=a)]");
    check("%w", &[small()], "%!w(map[interface {}]interface {}=map[1:a])");
}

#[test]
fn results_are_bounded() {
    assert_eq!(sprintf(&"%1000000d".repeat(100), &vec![Value::from(1i64); 100]), None);
}
