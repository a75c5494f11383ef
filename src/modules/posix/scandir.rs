//! `listdir`, `scandir` and `DirEntry`.

use std::ffi::CStr;
use std::io;

use super::{Target, dir_fd, flag_or, stat, target};
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::modules::path::{PathArg, fs_decode};
use crate::objects::class::class_flags as f;
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};

/// One entry of a folder as `readdir(3)` has it.
struct Raw {
    name: Vec<u8>,
    kind: u8,
    inode: u64,
}

/// An entry that `scandir` gives.
struct DirEntry {
    name: Value,
    path: Value,
    kind: u8,
    inode: u64,
    /// Results of `stat`, with and without following links.
    stat: Slot,
    lstat: Slot,
}
impl Payload for DirEntry {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.name, self.path]);
        t.slot(&self.stat);
        t.slot(&self.lstat);
    }
}

/// The iterator: the folder is read at once, so that nothing stays open.
struct Entries {
    /// A tuple of entries.
    items: Value,
    at: RawSlot,
}
impl Payload for Entries {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.items)
    }
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    let class = th.new_type::<DirEntry>("posix.DirEntry", f::NO_NEW, |t| {
        t.methods(&[
            ("is_dir(self, *, follow_symlinks=True)", |th, a| {
                is_kind(th, a, libc::DT_DIR, libc::S_IFDIR)
            }),
            ("is_file(self, *, follow_symlinks=True)", |th, a| {
                is_kind(th, a, libc::DT_REG, libc::S_IFREG)
            }),
            ("is_symlink(self)", is_symlink),
            ("is_junction(self)", |_, _| Ok(Value::FALSE)),
            ("stat(self, *, follow_symlinks=True)", entry_stat),
            ("inode(self)", inode),
            ("__fspath__(self)", |th, a| Ok(this(th, a[0])?.path)),
            ("__repr__(self)", repr),
        ])
        .getset("name", |th, v| Ok(this(th, v)?.name), None)
        .getset("path", |th, v| Ok(this(th, v)?.path), None);
    });
    th.define(module.dict(), "DirEntry", class.value());
    th.new_type::<Entries>("posix.ScandirIterator", f::NO_NEW, |t| {
        t.methods(&[
            ("__iter__(self)", |_, a| Ok(a[0])),
            ("__next__(self)", next),
            ("__enter__(self)", |_, a| Ok(a[0])),
            ("__exit__(self, *args)", close),
            ("close(self)", close),
        ]);
    });
    th.functions(
        module,
        &[
            ("listdir(path=None)", listdir),
            ("scandir(path=None)", scandir),
        ],
    );
}

fn this(th: &mut Thread, v: Value) -> R<Ref<Native<DirEntry>>> {
    th.native_self(v, "DirEntry")
}

/// All entries but `.` and `..`.
fn read_folder(t: &Target, path: Option<&CStr>) -> io::Result<Vec<Raw>> {
    // SAFETY: the stream is ours from `opendir` to `closedir`; entries are copied before the next call.
    unsafe {
        let stream = match (t, path) {
            (Target::Fd(fd), _) => {
                let copy = libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 0);
                if copy < 0 {
                    return Err(io::Error::last_os_error());
                }
                let stream = libc::fdopendir(copy);
                if stream.is_null() {
                    let e = io::Error::last_os_error();
                    libc::close(copy);
                    return Err(e);
                }
                libc::rewinddir(stream);
                stream
            }
            (Target::Path(_), Some(path)) => libc::opendir(path.as_ptr()),
            (Target::Path(_), None) => return Err(io::Error::from_raw_os_error(libc::EINVAL)),
        };
        if stream.is_null() {
            return Err(io::Error::last_os_error());
        }
        let mut found = vec![];
        loop {
            *libc::__errno_location() = 0;
            let entry = libc::readdir64(stream);
            if entry.is_null() {
                let errno = *libc::__errno_location();
                libc::closedir(stream);
                return if errno == 0 {
                    Ok(found)
                } else {
                    Err(io::Error::from_raw_os_error(errno))
                };
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                found.push(Raw {
                    name: name.to_vec(),
                    kind: (*entry).d_type,
                    inode: (*entry).d_ino,
                });
            }
        }
    }
}

fn folder(th: &mut Thread, v: Value, function: &str) -> R<(Target, Vec<Raw>)> {
    let t = if v.is_null() || v.is_none() {
        let value = th.str_value(".");
        Target::Path(PathArg {
            value,
            bytes: b".".to_vec(),
            is_bytes: false,
        })
    } else {
        target(th, v, function)?
    };
    let c = match &t {
        Target::Path(p) => Some(p.c_string(th)?),
        Target::Fd(_) => None,
    };
    match th.outside(true, || read_folder(&t, c.as_deref()))? {
        Ok(found) => Ok((t, found)),
        Err(e) => Err(th.io_error(&e, t.value())),
    }
}

fn name_value(th: &mut Thread, t: &Target, name: &[u8]) -> Value {
    match t {
        Target::Path(p) if p.is_bytes => th.bytes(name).value(),
        _ => fs_decode(th, name),
    }
}

fn listdir(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (t, found) = folder(th, args[0], "listdir")?;
    let names: Vec<Value> = found
        .iter()
        .map(|raw| name_value(th, &t, &raw.name))
        .collect();
    Ok(List::new(th, &names).value())
}

fn scandir(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (t, found) = folder(th, args[0], "scandir")?;
    let prefix = match &t {
        Target::Path(p) => {
            let mut prefix = p.bytes.clone();
            if !prefix.ends_with(b"/") {
                prefix.push(b'/');
            }
            prefix
        }
        Target::Fd(_) => vec![],
    };
    // `scandir()` without a path shows names as `./name`; CPython too.
    let class = th.class_for::<DirEntry>();
    let mut entries = Vec::with_capacity(found.len());
    for raw in found {
        let name = name_value(th, &t, &raw.name);
        let path = [&prefix[..], &raw.name].concat();
        let path = name_value(th, &t, &path);
        let entry = DirEntry {
            name,
            path,
            kind: raw.kind,
            inode: raw.inode,
            stat: Slot::new(Value::NULL),
            lstat: Slot::new(Value::NULL),
        };
        entries.push(th.new_native(class, entry).value());
    }
    let items = th.tuple_value(&entries);
    let class = th.class_for::<Entries>();
    Ok(th
        .new_native(
            class,
            Entries {
                items,
                at: RawSlot::new(0),
            },
        )
        .value())
}

fn next(th: &mut Thread, args: &[Value]) -> R<Value> {
    let it = th.native_self::<Entries>(args[0], "ScandirIterator")?;
    let at = th.get_raw(it, &it.at)?;
    match crate::objects::native::tuple_items(it.items).get(at as usize) {
        Some(v) => {
            th.set_raw(it, &it.at, at + 1)?;
            Ok(*v)
        }
        None => Err(th.stop_iteration(Value::NULL)),
    }
}
fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let it = th.native_self::<Entries>(args[0], "ScandirIterator")?;
    th.set_raw(it, &it.at, u64::MAX >> 1)?;
    Ok(Value::NONE)
}

fn stat_with(th: &mut Thread, v: Value, follow: bool) -> R<Value> {
    let e = this(th, v)?;
    let slot = if follow { &e.stat } else { &e.lstat };
    let known = th.get(e, slot)?;
    if !known.is_null() {
        return Ok(known);
    }
    let path = crate::modules::path::path_arg(th, e.path, "stat")?;
    let dir = dir_fd(th, Value::NULL)?;
    let st = stat::stat_of(th, &Target::Path(path), dir, follow)?;
    th.set(e, slot, st)?;
    Ok(st)
}

fn entry_stat(th: &mut Thread, args: &[Value]) -> R<Value> {
    let follow = flag_or(th, args[1], true)?;
    stat_with(th, args[0], follow)
}

fn is_kind(th: &mut Thread, args: &[Value], dt: u8, mode: u32) -> R<Value> {
    let follow = flag_or(th, args[1], true)?;
    let e = this(th, args[0])?;
    if e.kind != libc::DT_UNKNOWN && !(follow && e.kind == libc::DT_LNK) {
        return Ok(Value::bool(e.kind == dt));
    }
    match stat_with(th, args[0], follow) {
        Ok(st) => {
            let st_mode = crate::objects::native::tuple_items(st)[0];
            let st_mode = th.index_i64(st_mode)? as u32;
            Ok(Value::bool(st_mode & libc::S_IFMT == mode))
        }
        // A link to nothing is neither.
        Err(crate::heap::Fail::Raise)
            if th.raised_is(th.rt.types().exceptions.file_not_found_error) =>
        {
            th.take_exc();
            Ok(Value::FALSE)
        }
        Err(f) => Err(f),
    }
}
fn is_symlink(th: &mut Thread, args: &[Value]) -> R<Value> {
    let e = this(th, args[0])?;
    if e.kind != libc::DT_UNKNOWN {
        return Ok(Value::bool(e.kind == libc::DT_LNK));
    }
    is_kind(th, &[args[0], Value::FALSE], libc::DT_LNK, libc::S_IFLNK)
}
fn inode(th: &mut Thread, args: &[Value]) -> R<Value> {
    let n = this(th, args[0])?.inode;
    Ok(th.big(n.into()))
}
fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = this(th, args[0])?.name;
    let name = th.repr(name)?;
    Ok(th.str_value(&format!("<DirEntry {name}>")))
}
