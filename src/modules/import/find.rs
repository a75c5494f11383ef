//! Where a module comes from: native modules, files along a path, the embedded library.

use std::path::{Path, PathBuf};

use crate::library::{self, Entry};
use crate::modules::{Init, MODULES};

/// A module that was found.
#[derive(Clone, Debug)]
pub enum Found {
    Native(Init),
    /// A source file; for a package its folder.
    Source {
        file: PathBuf,
        package: Option<PathBuf>,
    },
    /// Folders without `__init__.py`: portions of a namespace package.
    Namespace(Vec<String>),
    Library(Entry),
}

/// The native module of that name.
pub fn native(name: &str) -> Option<Init> {
    MODULES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, init)| *init)
}

/// How far a search has come.
pub enum Step {
    Found(Found),
    /// The entry at this index is neither a folder nor ours: path hooks may know it.
    Foreign(usize),
    End,
}

/// Looks for module `name` (dotted) along `path`, from index `from` on: folders, and pseudo paths of the embedded library.
pub fn find_module(name: &str, path: &[String], from: usize, portions: &mut Vec<String>) -> Step {
    let tail = name.rsplit('.').next().unwrap_or(name);
    for (i, entry) in path.iter().enumerate().skip(from) {
        match search_path_entry(tail, entry) {
            Some(Found::Namespace(p)) => portions.extend(p),
            Some(found) => return Step::Found(found),
            None if is_foreign(entry) => return Step::Foreign(i),
            None => {}
        }
    }
    Step::End
}

/// Could only a path hook know what this entry is?
fn is_foreign(entry: &str) -> bool {
    if entry.is_empty() || entry.starts_with(library::PREFIX) || Path::new(entry).is_dir() {
        return false;
    }
    // A file, or something within a file (a folder in an archive).
    Path::new(entry).ancestors().any(|p| p.is_file())
}

/// Looks for a module in one entry of a path.
pub fn search_path_entry(tail: &str, entry: &str) -> Option<Found> {
    if let Some(rest) = entry.strip_prefix(library::PREFIX) {
        let prefix = rest.trim_matches('/').replace('/', ".");
        let full = if prefix.is_empty() {
            tail.to_string()
        } else {
            format!("{prefix}.{tail}")
        };
        return library::find(&full).map(Found::Library);
    }
    let folder = if entry.is_empty() {
        Path::new(".")
    } else {
        Path::new(entry)
    };
    let package = folder.join(tail);
    let init = package.join("__init__.py");
    if init.is_file() {
        return Some(Found::Source {
            file: init,
            package: Some(package),
        });
    }
    let file = folder.join(format!("{tail}.py"));
    if file.is_file() {
        return Some(Found::Source {
            file,
            package: None,
        });
    }
    if package.is_dir() {
        return Some(Found::Namespace(vec![
            package.to_string_lossy().into_owned(),
        ]));
    }
    None
}
