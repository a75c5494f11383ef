//! Where the compiled form of a source file is kept between runs.
//!
//! A [`Slot`] belongs to one source: beside a file, in `__pycache__`; for an embedded module, in the user's cache
//! folder. What it holds is opaque here. A slot's content is used only if it was written by a build with the same
//! bytecode format, for a source that has not changed since, and arrived whole. A cache is a convenience: whatever
//! goes wrong with a file here means that there is no cache, never an error.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;
use std::{env, fs, io, process};

/// The layout of a cache file. Its meaning is covered by the build's own identity, see [`format_id`].
const MAGIC: &[u8; 8] = b"keelbc\x01\n";

const HEADER: usize = 8 + 8 + KEY + 8 + 8;

const KEY: usize = 24;

/// The cached bytecode of one source: where it is, and what it must have been made from.
#[derive(Debug, Clone)]
pub struct Slot {
    path: Option<PathBuf>,
    key: [u8; KEY],
}

impl Slot {
    /// The slot of a source file: below `PYTHONPYCACHEPREFIX` if that is set, else in `__pycache__` beside the file.
    pub fn for_file(source: &Path) -> Slot {
        let none = Slot {
            path: None,
            key: [0; KEY],
        };
        let Ok(meta) = fs::metadata(source) else {
            return none;
        };
        let Ok(changed) = meta.modified() else {
            return none;
        };
        let Some(stem) = source.file_stem() else {
            return none;
        };
        let since = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let key = key([since.as_secs(), u64::from(since.subsec_nanos()), meta.len()]);

        let mut name = stem.to_os_string();
        name.push(".keelback-314.kbc");
        let folder = source.parent().unwrap_or(Path::new(""));
        let path = match variable("PYTHONPYCACHEPREFIX") {
            Some(prefix) => std::path::absolute(folder).ok().map(|folder| {
                let below: PathBuf = folder
                    .components()
                    .filter(|part| matches!(part, Component::Normal(_)))
                    .collect();
                Path::new(&prefix).join(below).join(name)
            }),
            None => Some(folder.join("__pycache__").join(name)),
        };
        Slot { path, key }
    }

    /// The slot of an embedded module, known by the hash of its source.
    pub fn for_embedded(name: &str, hash: u64) -> Slot {
        let path = user_cache().map(|folder| folder.join(format!("{name}.keelback-314.kbc")));
        Slot {
            path,
            key: key([u64::MAX, hash, 0]),
        }
    }

    /// The file of this slot, if the environment leaves it a place; what `__cached__` shows.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What was stored for the source as it is now.
    pub fn load(&self) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path.as_ref()?).ok()?;
        let payload = bytes.get(HEADER..)?;
        if bytes[..HEADER] != self.header(payload) {
            return None;
        }
        bytes.drain(..HEADER);
        Some(bytes)
    }

    /// Stores `payload`, unless `PYTHONDONTWRITEBYTECODE` is set. Readers see the old file or the new one, whole.
    pub fn store(&self, payload: &[u8]) {
        if variable("PYTHONDONTWRITEBYTECODE").is_some() {
            return;
        }
        if let Some(path) = &self.path {
            // Without the file the next run compiles again; nobody needs to know.
            let _ = self.write(path, payload);
        }
    }

    fn write(&self, path: &Path, payload: &[u8]) -> io::Result<()> {
        // Threads of one process may store the same module at the same time.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let temporary = path.with_extension(format!("{}-{unique}.tmp", process::id()));
        let written = (|| {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)?;
            file.write_all(&self.header(payload))?;
            file.write_all(payload)?;
            drop(file);
            fs::rename(&temporary, path)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn header(&self, payload: &[u8]) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..16].copy_from_slice(&format_id().to_le_bytes());
        header[16..16 + KEY].copy_from_slice(&self.key);
        header[HEADER - 16..HEADER - 8].copy_from_slice(&(payload.len() as u64).to_le_bytes());
        header[HEADER - 8..].copy_from_slice(&checksum(payload).to_le_bytes());
        header
    }
}

/// What stands for the bytecode format: a hash of the sources that define it, so that two builds share a cache
/// exactly if they compile alike.
pub fn format_id() -> u64 {
    static ID: OnceLock<u64> = OnceLock::new();
    *ID.get_or_init(|| {
        env!("KEELBACK_BYTECODE_ID")
            .parse()
            .expect("the build script writes a number")
    })
}

fn key(words: [u64; 3]) -> [u8; KEY] {
    let mut key = [0; KEY];
    for (at, word) in words.into_iter().enumerate() {
        key[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes());
    }
    key
}

/// An environment variable, if it is set to something.
fn variable(name: &str) -> Option<std::ffi::OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// `keelback` in `PYTHONPYCACHEPREFIX`, in `XDG_CACHE_HOME`, or in `~/.cache`.
fn user_cache() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let base = variable("PYTHONPYCACHEPREFIX")
                .or_else(|| variable("XDG_CACHE_HOME"))
                .map(PathBuf::from)
                .filter(|folder| folder.is_absolute())
                .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")))?;
            Some(base.join("keelback"))
        })
        .as_deref()
}

/// Tells a file that was cut short or damaged from a whole one. Eight bytes at a step: it runs at every start.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let words = bytes.chunks_exact(8);
    let mut tail = [0; 8];
    tail[..words.remainder().len()].copy_from_slice(words.remainder());
    let sum = words.fold(FACTOR, |sum, word| {
        step(
            sum,
            u64::from_le_bytes(word.try_into().expect("eight bytes")),
        )
    });
    let sum = step(sum, u64::from_le_bytes(tail));
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str) -> Slot {
        let folder = env::temp_dir().join(format!("keelback-cache-{}-{name}", process::id()));
        Slot {
            path: Some(folder.join("m.kbc")),
            key: key([1, 2, 3]),
        }
    }

    /// Stores whatever the environment says of writing bytecode.
    fn write(slot: &Slot, payload: &[u8]) {
        let path = slot.path().expect("a path");
        slot.write(path, payload)
            .expect("the temporary folder is writable");
    }

    fn clear(slot: &Slot) {
        let folder = slot
            .path()
            .and_then(Path::parent)
            .expect("a path in a folder");
        fs::remove_dir_all(folder).expect("the test wrote it");
    }

    #[test]
    fn what_is_stored_is_loaded() {
        let slot = slot("roundtrip");
        assert_eq!(slot.load(), None);
        for payload in [
            &b"some bytecode"[..],
            b"",
            b"other bytecode that replaces it",
        ] {
            write(&slot, payload);
            assert_eq!(slot.load().as_deref(), Some(payload));
        }
        let left = fs::read_dir(slot.path().and_then(Path::parent).expect("folder"))
            .expect("readable")
            .count();
        assert_eq!(left, 1, "no temporary file stays");
        clear(&slot);
    }

    #[test]
    fn damage_and_other_sources_are_refused() {
        let slot = slot("damage");
        write(&slot, b"0123456789abcdef0");
        let path = slot.path().expect("a path");
        let whole = fs::read(path).expect("stored");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            fs::write(path, damaged).expect("writable");
            assert_eq!(slot.load(), None, "byte {at} was changed");
        }
        for length in 0..whole.len() {
            fs::write(path, &whole[..length]).expect("writable");
            assert_eq!(slot.load(), None, "cut to {length} bytes");
        }
        fs::write(path, &whole).expect("writable");
        let changed = Slot {
            key: key([1, 2, 4]),
            ..slot.clone()
        };
        assert_eq!(changed.load(), None);
        assert!(slot.load().is_some());
        clear(&slot);
    }

    #[test]
    fn a_changed_file_has_another_key() {
        let slot = slot("changed");
        write(&slot, b"");
        let source = slot.path().expect("a path").with_file_name("m.py");
        fs::write(&source, "x = 1\n").expect("writable");
        let before = Slot::for_file(&source);
        fs::write(&source, "x = 10\n").expect("writable");
        assert_ne!(before.key, Slot::for_file(&source).key);
        let name = before.path().and_then(Path::file_name).expect("a name");
        assert_eq!(name, "m.keelback-314.kbc");
        clear(&slot);
    }

    #[test]
    fn no_place_means_no_cache() {
        let slot = Slot::for_file(Path::new("/nonexistent/module.py"));
        slot.store(b"bytecode");
        assert_eq!(slot.load(), None);
        let blocked = Slot {
            path: Some(PathBuf::from("/dev/null/x/m.kbc")),
            key: key([0; 3]),
        };
        blocked.store(b"bytecode");
        assert_eq!(blocked.load(), None);
    }
}
