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
