use super::*;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rustpython_wtf8::{CodePoint, Wtf8, Wtf8Buf};

use crate::text::int::DEFAULT_MAX_STR_DIGITS;
use crate::text::str_ops::Text;
use crate::text::{TextError, TextResult};

#[derive(Clone, Copy)]
enum Value {
    I(&'static str),
    F(f64),
    S(&'static str),
    Map(&'static [(&'static str, Value)]),
    Nothing,
}
use Value::*;

fn format(template: &str, argument: Value) -> TextResult<String> {
    let mut out = Wtf8Buf::new();
    for part in PercentParser::new(Wtf8::new(template)) {
        let spec = match part? {
            PercentPart::Literal(text) => {
                out.push_wtf8(text);
                continue;
            }
            PercentPart::Spec(spec) => spec,
        };
        let value = match (spec.key, argument) {
            (Some(key), Map(items)) => {
                items
                    .iter()
                    .find(|(name, _)| key == Wtf8::new(*name))
                    .expect("key")
                    .1
            }
            _ => argument,
        };
        if matches!(value, Nothing) {
            return Err(not_enough_arguments());
        }
        match (spec.conversion()?, value) {
            (Conversion::Integer | Conversion::Index, I(n)) => {
                out.push_str(&spec.layout_int(&n.parse().unwrap(), DEFAULT_MAX_STR_DIGITS)?)
            }
            (Conversion::Float, F(x)) => out.push_str(&spec.layout_float(x)?),
            (Conversion::Str, S(text) | I(text)) => {
                out.push_wtf8(&spec.layout_str(Text::new(text))?)
            }
            (Conversion::Char, I(n)) => {
                let code = n.parse::<BigInt>().unwrap().to_u32().unwrap();
                out.push_wtf8(&spec.layout_char(CodePoint::from_u32(code).unwrap())?)
            }
            (Conversion::Char, S(text)) => {
                let c = Wtf8::new(text).code_points().next().unwrap();
                out.push_wtf8(&spec.layout_char(c)?)
            }
            (conversion, _) => panic!("{conversion:?} in {template}"),
        }
    }
    Ok(out.to_string())
}

/// What CPython 3.13 answers.
#[test]
fn like_cpython() {
    let vectors: &[(&str, Value, Result<&str, &str>)] = &[
        ("%d", I("5"), Ok("5")),
        ("%5d|", I("-5"), Ok("   -5|")),
        ("%-5d|", I("5"), Ok("5    |")),
        ("%05d", I("-5"), Ok("-0005")),
        ("%+d", I("5"), Ok("+5")),
        ("% d", I("5"), Ok(" 5")),
        ("%+ d", I("5"), Ok("+5")),
        ("%.3d", I("-5"), Ok("-005")),
        ("%8.3d|", I("5"), Ok("     005|")),
        ("%08.3d|", I("5"), Ok("00000005|")),
        ("%-08d|", I("5"), Ok("5       |")),
        ("%#x", I("255"), Ok("0xff")),
        ("%#X", I("255"), Ok("0XFF")),
        ("%#o", I("8"), Ok("0o10")),
        ("%#10x|", I("255"), Ok("      0xff|")),
        ("%#010x|", I("-255"), Ok("-0x00000ff|")),
        ("%-#10x|", I("255"), Ok("0xff      |")),
        ("%x", I("-255"), Ok("-ff")),
        ("%#.4x", I("255"), Ok("0x00ff")),
        ("%+#x", I("255"), Ok("+0xff")),
        (
            "%i",
            I("100000000000000000000"),
            Ok("100000000000000000000"),
        ),
        ("%u", I("3"), Ok("3")),
        ("%f", F(1.5), Ok("1.500000")),
        ("%.2f", F(2.675), Ok("2.67")),
        ("%10.3e|", F(12345.678), Ok(" 1.235e+04|")),
        ("%-10.1f|", F(1.25), Ok("1.2       |")),
        ("%010.2f", F(-1.5), Ok("-000001.50")),
        ("%+g", F(1e-05), Ok("+1e-05")),
        ("%G", F(1e-10), Ok("1E-10")),
        ("%#.0f", F(1.0), Ok("1.")),
        ("%g", F(f64::INFINITY), Ok("inf")),
        ("%05f", F(f64::INFINITY), Ok("00inf")),
        ("%F", F(f64::NEG_INFINITY), Ok("-INF")),
        ("%E", F(1e+100), Ok("1.000000E+100")),
        ("%.0e", F(15.0), Ok("2e+01")),
        ("% f", F(0.0), Ok(" 0.000000")),
        ("%.f", F(2.5), Ok("2")),
        ("%s", S("a\u{f1}b"), Ok("a\u{f1}b")),
        ("%5s|", S("a\u{f1}"), Ok("   a\u{f1}|")),
        ("%-5s|", S("a\u{f1}"), Ok("a\u{f1}   |")),
        ("%.1s", S("a\u{f1}b"), Ok("a")),
        ("%5.2s|", S("a\u{f1}b"), Ok("   a\u{f1}|")),
        ("%05s|", S("ab"), Ok("   ab|")),
        ("%c", I("97"), Ok("a")),
        ("%c", S("\u{f1}"), Ok("\u{f1}")),
        ("%5c|", S("a"), Ok("    a|")),
        ("%-3.0c|", S("a"), Ok("a  |")),
        ("%%", Nothing, Ok("%")),
        ("100%%|%s", S("x"), Ok("100%|x")),
        (
            "%5%|",
            Nothing,
            Err("TypeError: not enough arguments for format string"),
        ),
        ("%ld", I("5"), Ok("5")),
        (
            "%hhd",
            I("5"),
            Err("ValueError: unsupported format character 'h' (0x68) at index 2"),
        ),
        (
            "%y",
            I("5"),
            Err("ValueError: unsupported format character 'y' (0x79) at index 1"),
        ),
        (
            "%\u{f1}",
            I("5"),
            Err("ValueError: unsupported format character '?' (0xf1) at index 1"),
        ),
        (
            "\u{f1}%\u{f1}",
            I("5"),
            Err("ValueError: unsupported format character '?' (0xf1) at index 2"),
        ),
        ("%", I("5"), Err("ValueError: incomplete format")),
        ("%5", I("5"), Err("ValueError: incomplete format")),
        (
            "%(a",
            Map(&[("a", I("1"))]),
            Err("ValueError: incomplete format key"),
        ),
        (
            "%(a)s-%(b)5d|",
            Map(&[("a", S("x")), ("b", I("3"))]),
            Ok("x-    3|"),
        ),
        ("%((a))s", Map(&[("(a)", I("1"))]), Ok("1")),
        (
            "%.99999999999999999999d",
            I("5"),
            Err("ValueError: precision too big"),
        ),
        (
            "%99999999999999999999d",
            I("5"),
            Err("ValueError: width too big"),
        ),
        (
            "%\u{1}",
            I("5"),
            Err("ValueError: unsupported format character '?' (0x1) at index 1"),
        ),
        (
            "%Z",
            I("5"),
            Err("ValueError: unsupported format character 'Z' (0x5a) at index 1"),
        ),
        ("%l", I("5"), Err("ValueError: incomplete format")),
    ];
    for &(template, argument, expected) in vectors {
        let result = format(template, argument).map_err(|error| error.to_string());
        assert_eq!(
            result,
            expected.map(str::to_owned).map_err(str::to_owned),
            "{template:?}"
        );
    }
}

#[test]
fn stars() {
    let mut parser = PercentParser::new(Wtf8::new("%*.*d"));
    let Some(Ok(PercentPart::Spec(mut spec))) = parser.next() else {
        panic!()
    };
    assert_eq!(
        (spec.width, spec.precision),
        (Some(Count::Argument), Some(Count::Argument))
    );
    spec.supply_width(-6);
    spec.supply_precision(3);
    assert_eq!(spec.layout_int(&BigInt::from(5), 0).unwrap(), "005   ");
    assert!(parser.next().is_none());
}

#[test]
fn bytes() {
    let mut parser = PercentParser::of_bytes(b"\xff%5.2b%(k)a");
    assert_eq!(
        parser.next().unwrap().unwrap(),
        PercentPart::Literal(&b"\xff"[..])
    );
    let Some(Ok(PercentPart::Spec(spec))) = parser.next() else {
        panic!()
    };
    assert_eq!(spec.conversion().unwrap(), Conversion::Str);
    assert_eq!(
        &*spec.layout_bytes(b"\x00\xff\x01").unwrap(),
        b"   \x00\xff"
    );
    let Some(Ok(PercentPart::Spec(spec))) = parser.next() else {
        panic!()
    };
    assert_eq!(spec.key, Some(&b"k"[..]));
    let mut parser = PercentParser::new(Wtf8::new("%b"));
    let Some(Ok(PercentPart::Spec(spec))) = parser.next() else {
        panic!()
    };
    assert_eq!(
        spec.conversion().unwrap_err(),
        TextError::value("unsupported format character 'b' (0x62) at index 1")
    );
}

#[test]
fn messages() {
    assert_eq!(
        number_required('x', "float").message(),
        "%x format: an integer is required, not float"
    );
    assert_eq!(
        number_required('d', "str").message(),
        "%d format: a real number is required, not str"
    );
    assert_eq!(
        char_required("str", Some(2)).message(),
        "%c requires an int or a unicode character, not a string of length 2"
    );
}
