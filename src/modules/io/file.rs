//! `FileIO`: the raw stream over a file descriptor.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use parking_lot::Mutex;

use super::base::{closed_error, size_arg, unsupported};
use super::sink::Descriptor;
use crate::heap::{R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::modules::path::PathArg;
use crate::modules::sandbox::{Access, Last, open_resolved};
use crate::objects::class::class_flags as f;
use crate::objects::class::{Class, LayoutInfo};
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// See the module's text.
pub struct FileIo {
    /// The descriptor, none before `__init__`.
    pub(super) descriptor: Mutex<Option<Arc<Descriptor>>>,
    /// Is it closed, as the script sees it?
    closed: RawSlot,
    mode: RawSlot,
    name: Slot,
    closefd: RawSlot,
}

impl Payload for FileIo {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.name)
    }
}

mod mode {
    pub const READ: u64 = 1;
    pub const WRITE: u64 = 2;
    pub const CREATE: u64 = 4;
    pub const APPEND: u64 = 8;
    pub const TRUNCATE: u64 = 16;
}

type File = Ref<Native<FileIo>>;

pub(super) fn init(th: &mut Thread, base: Ref<Class>) -> Ref<Class> {
    let layout = LayoutInfo::of::<Native<FileIo>>();
    let class = th.new_class(
        "_io.FileIO",
        base,
        layout,
        f::BASE | f::DICT | f::WEAKREF,
        |t| {
            t.new("FileIO(cls, *args, **kwargs)", new)
                .methods(&[
                    (
                        "__init__(self, file, mode='r', closefd=True, opener=None)",
                        open,
                    ),
                    ("read(self, size=-1, /)", read),
                    ("readall(self, /)", readall),
                    ("readinto(self, buffer, /)", readinto),
                    ("write(self, b, /)", write),
                    ("seek(self, pos, whence=0, /)", seek),
                    ("tell(self, /)", tell),
                    ("truncate(self, size=None, /)", truncate),
                    ("close(self, /)", close),
                    ("fileno(self, /)", fileno),
                    ("isatty(self, /)", isatty),
                    ("_isatty_open_only(self, /)", isatty),
                    ("readable(self, /)", readable),
                    ("writable(self, /)", writable),
                    ("seekable(self, /)", seekable),
                    ("__repr__(self, /)", repr),
                    ("_dealloc_warn(self, source, /)", |_, _| Ok(Value::NONE)),
                ])
                .getset("closed", |th, v| Ok(Value::bool(is_closed(th, v)?)), None)
                .getset(
                    "closefd",
                    |th, v| {
                        let file = this(th, v)?;
                        Ok(Value::bool(th.get_raw(file, &file.closefd)? != 0))
                    },
                    None,
                )
                .getset(
                    "mode",
                    |th, v| {
                        let file = this(th, v)?;
                        let m = th.get_raw(file, &file.mode)?;
                        Ok(th.str_value(mode_text(m)))
                    },
                    None,
                )
                .getset("name", get_name, Some(set_name))
                .getset("_blksize", |_, _| Ok(Value::small(8192)), None);
        },
    );
    th.register_class::<FileIo>(class);
    class
}

pub(super) fn this(th: &mut Thread, v: Value) -> R<File> {
    th.native_self(v, "FileIO")
}

fn mode_text(m: u64) -> &'static str {
    let both = m & mode::READ != 0 && m & mode::WRITE != 0;
    if m & mode::CREATE != 0 {
        if both { "xb+" } else { "xb" }
    } else if m & mode::APPEND != 0 {
        if both { "ab+" } else { "ab" }
    } else if both {
        "rb+"
    } else if m & mode::READ != 0 {
        "rb"
    } else {
        "wb"
    }
}

fn blank() -> FileIo {
    FileIo {
        descriptor: Mutex::new(None),
        closed: RawSlot::new(0),
        mode: RawSlot::new(0),
        name: Slot::new(Value::NULL),
        closefd: RawSlot::new(1),
    }
}

fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].as_class() else {
        return Err(th.type_error("FileIO.__new__(X): X is not a type object"));
    };
    Ok(th.new_native(class, blank()).value())
}

/// A `FileIO` over a descriptor that is open already.
pub(super) fn of_fd(th: &mut Thread, fd: i32, read: bool, name: &str) -> Value {
    let file = blank();
    *file.descriptor.lock() = Some(Arc::new(Descriptor::new(fd, false)));
    file.mode.init(if read { mode::READ } else { mode::WRITE });
    file.closefd.init(0);
    let name = th.str_value(name);
    file.name.init(name);
    let class = th.class_for::<FileIo>();
    th.new_native(class, file).value()
}

fn parse_mode(th: &mut Thread, text: &str) -> R<u64> {
    let mut m = 0;
    let mut main = 0;
    for c in text.chars() {
        match c {
            'r' => {
                main += 1;
                m |= mode::READ;
            }
            'w' => {
                main += 1;
                m |= mode::WRITE | mode::TRUNCATE;
            }
            'x' => {
                main += 1;
                m |= mode::WRITE | mode::CREATE;
            }
            'a' => {
                main += 1;
                m |= mode::WRITE | mode::APPEND;
            }
            '+' => m |= mode::READ | mode::WRITE,
            'b' => {}
            _ => return Err(th.value_error(format!("invalid mode: {text}"))),
        }
    }
    if main != 1 {
        return Err(th.value_error(
            "Must have exactly one of create/read/write/append mode and at most one plus",
        ));
    }
    Ok(m)
}

fn open_flags(m: u64) -> i32 {
    let mut flags = libc::O_CLOEXEC
        | match (m & mode::READ != 0, m & mode::WRITE != 0) {
            (true, true) => libc::O_RDWR,
            (false, true) => libc::O_WRONLY,
            _ => libc::O_RDONLY,
        };
    if m & mode::CREATE != 0 {
        flags |= libc::O_EXCL | libc::O_CREAT;
    }
    if m & mode::TRUNCATE != 0 {
        flags |= libc::O_CREAT | libc::O_TRUNC;
    }
    if m & mode::APPEND != 0 {
        flags |= libc::O_CREAT | libc::O_APPEND;
    }
    flags
}

fn open(th: &mut Thread, args: &[Value]) -> R<Value> {
    let file = this(th, args[0])?;
    let text = match args[2].cast::<Str>() {
        Some(s) => s.to_string(),
        None if args[2].is_null() => "r".to_string(),
        None => {
            let name = th.type_name(args[2]);
            return Err(th.type_error(format!("FileIO() argument 'mode' must be str, not {name}")));
        }
    };
    let m = parse_mode(th, &text)?;
    let closefd = args[3].is_null() || th.truth(args[3])?;
    let opener = args[4];
    let mut name = args[1];
    let is_number = name.is_int() || name.is_bool() || name.kind() == crate::heap::Kind::BigInt;
    let fd = if is_number {
        let fd = th.index_i64(name)?;
        if fd < 0 {
            return Err(th.value_error("negative file descriptor"));
        }
        let fd = fd as i32;
        th.granted_descriptor("open() of a descriptor")?;
        check_descriptor(th, fd, name)?;
        fd
    } else {
        if !closefd {
            return Err(th.value_error("Cannot use closefd=False with file name"));
        }
        let path = super::super::path::path_arg(th, name, "open")?;
        name = path.value;
        if opener.is_null() || opener.is_none() {
            open_path(th, &path, open_flags(m))?
        } else {
            th.granted_descriptor("open() with an opener")?;
            let flags = Value::small(open_flags(m) as i64);
            let fd = th.call(opener, &[args[1], flags])?;
            if th.special(fd, crate::objects::special::Sp::Index).is_null() {
                return Err(th.type_error("expected integer from opener"));
            }
            let fd = th.index_i64(fd)?;
            if fd < 0 {
                return Err(th.value_error(format!("opener returned {fd}")));
            }
            fd as i32
        }
    };
    if closefd && !th.txn.is_irrevocable() {
        // From here on the object closes the descriptor when it is collected: it must not be one that a rollback forgets.
        th.outside(false, || ())?;
    }
    if m & mode::APPEND != 0 {
        // SAFETY: a plain seek; that a pipe cannot seek is no error here.
        unsafe { libc::lseek(fd, 0, libc::SEEK_END) };
    }
    *file.descriptor.lock() = Some(Arc::new(Descriptor::new(fd, closefd)));
    th.set_raw(file, &file.closed, 0)?;
    th.set_raw(file, &file.mode, m)?;
    th.set_raw(file, &file.closefd, closefd as u64)?;
    th.set(file, &file.name, name)?;
    Ok(Value::NONE)
}

/// A descriptor that a script gave: open, and no folder.
fn check_descriptor(th: &mut Thread, fd: i32, name: Value) -> R<()> {
    // SAFETY: fills a local structure.
    let (rc, folder) = unsafe {
        let mut st: libc::stat = std::mem::zeroed();
        let rc = libc::fstat(fd, &mut st);
        (rc, st.st_mode & libc::S_IFMT == libc::S_IFDIR)
    };
    if rc < 0 {
        let errno = io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or(libc::EBADF);
        return Err(th.errno_error(errno, Value::NULL, Value::NULL));
    }
    if folder {
        return Err(th.errno_error(libc::EISDIR, name, Value::NULL));
    }
    Ok(())
}

fn open_path(th: &mut Thread, path: &PathArg, flags: i32) -> R<i32> {
    let mut c_path: CString = path.c_string(th)?;
    let access = match flags & libc::O_ACCMODE {
        libc::O_RDONLY => Access::Read,
        _ => Access::Write,
    };
    let resolved = th.granted_path(path, access, Last::Followed)?;
    if let Some(found) = &resolved {
        let found = PathArg {
            bytes: found.as_os_str().as_bytes().to_vec(),
            ..*path
        };
        c_path = found.c_string(th)?;
    }
    loop {
        let result = th.outside(true, || {
            // A file that was written and dropped unclosed shows its bytes.
            super::sink::flush_all();
            let fd = match resolved {
                // SAFETY: a terminated path.
                None => unsafe { libc::open(c_path.as_ptr(), flags, 0o666) },
                Some(_) => open_resolved(&c_path, flags, 0o666),
            };
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: fills a local structure.
            unsafe {
                let mut st: libc::stat = std::mem::zeroed();
                if libc::fstat(fd, &mut st) == 0 && st.st_mode & libc::S_IFMT == libc::S_IFDIR {
                    libc::close(fd);
                    return Err(io::Error::from_raw_os_error(libc::EISDIR));
                }
            }
            Ok(fd)
        })?;
        match result {
            Ok(fd) => return Ok(fd),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => th.run_signal_handlers()?,
            Err(e) => {
                let errno = e.raw_os_error().unwrap_or(0);
                return Err(th.errno_error(errno, path.value, Value::NULL));
            }
        }
    }
}

/// Is the file closed, as the script sees it?
pub(super) fn is_closed(th: &mut Thread, v: Value) -> R<bool> {
    let file = this(th, v)?;
    if th.get_raw(file, &file.closed)? != 0 {
        return Ok(true);
    }
    Ok(file.descriptor.lock().is_none())
}

/// The descriptor of an open file.
pub(super) fn descriptor(th: &mut Thread, v: Value) -> R<Arc<Descriptor>> {
    let file = this(th, v)?;
    let closed = th.get_raw(file, &file.closed)? != 0;
    let d = file.descriptor.lock().clone();
    match d {
        Some(d) if !closed => Ok(d),
        Some(_) => Err(closed_error(th)),
        None => {
            let initialised = !th.get(file, &file.name)?.is_null();
            Err(if initialised {
                closed_error(th)
            } else {
                th.value_error("I/O operation on uninitialized object")
            })
        }
    }
}

fn allowed(th: &mut Thread, v: Value, what: u64) -> R<Arc<Descriptor>> {
    let d = descriptor(th, v)?;
    let file = this(th, v)?;
    let m = th.get_raw(file, &file.mode)?;
    if m & what == 0 {
        let action = if what == mode::READ {
            "reading"
        } else {
            "writing"
        };
        return Err(unsupported(th, &format!("File not open for {action}")));
    }
    Ok(d)
}

/// One `read(2)` of at most `n` bytes; `None` if it would block.
pub(super) fn read_once(th: &mut Thread, d: &Descriptor, n: usize) -> R<Option<Vec<u8>>> {
    loop {
        let result = th.outside(true, || {
            let mut buf: Vec<u8> = Vec::with_capacity(n);
            // SAFETY: the vector has room for `n` bytes; those that were read are initialised.
            unsafe {
                let got = libc::read(d.fd(), buf.as_mut_ptr() as *mut libc::c_void, n);
                if got < 0 {
                    return Err(io::Error::last_os_error());
                }
                buf.set_len(got as usize);
            }
            Ok(buf)
        })?;
        match result {
            Ok(buf) => return Ok(Some(buf)),
            Err(e) => match e.raw_os_error() {
                Some(libc::EINTR) => th.run_signal_handlers()?,
                Some(libc::EAGAIN) => return Ok(None),
                _ => return Err(th.io_error(&e, Value::NULL)),
            },
        }
    }
}

/// Everything up to the end of the file.
pub(super) fn read_to_end(th: &mut Thread, d: &Descriptor) -> R<Option<Vec<u8>>> {
    let mut all: Vec<u8> = vec![];
    loop {
        // SAFETY: fills a local structure.
        let hint = unsafe {
            let mut st: libc::stat = std::mem::zeroed();
            let at = libc::lseek(d.fd(), 0, libc::SEEK_CUR);
            if at >= 0 && libc::fstat(d.fd(), &mut st) == 0 && st.st_size > at {
                (st.st_size - at) as usize + 1
            } else {
                super::CHUNK.max(all.len() / 2)
            }
        };
        match read_once(th, d, hint.min(1 << 28))? {
            None if all.is_empty() => return Ok(None),
            None => return Ok(Some(all)),
            Some(chunk) if chunk.is_empty() => return Ok(Some(all)),
            Some(chunk) if all.is_empty() => all = chunk,
            Some(chunk) => all.extend_from_slice(&chunk),
        }
    }
}

fn bytes_or_none(th: &mut Thread, data: Option<Vec<u8>>) -> Value {
    match data {
        Some(data) => th.bytes(&data).value(),
        None => Value::NONE,
    }
}

fn read(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = allowed(th, args[0], mode::READ)?;
    let n = size_arg(th, args[1])?;
    let data = if n < 0 {
        read_to_end(th, &d)?
    } else {
        read_once(th, &d, n as usize)?
    };
    Ok(bytes_or_none(th, data))
}
fn readall(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = allowed(th, args[0], mode::READ)?;
    let data = read_to_end(th, &d)?;
    Ok(bytes_or_none(th, data))
}
fn readinto(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = allowed(th, args[0], mode::READ)?;
    let n = th.len_of(args[1])?;
    match read_once(th, &d, n)? {
        Some(data) => super::base::store_into(th, args[1], &data),
        None => Ok(Value::NONE),
    }
}

fn write(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = allowed(th, args[0], mode::WRITE)?;
    let data = th.bytes_like(args[1])?;
    loop {
        let result = th.outside(true, || {
            // SAFETY: the slice is readable for its length.
            let n =
                unsafe { libc::write(d.fd(), data.as_ptr() as *const libc::c_void, data.len()) };
            if n < 0 {
                Err(io::Error::last_os_error())
            } else {
                Ok(n)
            }
        })?;
        match result {
            Ok(n) => return Ok(Value::small(n as i64)),
            Err(e) => match e.raw_os_error() {
                Some(libc::EINTR) => th.run_signal_handlers()?,
                Some(libc::EAGAIN) => return Ok(Value::NONE),
                _ => return Err(th.io_error(&e, Value::NULL)),
            },
        }
    }
}

/// `lseek(2)`.
pub(super) fn seek_to(th: &mut Thread, d: &Descriptor, offset: i64, whence: i32) -> R<i64> {
    let result = th.outside(false, || {
        // SAFETY: a plain system call.
        let at = unsafe { libc::lseek(d.fd(), offset, whence) };
        if at < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(at)
        }
    })?;
    result.map_err(|e| th.io_error(&e, Value::NULL))
}

fn seek(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = descriptor(th, args[0])?;
    if args[1].is_float() {
        return Err(th.type_error("an integer is required"));
    }
    let offset = th.index_i64(args[1])?;
    let whence = if args[2].is_null() {
        0
    } else {
        th.index_i64(args[2])?
    };
    let at = seek_to(th, &d, offset, whence as i32)?;
    Ok(th.int(at))
}
fn tell(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = descriptor(th, args[0])?;
    let at = seek_to(th, &d, 0, libc::SEEK_CUR)?;
    Ok(th.int(at))
}

fn truncate(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = allowed(th, args[0], mode::WRITE)?;
    let size = if args[1].is_null() || args[1].is_none() {
        seek_to(th, &d, 0, libc::SEEK_CUR)?
    } else {
        th.index_i64(args[1])?
    };
    let result = th.outside(false, || {
        // SAFETY: a plain system call.
        if unsafe { libc::ftruncate(d.fd(), size) } < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    })?;
    result.map_err(|e| th.io_error(&e, Value::NULL))?;
    Ok(th.int(size))
}

/// Closes the file: inside `atomic` when that commits, after what was written in it.
pub(super) fn close(th: &mut Thread, args: &[Value]) -> R<Value> {
    let file = this(th, args[0])?;
    if is_closed(th, args[0])? {
        return Ok(Value::NONE);
    }
    let d = file.descriptor.lock().clone();
    let Some(d) = d else {
        return Ok(Value::NONE);
    };
    if th.in_block() && !th.vm.atomic.is_empty() {
        th.set_raw(file, &file.closed, 1)?;
        th.at_block_end(0, move || drop(d.close()));
        return Ok(Value::NONE);
    }
    let result = th.outside(true, || d.close())?;
    th.set_raw(file, &file.closed, 1)?;
    *file.descriptor.lock() = None;
    result.map_err(|e| th.io_error(&e, Value::NULL))?;
    Ok(Value::NONE)
}

fn fileno(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = descriptor(th, args[0])?;
    Ok(Value::small(d.fd() as i64))
}
fn isatty(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = descriptor(th, args[0])?;
    // SAFETY: a plain query.
    Ok(Value::bool(unsafe { libc::isatty(d.fd()) } == 1))
}
fn readable(th: &mut Thread, args: &[Value]) -> R<Value> {
    descriptor(th, args[0])?;
    let file = this(th, args[0])?;
    Ok(Value::bool(th.get_raw(file, &file.mode)? & mode::READ != 0))
}
fn writable(th: &mut Thread, args: &[Value]) -> R<Value> {
    descriptor(th, args[0])?;
    let file = this(th, args[0])?;
    Ok(Value::bool(
        th.get_raw(file, &file.mode)? & mode::WRITE != 0,
    ))
}
fn seekable(th: &mut Thread, args: &[Value]) -> R<Value> {
    let d = descriptor(th, args[0])?;
    // SAFETY: a query: it moves nothing.
    Ok(Value::bool(
        unsafe { libc::lseek(d.fd(), 0, libc::SEEK_CUR) } >= 0,
    ))
}

fn get_name(th: &mut Thread, v: Value) -> R<Value> {
    let file = this(th, v)?;
    let name = th.get(file, &file.name)?;
    if name.is_null() {
        return Err(th.attribute_error("'_io.FileIO' object has no attribute 'name'"));
    }
    Ok(name)
}
fn set_name(th: &mut Thread, v: Value, x: Value) -> R<()> {
    let file = this(th, v)?;
    th.set(file, &file.name, x)
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    if is_closed(th, args[0])? {
        return Ok(th.str_value("<_io.FileIO [closed]>"));
    }
    let file = this(th, args[0])?;
    let (name, m) = (th.get(file, &file.name)?, th.get_raw(file, &file.mode)?);
    let closefd = th.get_raw(file, &file.closefd)? != 0;
    let name = th.repr(name.or_none())?;
    let closefd = if closefd { "True" } else { "False" };
    let text = format!(
        "<_io.FileIO name={name} mode='{}' closefd={closefd}>",
        mode_text(m)
    );
    Ok(th.str_value(&text))
}
