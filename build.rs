//! Packs the Python standard library into the binary, and names the bytecode format.
//!
//! The library comes from the `rustpython-pylib` crate, of which only the `Lib/` folder is used. Every file is
//! compressed on its own into one blob; the index is generated as a sorted static slice, so that a module is found by
//! binary search and nothing is parsed when the interpreter starts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders and files of `Lib/` that a script cannot use here: they need a display, a network of wheels, or are the
/// library's own tests and texts.
const LEFT_OUT: &[&str] = &[
    "ensurepip/_bundled",
    "idlelib",
    "pydoc_data",
    "test",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "README.md",
];

/// What the interpreter has besides, for any Python: its package, from whose `__init__.py` it has the names natively.
const OWN: &str = "python/transaction";

/// What the pure-Python library words otherwise than the C modules that it stands in for, and programs see: file, text, its
/// replacement.
const REWORDED: &[(&str, &str, &str)] = &[
    (
        "_pydatetime.py",
        "OverflowError(\"result out of range\")",
        "OverflowError(\"date value out of range\")",
    ),
    (
        "_pydatetime.py",
        "cannot compare naive and aware ",
        "can't compare offset-naive and offset-aware ",
    ),
    (
        "_pydatetime.py",
        "(f'{self.__class__.__name__}'\n                f'(year=",
        "(f'datetime.{self.__class__.__name__}'\n                f'(year=",
    ),
    (
        // In an atomic block a thread is started when the block has ended.
        "threading.py",
        "        self._started.wait()  # Will set ident and native_id",
        "        _on_commit(self._started.wait)  # Will set ident and native_id",
    ),
    (
        "threading.py",
        "_start_joinable_thread = _thread.start_joinable_thread\n",
        "_start_joinable_thread = _thread.start_joinable_thread; _on_commit = _thread._on_commit\n",
    ),
    (
        "pickle.py",
        "                    raise EOFError\n                assert isinstance(key, bytes_types)\n                dispatch[key[0]](self)\n",
        "                    raise EOFError(\"Ran out of input\")\n                load = dispatch.get(key[0])\n                if load is None:\n                    raise UnpicklingError(f\"invalid load key, {ascii(chr(key[0]))}.\")\n                load(self)\n",
    ),
];

/// Sources whose change means that bytecode cached by an earlier build must not be loaded.
const DEFINES_BYTECODE: &[&str] = &["src/code", "src/compile", "src/syntax", "Cargo.lock"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed={OWN}");
    println!("cargo:rerun-if-changed=Cargo.lock");

    let mut id = Fnv::new();
    for root in DEFINES_BYTECODE {
        for file in files_under(Path::new(root))? {
            id.write(file.to_string_lossy().as_bytes());
            id.write(&fs::read(&file)?);
        }
    }
    println!("cargo:rustc-env=KEELBACK_BYTECODE_ID={}", id.0);

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let lib = Path::new(rustpython_pylib::LIB_PATH);
    let mut key = Fnv::new();
    key.write(lib.to_string_lossy().as_bytes());
    key.write(&fs::read("build.rs")?);
    for file in files_under(Path::new(OWN))? {
        key.write(&fs::read(file)?);
    }
    let (packed, key) = (out.join("library.key"), key.0.to_string());
    // This script runs on every change below src/; the library is packed once.
    if fs::read_to_string(&packed).ok().as_deref() != Some(&key) {
        pack(lib, &out)?;
        fs::write(packed, key)?;
    }
    Ok(())
}

/// Writes `library.bin` and `library_index.rs` into `out`.
fn pack(lib: &Path, out: &Path) -> io::Result<()> {
    let mut blob = Vec::new();
    let mut modules = BTreeMap::new();
    let mut data = BTreeMap::new();
    let own = Path::new(OWN);
    let above = own.parent().expect("a folder in a folder");
    let mut files: Vec<_> = files_under(lib)?.into_iter().map(|f| (lib, f)).collect();
    files.extend(files_under(own)?.into_iter().map(|f| (above, f)));
    for (root, file) in files {
        let relative = file.strip_prefix(root).expect("listed below the root");
        let path = relative.to_string_lossy().replace('\\', "/");
        if root == above && (path.contains("__") || !path.ends_with(".py")) {
            continue;
        }
        if path.ends_with(".pyc") || LEFT_OUT.iter().any(|left| starts_with_path(&path, left)) {
            continue;
        }
        let mut raw = fs::read(&file)?;
        for (_, text, replacement) in REWORDED.iter().filter(|(file, ..)| *file == path) {
            let source = String::from_utf8(raw).expect("sources are UTF-8");
            assert!(source.contains(text), "{path} does not contain {text:?}");
            raw = source.replace(text, replacement).into();
        }
        let mut hash = Fnv::new();
        hash.write(&raw);
        let compressed = lz4_flex::block::compress(&raw);
        let place = format!(
            "offset: {}, compressed: {}, raw: {}, hash: {}",
            blob.len(),
            compressed.len(),
            raw.len(),
            hash.0
        );
        blob.extend_from_slice(&compressed);
        match path.strip_suffix(".py") {
            // Module sources are handed out as `&str`; the few files in another encoding stay data.
            Some(stem) if std::str::from_utf8(&raw).is_ok() => {
                let (name, is_package) = match stem.strip_suffix("/__init__") {
                    Some(package) => (package, true),
                    None => (stem, false),
                };
                let name = name.replace('/', ".");
                let record =
                    format!("Record {{ name: {name:?}, is_package: {is_package}, {place} }}");
                modules.insert(name, record);
            }
            _ => {
                let record = format!("Record {{ name: {path:?}, is_package: false, {place} }}");
                data.insert(path, record);
            }
        }
    }
    assert!(
        modules.contains_key("collections"),
        "{} holds no standard library",
        lib.display()
    );

    let mut index = String::new();
    for (name, records) in [("MODULES", &modules), ("DATA", &data)] {
        writeln!(index, "static {name}: &[Record] = &[").expect("writing to a string");
        for record in records.values() {
            writeln!(index, "    {record},").expect("writing to a string");
        }
        writeln!(index, "];").expect("writing to a string");
    }
    fs::write(out.join("library.bin"), blob)?;
    fs::write(out.join("library_index.rs"), index)
}

/// `path` is `prefix`, or lies below it.
fn starts_with_path(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All files at or below `root`, sorted; none where `root` does not exist.
fn files_under(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if root.is_dir() {
        for entry in fs::read_dir(root)? {
            found.extend(files_under(&entry?.path())?);
        }
        found.sort();
    } else if root.exists() {
        found.push(root.to_path_buf());
    }
    Ok(found)
}

/// The 64-bit FNV-1a hash.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
