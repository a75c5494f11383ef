//! The standard library that the binary carries, and the folder that may override it.
//!
//! The pure-Python library is packed by `build.rs`: every file compressed on its own, and two sorted static slices
//! that say where it lies. Nothing happens at start-up; a lookup is a binary search, a read is one decompression.
//!
//! A folder named by `KEELBACK_LIB`, or a folder `Lib` beside the executable, is looked at first. What it lacks still
//! comes from the binary, so that one changed module is enough to try a change.
//!
//! Embedded files have pseudo paths such as `<keelback>/collections/__init__.py`. These stand in `__file__`, in
//! `__path__` and in tracebacks, and [`read_path`] gives their text back, for `linecache` and `pkgutil.get_data`.

pub mod cache;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

/// What the pseudo path of an embedded file starts with.
pub const PREFIX: &str = "<keelback>";

/// The licence of the embedded library.
pub const LICENSE: &str = "PSF-LICENSE";

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
include!(concat!(env!("OUT_DIR"), "/library_index.rs"));

/// Where one embedded file lies in the blob.
#[derive(Debug)]
struct Record {
    /// The dotted name of a module; the path below `Lib/` of any other file.
    name: &'static str,
    is_package: bool,
    offset: usize,
    compressed: usize,
    raw: usize,
    hash: u64,
}

impl Record {
    fn find(index: &'static [Record], name: &str) -> Option<&'static Record> {
        let at = index
            .binary_search_by(|record| record.name.cmp(name))
            .ok()?;
        Some(&index[at])
    }

    fn read(&self) -> Vec<u8> {
        let compressed = &BLOB[self.offset..self.offset + self.compressed];
        lz4_flex::block::decompress(compressed, self.raw)
            .expect("the blob was packed by our own build script")
    }
}

#[derive(Debug, Clone)]
enum Origin {
    Embedded(&'static Record),
    File(PathBuf),
}

/// A module of the standard library.
#[derive(Debug, Clone)]
pub struct Entry {
    name: String,
    is_package: bool,
    origin: Origin,
}

impl Entry {
    /// The dotted name, `collections.abc`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the module is a package, so that its source is an `__init__.py`.
    pub fn is_package(&self) -> bool {
        self.is_package
    }

    /// What `__file__` and tracebacks show: a real path, or a pseudo path below [`PREFIX`].
    pub fn file(&self) -> String {
        match &self.origin {
            Origin::Embedded(_) => {
                let tail = if self.is_package {
                    "/__init__.py"
                } else {
                    ".py"
                };
                format!("{PREFIX}/{}{tail}", self.name.replace('.', "/"))
            }
            Origin::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// The one element of a package's `__path__`.
    pub fn search_location(&self) -> Option<String> {
        let file = self.file();
        let folder = file.strip_suffix("/__init__.py")?;
        self.is_package.then(|| folder.to_string())
    }

    /// The module's text. Only a file in an override folder can fail to be read, or not be UTF-8.
    pub fn source(&self) -> io::Result<String> {
        let bytes = match &self.origin {
            Origin::Embedded(record) => record.read(),
            Origin::File(path) => fs::read(path)?,
        };
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Where the module's bytecode is cached.
    pub fn cache(&self) -> cache::Slot {
        match &self.origin {
            Origin::Embedded(record) => cache::Slot::for_embedded(&self.name, record.hash),
            Origin::File(path) => cache::Slot::for_file(path),
        }
    }
}

/// Finds a module by its dotted name, in the override folder and then in the binary.
pub fn find(name: &str) -> Option<Entry> {
    if let Some(folder) = override_folder()
        && let Some(entry) = find_in(folder, name)
    {
        return Some(entry);
    }
    let record = Record::find(MODULES, name)?;
    Some(Entry {
        name: name.to_string(),
        is_package: record.is_package,
        origin: Origin::Embedded(record),
    })
}

/// Finds the embedded module that a pseudo path names.
pub fn find_path(path: &str) -> Option<Entry> {
    let stem = path
        .strip_prefix(PREFIX)?
        .strip_prefix('/')?
        .strip_suffix(".py")?;
    let (stem, is_package) = match stem.strip_suffix("/__init__") {
        Some(package) => (package, true),
        None => (stem, false),
    };
    let record = Record::find(MODULES, &stem.replace('/', "."))?;
    (record.is_package == is_package).then(|| Entry {
        name: record.name.to_string(),
        is_package,
        origin: Origin::Embedded(record),
    })
}

/// The contents of the embedded file that a pseudo path names: a module's source or a data file.
pub fn read_path(path: &str) -> Option<Vec<u8>> {
    if let Some(Entry {
        origin: Origin::Embedded(record),
        ..
    }) = find_path(path)
    {
        return Some(record.read());
    }
    let relative = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
    Record::find(DATA, relative).map(Record::read)
}

/// The names and kinds (`true` for a package) of the modules directly inside `package`, sorted; `""` is the top.
pub fn list(package: &str) -> Vec<(String, bool)> {
    let mut found = BTreeMap::new();
    let prefix = if package.is_empty() {
        String::new()
    } else {
        format!("{package}.")
    };
    // Everything below a package sorts together, since all of it starts with the prefix.
    let first = MODULES.partition_point(|record| record.name < prefix.as_str());
    for record in MODULES[first..]
        .iter()
        .take_while(|record| record.name.starts_with(&prefix))
    {
        let child = &record.name[prefix.len()..];
        if !child.contains('.') {
            found.insert(child.to_string(), record.is_package);
        }
    }
    if let Some(folder) = override_folder() {
        let entries = fs::read_dir(folder.join(package.replace('.', "/")))
            .into_iter()
            .flatten()
            .flatten();
        for path in entries.map(|entry| entry.path()) {
            let Some(stem) = path.file_stem().and_then(OsStr::to_str) else {
                continue;
            };
            if path.join("__init__.py").is_file() {
                found.insert(stem.to_string(), true);
            } else if path.extension() == Some(OsStr::new("py")) && stem != "__init__" {
                found.insert(stem.to_string(), false);
            }
        }
    }
    found.into_iter().collect()
}

/// Writes the embedded library out as files below `folder`.
pub fn extract(folder: &Path) -> io::Result<()> {
    let modules = MODULES.iter().map(|record| {
        let tail = if record.is_package {
            "/__init__.py"
        } else {
            ".py"
        };
        (format!("{}{tail}", record.name.replace('.', "/")), record)
    });
    let data = DATA.iter().map(|record| (record.name.to_string(), record));
    for (relative, record) in modules.chain(data) {
        let path = folder.join(relative);
        fs::create_dir_all(path.parent().expect("joined to a folder"))?;
        fs::write(path, record.read())?;
    }
    Ok(())
}

/// The folder that overrides the embedded library, settled at the first lookup.
pub fn override_folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            if let Some(folder) = env::var_os("KEELBACK_LIB").filter(|value| !value.is_empty()) {
                return Some(PathBuf::from(folder));
            }
            let beside = env::current_exe().ok()?.parent()?.join("Lib");
            beside.is_dir().then_some(beside)
        })
        .as_deref()
}

fn find_in(folder: &Path, name: &str) -> Option<Entry> {
    let stem = folder.join(name.replace('.', "/"));
    let package = stem.join("__init__.py");
    let (path, is_package) = if package.is_file() {
        (package, true)
    } else {
        let mut module = stem.into_os_string();
        module.push(".py");
        (PathBuf::from(module), false)
    };
    path.is_file().then(|| Entry {
        name: name.to_string(),
        is_package,
        origin: Origin::File(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_is_sorted_and_every_file_unpacks() {
        for index in [MODULES, DATA] {
            assert!(index.windows(2).all(|pair| pair[0].name < pair[1].name));
            for record in index {
                assert_eq!(record.read().len(), record.raw, "{}", record.name);
            }
        }
        assert!(MODULES.len() > 500);
    }

    #[test]
    fn modules_and_packages_are_told_apart() {
        let package = find("collections").expect("collections is embedded");
        assert!(package.is_package());
        assert_eq!(package.file(), "<keelback>/collections/__init__.py");
        assert_eq!(
            package.search_location().as_deref(),
            Some("<keelback>/collections")
        );
        let module = find("json.decoder").expect("json.decoder is embedded");
        assert!(!module.is_package());
        assert_eq!(module.file(), "<keelback>/json/decoder.py");
        assert_eq!(module.search_location(), None);
        assert!(module.source().expect("embedded").contains("JSONDecoder"));
        assert!(find("collections.nothing").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn pseudo_paths_lead_back_to_the_text() {
        let entry = find("threading").expect("threading is embedded");
        let text = read_path(&entry.file()).expect("its file is readable");
        assert_eq!(text, entry.source().expect("embedded").into_bytes());
        assert!(read_path("<keelback>/threading/__init__.py").is_none());
        assert!(read_path("threading.py").is_none());
        let license = read_path(&format!("{PREFIX}/{LICENSE}")).expect("the licence ships along");
        assert!(String::from_utf8_lossy(&license).contains("PYTHON SOFTWARE FOUNDATION LICENSE"));
    }

    #[test]
    fn listing_shows_direct_children_only() {
        let top = list("");
        assert!(top.contains(&("json".to_string(), true)));
        assert!(top.contains(&("queue".to_string(), false)));
        assert!(!top.iter().any(|(name, _)| name.contains('.')));
        let json: Vec<_> = list("json").into_iter().map(|(name, _)| name).collect();
        for child in ["decoder", "encoder", "scanner", "tool"] {
            assert!(json.iter().any(|name| name == child), "{child} in {json:?}");
        }
    }
}
