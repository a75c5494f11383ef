//! The compiler: golden listings, the verifier over everything that compiles, and the messages of syntax errors.

use std::fs;
use std::path::{Path, PathBuf};

use keelback::code::serial::{read_unit, write_unit};
use keelback::code::{disassemble, verify};
use keelback::compile::{Mode, Options, compile, decode_source};

/// Files of the library that CPython's own compiler refuses too (test data of other tools).
const REJECTED: &[&str] = &[
    "bad_coding",
    "badsyntax_",
    "bad_grammar",
    "lib2to3/tests/data",
    "test_lib2to3/data",
];

fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            python_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
fn golden() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile");
    let bless = std::env::var_os("KEELBACK_BLESS").is_some();
    let mut files = Vec::new();
    python_files(&folder, &mut files);
    let mut failures = Vec::new();
    for path in &files {
        let source = fs::read_to_string(path).expect("a readable snippet");
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let compiled = compile(&source, &Options::new(Mode::Exec, &name))
            .unwrap_or_else(|err| panic!("{name}: {err:?}"));
        verify(&compiled.code).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let listing = disassemble(&compiled.code);
        let golden = path.with_extension("dis");
        if bless {
            fs::write(&golden, &listing).expect("a writable golden file");
        } else if fs::read_to_string(&golden).unwrap_or_default() != listing {
            failures.push(name);
        }
    }
    assert!(
        failures.is_empty(),
        "listings differ (KEELBACK_BLESS=1 renews them): {failures:?}"
    );
    assert!(files.len() >= 20, "the snippets were not found");
}

/// Every file of the standard library compiles, passes the verifier, and survives the bytecode cache's format.
#[test]
fn library() {
    let mut files = Vec::new();
    python_files(Path::new(rustpython_pylib::LIB_PATH), &mut files);
    let mut failures = Vec::new();
    for path in &files {
        let name = path.to_string_lossy().into_owned();
        if REJECTED.iter().any(|rejected| name.contains(rejected)) {
            continue;
        }
        let source = match decode_source(&fs::read(path).expect("a readable file")) {
            Ok(source) => source,
            Err(err) => {
                failures.push(format!("{name}: {}", err.msg));
                continue;
            }
        };
        match compile(&source, &Options::new(Mode::Exec, &name)) {
            Ok(compiled) => {
                if let Err(fault) = verify(&compiled.code) {
                    failures.push(format!("{name}: {fault}"));
                }
                let bytes = write_unit(&compiled.code);
                // NaN constants are not equal to themselves; their bytes are.
                let again = read_unit(&bytes).map(|unit| write_unit(&unit));
                if again.as_deref() != Some(&bytes[..]) {
                    failures.push(format!("{name}: changed by serialisation"));
                }
            }
            Err(err) => failures.push(format!("{name}:{}: {}", err.line, err.msg)),
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(files.len() > 500, "the library was not found");
}

#[test]
fn damaged_bytecode_is_refused() {
    let source = "def f(x, *, y=(1, 2.5, 'a')):\n    return [x for x in y]\n";
    let compiled = compile(source, &Options::new(Mode::Exec, "<test>")).expect("it compiles");
    let bytes = write_unit(&compiled.code);
    assert_eq!(read_unit(&bytes).as_ref(), Some(&compiled.code));
    for cut in 0..bytes.len() {
        assert_eq!(read_unit(&bytes[..cut]), None, "cut at {cut}");
    }
    for at in 8..bytes.len() {
        // Any answer will do, as long as it comes.
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let _ = read_unit(&damaged);
    }
}

/// The messages and places of syntax errors, as recorded in `syntax_errors.txt`.
#[test]
fn syntax_errors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax_errors.txt");
    let text = fs::read_to_string(path).expect("the recorded errors");
    let mut failures = Vec::new();
    let mut count = 0;
    for case in text.split("---\n").skip(1) {
        let (source, expected) = case.rsplit_once("=> ").expect("a case with its outcome");
        let expected = expected.trim_end();
        let got = match compile(source, &Options::new(Mode::Exec, "<test>")) {
            Ok(_) => "fine".to_owned(),
            Err(err) if expected.split(' ').nth(1) == Some("?") => {
                format!("{:?} ? {}", err.kind, err.msg)
            }
            Err(err) => format!("{:?} {}:{} {}", err.kind, err.line, err.col, err.msg),
        };
        if got != expected {
            failures.push(format!("{source}  expected {expected}\n  got      {got}"));
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 300, "cases were lost");
}

/// Sources that nest too deeply, or are too big, end in an error and not in a crash.
#[test]
fn extremes_are_refused() {
    let nested =
        |open: &str, n: usize, close: &str| format!("{}x{}", open.repeat(n), close.repeat(n));
    let refused = [
        nested("(", 300, ")"),
        nested("-", 200_000, ""),
        nested("lambda: ", 50_000, ""),
        nested("not ", 1_000_000, ""),
        format!("x{}", ".a".repeat(100_000)),
        vec!["x"; 100_000].join("+"),
        (0..150)
            .map(|i| format!("{}if x:\n", " ".repeat(i)))
            .collect::<String>()
            + &" ".repeat(150)
            + "pass",
        (0..70_000).map(|i| format!("x{i} = 1\n")).collect(),
        format!(
            "def f():\n{}",
            (0..70_000)
                .map(|i| format!(" x{i} = 1\n"))
                .collect::<String>()
        ),
        format!("with {}: pass", vec!["a"; 5000].join(", ")),
    ];
    for source in refused {
        let head: String = source.chars().take(30).collect();
        assert!(
            compile(&source, &Options::new(Mode::Exec, "<test>")).is_err(),
            "{head}"
        );
    }
    let accepted = [
        nested("(", 150, ")"),
        nested("-", 5000, ""),
        nested("lambda: ", 2000, ""),
        vec!["x"; 5000].join("+"),
        vec!["x"; 5000].join(" or "),
        format!("x{}", "[0]".repeat(3000)),
        format!("[{}]", vec!["x"; 100_000].join(",")),
        format!("{{{}}}", vec!["1: x"; 50_000].join(",")),
        format!("f({})", vec!["x"; 3000].join(",")),
        format!("f'{}'", "{x}".repeat(20_000)),
    ];
    for source in accepted {
        let head: String = source.chars().take(30).collect();
        let compiled = compile(&source, &Options::new(Mode::Exec, "<test>"));
        let compiled = compiled.unwrap_or_else(|err| panic!("{head}: {}", err.msg));
        verify(&compiled.code).unwrap_or_else(|fault| panic!("{head}: {fault}"));
    }
}

#[test]
fn modes() {
    let eval = compile(
        "  x + 1\n".trim_start(),
        &Options::new(Mode::Eval, "<eval>"),
    )
    .expect("an expression");
    assert!(disassemble(&eval.code).contains("AddInt"));
    assert!(compile("x = 1", &Options::new(Mode::Eval, "<eval>")).is_err());
    let single = compile("x\n", &Options::new(Mode::Single, "<stdin>")).expect("a statement");
    assert!(disassemble(&single.code).contains("Display"));
    let two = compile("x\ny\n", &Options::new(Mode::Single, "<stdin>"));
    assert_eq!(
        two.expect_err("two statements").msg,
        "multiple statements found while compiling a single statement"
    );
    let open =
        compile("f(1,\n", &Options::new(Mode::Single, "<stdin>")).expect_err("an open bracket");
    assert!(open.incomplete);
    let mut options = Options::new(Mode::Exec, "<test>");
    options.optimize = 2;
    let bare = compile("'doc'\nassert x\nprint(__debug__)\n", &options).expect("a module");
    let listing = disassemble(&bare.code);
    assert!(
        !listing.contains("doc") && !listing.contains("Assertion") && listing.contains("False")
    );
}

#[test]
fn warnings() {
    let source = "'\\d'\nx is 1\nassert (x, 'y')\n1()\ndef f():\n try: pass\n finally: return\n";
    let compiled = compile(source, &Options::new(Mode::Exec, "<test>")).expect("it compiles");
    let lines: Vec<u32> = compiled
        .warnings
        .iter()
        .map(|warning| warning.line)
        .collect();
    assert_eq!(lines, [1, 2, 3, 4, 7], "{:?}", compiled.warnings);
}

/// What an interactive prompt asks more input for.
#[test]
fn incomplete_input() {
    let options = Options::new(Mode::Single, "<stdin>");
    for source in [
        "if x:\n",
        "def f():\n",
        "x = '''abc\n",
        "f(1,\n",
        "@deco\n",
        "try:\n    x\n",
        "x = [\n",
        "x = \\\n",
    ] {
        let err = compile(source, &options).expect_err(source);
        assert!(err.incomplete, "{source:?}: {}", err.msg);
    }
    for source in ["x = \n", "f(1))\n", "1a\n", "x y\n", "f() = 1\n", "if x\n"] {
        let err = compile(source, &options).expect_err(source);
        assert!(!err.incomplete, "{source:?}: {}", err.msg);
    }
}
