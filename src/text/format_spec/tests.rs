use super::*;
use crate::text::int::DEFAULT_MAX_STR_DIGITS;

enum Value {
    I(&'static str),
    F(f64),
    C(f64, f64),
    S(&'static str),
}
use Value::*;

fn format(value: &Value, spec: &str) -> Result<String, String> {
    let spec = Wtf8::new(spec);
    match *value {
        I(n) => format_int(&n.parse().unwrap(), spec, "int", DEFAULT_MAX_STR_DIGITS),
        F(x) => format_float(x, spec, "float"),
        C(real, imag) => format_complex(real, imag, spec, "complex"),
        S(text) => format_str(Text::new(text), spec, "str").map(Cow::into_owned),
    }
    .map(|text| text.to_string())
    .map_err(|error| error.to_string())
}

/// What CPython 3.13 answers.
#[test]
fn like_cpython() {
    let vectors: &[(Value, &str, Result<&str, &str>)] = &[
        (I("5"), "5d", Ok("    5")),
        (I("-5"), "05d", Ok("-0005")),
        (I("255"), "#x", Ok("0xff")),
        (I("255"), "#010X", Ok("0X000000FF")),
        (I("1234567"), ",d", Ok("1,234,567")),
        (I("1234567"), "_b", Ok("1_0010_1101_0110_1000_0111")),
        (I("1234567"), "015,", Ok("000,001,234,567")),
        (I("1234567"), "014,d", Ok("00,001,234,567")),
        (I("-1234567"), "=+20_d", Ok("-          1_234_567")),
        (I("65"), "^7c", Ok("   A   ")),
        (I("65"), "c", Ok("A")),
        (
            I("5"),
            ".2d",
            Err("ValueError: Precision not allowed in integer format specifier"),
        ),
        (
            I("5"),
            "z",
            Err("ValueError: Negative zero coercion (z) not allowed in integer format specifier"),
        ),
        (
            I("5"),
            "+c",
            Err("ValueError: Sign not allowed with integer format specifier 'c'"),
        ),
        (
            I("5"),
            "#c",
            Err("ValueError: Alternate form (#) not allowed with integer format specifier 'c'"),
        ),
        (
            I("5"),
            ",c",
            Err("ValueError: Cannot specify ',' with 'c'."),
        ),
        (
            I("5"),
            ",x",
            Err("ValueError: Cannot specify ',' with 'x'."),
        ),
        (
            I("5"),
            "s",
            Err("ValueError: Unknown format code 's' for object of type 'int'"),
        ),
        (I("5"), "n", Ok("5")),
        (
            I("1000000000000000000000000000000"),
            "c",
            Err("OverflowError: Python int too large to convert to C long"),
        ),
        (
            I("-1"),
            "c",
            Err("OverflowError: %c arg not in range(0x110000)"),
        ),
        (
            I("1114112"),
            "c",
            Err("OverflowError: %c arg not in range(0x110000)"),
        ),
        (I("5"), "e", Ok("5.000000e+00")),
        (I("5"), ".0%", Ok("500%")),
        (
            I(
                "10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            ),
            "f",
            Err("OverflowError: int too large to convert to float"),
        ),
        (I("5"), "5", Ok("    5")),
        (I("5"), " ", Ok(" 5")),
        (I("5"), "\u{e9}<5", Ok("5\u{e9}\u{e9}\u{e9}\u{e9}")),
        (I("5"), "0>5", Ok("00005")),
        (I("5"), "<05", Ok("50000")),
        (I("5"), "0=+7", Ok("+000005")),
        (I("5"), "\u{665}d", Ok("    5")),
        (
            I("5"),
            "99999999999999999999d",
            Err("ValueError: Too many decimal digits in format string"),
        ),
        (
            I("5"),
            "5\u{e9}",
            Err("ValueError: Unknown format code '\u{5c}xe9' for object of type 'int'"),
        ),
        (
            I("5"),
            "\u{e9}",
            Err("ValueError: Unknown format code '\u{5c}xe9' for object of type 'int'"),
        ),
        (
            I("5"),
            ",_",
            Err("ValueError: Cannot specify both ',' and '_'."),
        ),
        (
            I("5"),
            "_,",
            Err("ValueError: Cannot specify both ',' and '_'."),
        ),
        (
            I("5"),
            ".f",
            Err("ValueError: Format specifier missing precision"),
        ),
        (
            I("5"),
            "abc",
            Err("ValueError: Invalid format specifier 'abc' for object of type 'int'"),
        ),
        (
            I("5"),
            ",n",
            Err("ValueError: Cannot specify ',' with 'n'."),
        ),
        (I("0"), "08b", Ok("00000000")),
        (I("0"), "#o", Ok("0o0")),
        (I("-255"), "#b", Ok("-0b11111111")),
        (I("5"), "^8", Ok("   5    ")),
        (I("5"), "=8", Ok("       5")),
        (I("123"), "06,", Ok("00,123")),
        (I("123"), "05,", Ok("0,123")),
        (I("123"), "04,", Ok("0,123")),
        (I("1234"), "08_x", Ok("000_04d2")),
        (
            I("12345678901234567890"),
            ",",
            Ok("12,345,678,901,234,567,890"),
        ),
        (F(1.0), "20", Ok("                 1.0")),
        (F(1e+16), "20", Ok("               1e+16")),
        (F(1.0), ".3", Ok("1.0")),
        (F(100000.0), ".3", Ok("1e+05")),
        (F(1234567.891), ",.2f", Ok("1,234,567.89")),
        (F(1234567.891), "015,.1f", Ok("0,001,234,567.9")),
        (F(-0.0), "z", Ok("0.0")),
        (F(-0.0001), "z.2f", Ok("0.00")),
        (F(-0.5), "z.0f", Ok("0")),
        (F(-0.5), ".0f", Ok("-0")),
        (F(-1e-09), "z.1e", Ok("-1.0e-09")),
        (F(f64::INFINITY), "010", Ok("0000000inf")),
        (F(f64::NAN), "+", Ok("+nan")),
        (F(f64::NEG_INFINITY), "F", Ok("-INF")),
        (F(0.5), "%", Ok("50.000000%")),
        (F(0.25), ".1%", Ok("25.0%")),
        (F(1e+20), "_", Ok("1e+20")),
        (
            F(1.5),
            "d",
            Err("ValueError: Unknown format code 'd' for object of type 'float'"),
        ),
        (
            F(1.5),
            "x",
            Err("ValueError: Unknown format code 'x' for object of type 'float'"),
        ),
        (
            F(1.5),
            "s",
            Err("ValueError: Unknown format code 's' for object of type 'float'"),
        ),
        (
            F(1.5),
            "\u{e9}",
            Err("ValueError: Unknown format code '\u{5c}xe9' for object of type 'float'"),
        ),
        (
            F(1.5),
            ".99999999999d",
            Err("ValueError: Unknown format code 'd' for object of type 'float'"),
        ),
        (
            F(1.5),
            ".99999999999f",
            Err("ValueError: precision too big"),
        ),
        (F(1.5), "#.0f", Ok("2.")),
        (F(1.0), "#g", Ok("1.00000")),
        (F(1.0), "g", Ok("1")),
        (F(123456789.0), "g", Ok("1.23457e+08")),
        (F(123456789.0), "n", Ok("1.23457e+08")),
        (F(123456789.0), ",g", Ok("1.23457e+08")),
        (F(3.14259), "+08.2f", Ok("+0003.14")),
        (F(3.14259), "*^12.3e", Ok("*3.143e+00**")),
        (F(3.14259), "<8.1f", Ok("3.1     ")),
        (F(1e-05), "", Ok("1e-05")),
        (F(0.0), "e", Ok("0.000000e+00")),
        (F(12345.678), "010_.3f", Ok("12_345.678")),
        (
            F(1.5),
            "abc",
            Err("ValueError: Invalid format specifier 'abc' for object of type 'float'"),
        ),
        (
            F(1.5),
            "c",
            Err("ValueError: Unknown format code 'c' for object of type 'float'"),
        ),
        (C(0.0, 1.0), "5", Ok("   1j")),
        (C(1.0, 2.0), "10", Ok("    (1+2j)")),
        (C(1.0, 2.0), ".2f", Ok("1.00+2.00j")),
        (C(1.0, 2.0), ">20.1e", Ok("    1.0e+00+2.0e+00j")),
        (C(-1.5, 0.0), "", Ok("(-1.5+0j)")),
        (C(-0.0, 3.0), "<12", Ok("(-0+3j)     ")),
        (
            C(1.0, 2.0),
            "05",
            Err("ValueError: Zero padding is not allowed in complex format specifier"),
        ),
        (
            C(1.0, 2.0),
            "=5",
            Err("ValueError: '=' alignment flag is not allowed in complex format specifier"),
        ),
        (
            C(1.0, 2.0),
            "%",
            Err("ValueError: Unknown format code '%' for object of type 'complex'"),
        ),
        (
            C(1.0, 2.0),
            "d",
            Err("ValueError: Unknown format code 'd' for object of type 'complex'"),
        ),
        (
            C(1000000.0, 2000000.0),
            ",.1f",
            Ok("1,000,000.0+2,000,000.0j"),
        ),
        (C(1.0, 2.0), "+.1f", Ok("+1.0+2.0j")),
        (C(1.0, 2.0), " g", Ok(" 1+2j")),
        (C(1.0, 2.0), "#g", Ok("1.00000+2.00000j")),
        (C(1.0, 2.0), "^20", Ok("       (1+2j)       ")),
        (C(1.0, 2.0), ".3", Ok("(1+2j)")),
        (C(0.0, 1.0), "+", Ok("+1j")),
        (C(0.0, 1.0), ".3", Ok("1j")),
        (S("abc"), "5", Ok("abc  ")),
        (S("abc"), ">5", Ok("  abc")),
        (S("abc"), "^6", Ok(" abc  ")),
        (S("a\u{f1}b"), "*<5", Ok("a\u{f1}b**")),
        (S("abc"), ".2", Ok("ab")),
        (S("abc"), "5.1", Ok("a    ")),
        (S("abc"), "05", Ok("abc00")),
        (
            S("abc"),
            "=5",
            Err("ValueError: '=' alignment not allowed in string format specifier"),
        ),
        (
            S("abc"),
            "+",
            Err("ValueError: Sign not allowed in string format specifier"),
        ),
        (
            S("abc"),
            " ",
            Err("ValueError: Space not allowed in string format specifier"),
        ),
        (
            S("abc"),
            "#",
            Err("ValueError: Alternate form (#) not allowed in string format specifier"),
        ),
        (
            S("abc"),
            "z",
            Err("ValueError: Negative zero coercion (z) not allowed in string format specifier"),
        ),
        (
            S("abc"),
            "d",
            Err("ValueError: Unknown format code 'd' for object of type 'str'"),
        ),
        (
            S("abc"),
            ",",
            Err("ValueError: Cannot specify ',' with 's'."),
        ),
        (S("abc"), "s", Ok("abc")),
        (S("abc"), "\u{e9}>5", Ok("\u{e9}\u{e9}abc")),
        (
            S("abc"),
            "5x5",
            Err("ValueError: Invalid format specifier '5x5' for object of type 'str'"),
        ),
        (
            S("abc"),
            "_s",
            Err("ValueError: Cannot specify '_' with 's'."),
        ),
        (S("abc"), ".0", Ok("")),
    ];
    for (value, spec, expected) in vectors {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(format(value, spec), expected, "{spec:?}");
    }
}

/// Separators in the fraction are new in 3.14.
#[test]
fn fraction_groups() {
    for (x, spec, text) in [
        (123456.1234567, ",.7_f", "123,456.123_456_7"),
        (0.5, ".,f", "0.500,000"),
        (1.0, "._", "1.0"),
        (1.23456789e-7, ".8_e", "1.234_567_89e-07"),
        (1.5, "015._f", "0000001.500_000"),
        (1.5, "016,._f", "0,000,001.500_000"),
    ] {
        assert_eq!(format(&F(x), spec).as_deref(), Ok(text), "{spec}");
    }
    assert_eq!(
        format(&F(1.0), ".,_f").unwrap_err(),
        "ValueError: Cannot specify both ',' and '_'."
    );
    assert_eq!(
        format(&F(1.0), "._n").unwrap_err(),
        "ValueError: Cannot specify '_' with 'n'."
    );
}

#[test]
fn surrogate_fill() {
    let mut spec = Wtf8Buf::new();
    spec.push(CodePoint::from_u32(0xd800).unwrap());
    spec.push_str(">3");
    let out = format_str(Text::new("a"), &spec, "str").unwrap();
    assert_eq!(out.as_bytes(), b"\xed\xa0\x80\xed\xa0\x80a");
}
