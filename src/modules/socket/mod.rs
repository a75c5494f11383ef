//! `_socket`: sockets, addresses, host names.
//!
//! A socket is a file of the system and no business of transactions: whatever is done with one happens outside any block.

mod address;
mod constants;
mod names;

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering::*};

use super::oscall;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::class_flags as f;
use crate::objects::define::Module;
use crate::objects::native::{Native, NativeFn, Payload};
use address::Address;

const GAIERROR: &str = "socket.gaierror";

/// A socket.
struct Socket {
    /// -1 when closed.
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    protocol: AtomicI32,
    /// Bits of the timeout in seconds; negative for none.
    timeout: AtomicU64,
}

impl Payload for Socket {}

impl Drop for Socket {
    fn drop(&mut self) {
        let fd = *self.fd.get_mut();
        if fd >= 0 {
            // SAFETY: the descriptor is ours alone.
            unsafe { libc::close(fd) };
        }
    }
}

/// `setdefaulttimeout`'s, as bits of seconds; negative for none.
static DEFAULT_TIMEOUT: AtomicU64 = AtomicU64::new((-1f64).to_bits());

type Sock = Ref<Native<Socket>>;

fn this(a: &[Value]) -> Sock {
    a[0].native().expect("the receiver's class was checked")
}

impl Socket {
    fn fd(&self) -> i32 {
        self.fd.load(Relaxed)
    }
    fn timeout(&self) -> Option<f64> {
        let seconds = f64::from_bits(self.timeout.load(Relaxed));
        (seconds >= 0.0).then_some(seconds)
    }
    fn closed() -> Socket {
        Socket {
            fd: AtomicI32::new(-1),
            family: AtomicI32::new(-1),
            kind: AtomicI32::new(-1),
            protocol: AtomicI32::new(-1),
            timeout: AtomicU64::new((-1f64).to_bits()),
        }
    }
    fn set(&self, fd: i32, family: i32, kind: i32, protocol: i32) {
        self.fd.store(fd, Relaxed);
        self.family.store(family, Relaxed);
        self.kind
            .store(kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK), Relaxed);
        self.protocol.store(protocol, Relaxed);
    }
}

fn set_nonblocking(th: &mut Thread, fd: i32, on: bool) -> R<()> {
    oscall::call(th, false, || {
        // SAFETY: no pointers.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFL);
            if flags < 0 {
                return flags;
            }
            let new = if on {
                flags | libc::O_NONBLOCK
            } else {
                flags & !libc::O_NONBLOCK
            };
            libc::fcntl(fd, libc::F_SETFL, new)
        }
    })?;
    Ok(())
}

fn adopt_timeout(th: &mut Thread, s: Sock, seconds: Option<f64>) -> R<()> {
    if s.fd() >= 0 {
        set_nonblocking(th, s.fd(), seconds.is_some())?;
    }
    s.timeout.store(seconds.unwrap_or(-1.0).to_bits(), Relaxed);
    Ok(())
}

fn timed_out(th: &mut Thread) -> crate::heap::Fail {
    let class = th.rt.types().exceptions.timeout_error;
    th.raise(class, "timed out")
}

/// In place of a length: another has taken what there was.
const AGAIN: isize = isize::MAX;

/// Does an operation that may have to wait: as long as the socket's timeout allows.
fn transfer(th: &mut Thread, s: Sock, events: i16, mut f: impl FnMut(i32) -> isize) -> R<usize> {
    let fd = s.fd();
    let timeout = s.timeout();
    let deadline = oscall::deadline(timeout);
    if th.is_guarded() && timeout != Some(0.0) {
        // No signal ends this wait.
        loop {
            if !oscall::wait_for(th, fd, events, deadline)? {
                return Err(timed_out(th));
            }
            // What is ready may be less than what is to be done: a send waits for room for all of it.
            if timeout.is_none() {
                set_nonblocking(th, fd, true)?;
            }
            let done = oscall::call(th, true, || match f(fd) {
                n if n < 0
                    && std::io::Error::last_os_error().kind() == std::io::ErrorKind::WouldBlock =>
                {
                    AGAIN
                }
                n => n,
            });
            if timeout.is_none() {
                set_nonblocking(th, fd, false)?;
            }
            let done = done?;
            if done != AGAIN {
                return Ok(done as usize);
            }
        }
    }
    if timeout.is_none() {
        return Ok(oscall::call(th, true, || f(fd))? as usize);
    }
    let mut expired = false;
    let result = oscall::call(th, timeout != Some(0.0), || {
        loop {
            let result = f(fd);
            let again = result < 0
                && std::io::Error::last_os_error().kind() == std::io::ErrorKind::WouldBlock;
            if !again || timeout == Some(0.0) {
                return result;
            }
            let mut p = libc::pollfd {
                fd,
                events,
                revents: 0,
            };
            // SAFETY: one `pollfd`.
            match unsafe { libc::poll(&mut p, 1, oscall::millis_left(deadline)) } {
                0 => {
                    expired = true;
                    return 0;
                }
                n if n < 0 => return -1,
                _ => {}
            }
        }
    })?;
    if expired {
        return Err(timed_out(th));
    }
    Ok(result as usize)
}

fn int_or(th: &mut Thread, v: Value, default: i32) -> R<i32> {
    if v.is_null() {
        return Ok(default);
    }
    Ok(th.index_i64(v)? as i32)
}

fn default_timeout() -> Option<f64> {
    let seconds = f64::from_bits(DEFAULT_TIMEOUT.load(Relaxed));
    (seconds >= 0.0).then_some(seconds)
}

fn get_option(fd: i32, level: i32, option: i32) -> Option<i32> {
    let (mut v, mut len) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: room for one int.
    let result = unsafe { libc::getsockopt(fd, level, option, (&raw mut v).cast(), &mut len) };
    (result == 0).then_some(v)
}

fn init_socket(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let (family, kind, protocol) = (
        int_or(th, a[1], -1)?,
        int_or(th, a[2], -1)?,
        int_or(th, a[3], -1)?,
    );
    if !a[4].is_null() && !a[4].is_none() {
        let fd = th.index_i64(a[4])? as i32;
        if fd < 0 {
            return Err(th.value_error("negative file descriptor"));
        }
        th.take_lent_descriptor(fd)?;
        let own = |given: i32, option: i32, other: i32| match given {
            -1 => get_option(fd, libc::SOL_SOCKET, option).unwrap_or(other),
            given => given,
        };
        if get_option(fd, libc::SOL_SOCKET, libc::SO_TYPE).is_none() {
            return Err(oscall::last_error(th));
        }
        s.set(
            fd,
            own(family, libc::SO_DOMAIN, libc::AF_UNSPEC),
            own(kind, libc::SO_TYPE, libc::SOCK_STREAM),
            own(protocol, libc::SO_PROTOCOL, 0),
        );
    } else {
        let family = if family == -1 { libc::AF_INET } else { family };
        let kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
        let protocol = protocol.max(0);
        th.granted_socket(family, false)?;
        let fd = oscall::call(th, false, || {
            // SAFETY: no pointers.
            unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) }
        })?;
        s.set(fd, family, kind, protocol);
        if kind & libc::SOCK_NONBLOCK != 0 {
            s.timeout.store(0f64.to_bits(), Relaxed);
            return Ok(Value::NONE);
        }
    }
    if let Some(seconds) = default_timeout() {
        adopt_timeout(th, s, Some(seconds))?;
    }
    Ok(Value::NONE)
}

/// A call that takes an address.
fn with_address(
    th: &mut Thread,
    a: &[Value],
    name: &str,
    f: unsafe extern "C" fn(i32, *const libc::sockaddr, libc::socklen_t) -> i32,
) -> R<Value> {
    let s = this(a);
    let address = address::from_python(th, s.family.load(Relaxed), a[1], name)?;
    oscall::call(th, false, || {
        // SAFETY: an address and its length.
        unsafe { f(s.fd(), (&raw const address.storage).cast(), address.len) }
    })?;
    Ok(Value::NONE)
}

/// Connects; the error number where that fails, -1 if it took too long.
fn try_connect(th: &mut Thread, a: &[Value]) -> R<i32> {
    let s = this(a);
    let address = address::from_python(th, s.family.load(Relaxed), a[1], "connect")?;
    let (fd, timeout) = (s.fd(), s.timeout());
    let deadline = oscall::deadline(timeout);
    if th.is_guarded() && timeout != Some(0.0) {
        // No signal ends this wait.
        set_nonblocking(th, fd, true)?;
        let begun = th.outside(false, || {
            // SAFETY: an address and its length.
            unsafe { libc::connect(fd, (&raw const address.storage).cast(), address.len) }
                .eq(&0)
                .then_some(0)
                .or_else(|| std::io::Error::last_os_error().raw_os_error())
                .unwrap_or(0)
        })?;
        let errno = match begun {
            libc::EINPROGRESS | libc::EINTR => {
                match oscall::wait_for(th, fd, libc::POLLOUT, deadline)? {
                    true => get_option(fd, libc::SOL_SOCKET, libc::SO_ERROR).unwrap_or(0),
                    false => -1,
                }
            }
            errno => errno,
        };
        if timeout.is_none() {
            set_nonblocking(th, fd, false)?;
        }
        return Ok(errno);
    }
    th.outside(true, || {
        // SAFETY: an address and its length.
        let result = unsafe { libc::connect(fd, (&raw const address.storage).cast(), address.len) };
        if result == 0 {
            return 0;
        }
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        let waits = match errno {
            libc::EINTR => true,
            libc::EINPROGRESS => timeout != Some(0.0),
            _ => false,
        };
        if !waits {
            return errno;
        }
        loop {
            let mut p = libc::pollfd {
                fd,
                events: libc::POLLOUT,
                revents: 0,
            };
            // SAFETY: one `pollfd`.
            match unsafe { libc::poll(&mut p, 1, oscall::millis_left(deadline)) } {
                0 => return -1,
                n if n > 0 => {
                    return get_option(fd, libc::SOL_SOCKET, libc::SO_ERROR).unwrap_or(0);
                }
                _ => {}
            }
        }
    })
}

fn connect(th: &mut Thread, a: &[Value]) -> R<Value> {
    match try_connect(th, a)? {
        0 => Ok(Value::NONE),
        -1 => Err(timed_out(th)),
        errno => Err(oscall::error(th, errno)),
    }
}

fn accept(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let mut from = Address::empty();
    let fd = transfer(th, s, libc::POLLIN, |fd| {
        from = Address::empty();
        // SAFETY: room for an address.
        unsafe {
            libc::accept4(
                fd,
                (&raw mut from.storage).cast(),
                &mut from.len,
                libc::SOCK_CLOEXEC,
            ) as isize
        }
    })?;
    th.lend_descriptor(fd as i32);
    let address = from.to_python(th);
    let fd = th.int(fd as i64);
    Ok(th.tuple_value(&[fd, address]))
}

fn close(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    if s.fd() >= 0 {
        let failed = th.outside(true, || {
            let fd = s.fd.swap(-1, Relaxed);
            // SAFETY: the descriptor was ours alone.
            (fd >= 0 && unsafe { libc::close(fd) } < 0)
                .then(|| std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
        })?;
        if let Some(errno) = failed.filter(|&e| e != libc::ECONNRESET) {
            return Err(oscall::error(th, errno));
        }
    }
    Ok(Value::NONE)
}

/// A call that asks for an address of the socket.
fn own_address(
    th: &mut Thread,
    a: &[Value],
    f: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> R<Value> {
    let s = this(a);
    let mut address = Address::empty();
    oscall::call(th, false, || {
        // SAFETY: room for an address.
        unsafe { f(s.fd(), (&raw mut address.storage).cast(), &mut address.len) }
    })?;
    Ok(address.to_python(th))
}

fn get_sockopt(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (s, level, option) = (this(a), int_or(th, a[1], 0)?, int_or(th, a[2], 0)?);
    let size = int_or(th, a[3], 0)?;
    if size == 0 {
        return match get_option(s.fd(), level, option) {
            Some(v) => Ok(th.int(v as i64)),
            None => Err(oscall::last_error(th)),
        };
    }
    if !(0..=1024).contains(&size) {
        let class = th.rt.types().exceptions.os_error;
        return Err(th.raise(class, "getsockopt buflen out of range"));
    }
    let (mut data, mut len) = (vec![0u8; size as usize], size as libc::socklen_t);
    oscall::call(th, false, || {
        // SAFETY: room for `size` bytes.
        unsafe { libc::getsockopt(s.fd(), level, option, data.as_mut_ptr().cast(), &mut len) }
    })?;
    th.new_bytes(&data[..len as usize])
}

fn set_sockopt(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (s, level, option) = (this(a), int_or(th, a[1], 0)?, int_or(th, a[2], 0)?);
    let data = match th.as_bigint(a[3]) {
        Some(_) => (th.index_i64(a[3])? as i32).to_ne_bytes().to_vec(),
        None if a[3].is_none() => vec![],
        None => th.bytes_like(a[3])?.into_owned(),
    };
    let (pointer, len) = if a[3].is_none() {
        (std::ptr::null(), int_or(th, a[4], 0)? as usize)
    } else {
        (data.as_ptr(), data.len())
    };
    oscall::call(th, false, || {
        // SAFETY: the data and its length.
        unsafe {
            libc::setsockopt(
                s.fd(),
                level,
                option,
                pointer.cast(),
                len as libc::socklen_t,
            )
        }
    })?;
    Ok(Value::NONE)
}

fn receive_size(th: &mut Thread, v: Value) -> R<usize> {
    let n = th.ssize(v)?;
    if n < 0 {
        return Err(th.value_error("negative buffersize in recv"));
    }
    th.check_room(n as usize)?;
    Ok(n as usize)
}

/// Receives up to `size` bytes, and from where.
fn receive(th: &mut Thread, s: Sock, size: usize, flags: i32) -> R<(Vec<u8>, Address)> {
    let mut data = vec![0u8; size];
    let mut from = Address::empty();
    let n = transfer(th, s, libc::POLLIN, |fd| {
        from = Address::empty();
        // SAFETY: room for `size` bytes and an address.
        unsafe {
            libc::recvfrom(
                fd,
                data.as_mut_ptr().cast(),
                size,
                flags,
                (&raw mut from.storage).cast(),
                &mut from.len,
            )
        }
    })?;
    data.truncate(n);
    Ok((data, from))
}

fn recv(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (size, flags) = (receive_size(th, a[1])?, int_or(th, a[2], 0)?);
    let (data, _) = receive(th, this(a), size, flags)?;
    th.new_bytes(&data)
}

fn recvfrom(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (size, flags) = (receive_size(th, a[1])?, int_or(th, a[2], 0)?);
    let (data, from) = receive(th, this(a), size, flags)?;
    let data = th.new_bytes(&data)?;
    let from = if from.len == 0 {
        Value::NONE
    } else {
        from.to_python(th)
    };
    Ok(th.tuple_value(&[data, from]))
}

/// `recv_into` and `recvfrom_into`: what was received, and from where.
fn receive_into(th: &mut Thread, a: &[Value], name: &str) -> R<(usize, Address)> {
    let room = th.writable_len(a[1], &format!("{name}() argument 1"))?;
    let mut size = room;
    if !a[2].is_null() {
        let n = th.ssize(a[2])?;
        if n < 0 {
            return Err(th.value_error(format!("negative buffersize in {name}")));
        }
        if n as usize > room {
            return Err(th.value_error("buffer too small for requested bytes"));
        }
        if n > 0 {
            size = n as usize;
        }
    }
    let flags = int_or(th, a[3], 0)?;
    let (data, from) = receive(th, this(a), size, flags)?;
    th.write_buffer(a[1], 0, &data)?;
    Ok((data.len(), from))
}

/// Sends some of the data.
fn send_some(th: &mut Thread, s: Sock, data: &[u8], flags: i32, to: Option<&Address>) -> R<usize> {
    transfer(th, s, libc::POLLOUT, |fd| {
        let (address, len) = match to {
            Some(a) => ((&raw const a.storage).cast(), a.len),
            None => (std::ptr::null(), 0),
        };
        // SAFETY: the data, and an address or none.
        unsafe {
            libc::sendto(
                fd,
                data.as_ptr().cast(),
                data.len(),
                flags | libc::MSG_NOSIGNAL,
                address,
                len,
            )
        }
    })
}

fn send(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[1])?;
    let flags = int_or(th, a[2], 0)?;
    let n = send_some(th, this(a), &data, flags, None)?;
    Ok(th.int(n as i64))
}

fn sendall(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[1])?;
    let flags = int_or(th, a[2], 0)?;
    let mut sent = 0;
    while sent < data.len() {
        sent += send_some(th, this(a), &data[sent..], flags, None)?;
    }
    Ok(Value::NONE)
}

fn sendto(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[1])?;
    let (flags, address) = if a[3].is_null() {
        (0, a[2])
    } else {
        (int_or(th, a[2], 0)?, a[3])
    };
    let s = this(a);
    let to = address::from_python(th, s.family.load(Relaxed), address, "sendto")?;
    let n = send_some(th, s, &data, flags, Some(&to))?;
    Ok(th.int(n as i64))
}

fn sendmsg(th: &mut Thread, a: &[Value]) -> R<Value> {
    let mut data = vec![];
    for part in th.collect_items(a[1])? {
        data.extend_from_slice(&th.bytes_like(part)?);
    }
    if !a[2].is_null() && !th.collect_items(a[2])?.is_empty() {
        return Err(th.not_implemented_error("ancillary data"));
    }
    let flags = int_or(th, a[3], 0)?;
    let s = this(a);
    let to = if a[4].is_null() || a[4].is_none() {
        None
    } else {
        Some(address::from_python(
            th,
            s.family.load(Relaxed),
            a[4],
            "sendmsg",
        )?)
    };
    let n = send_some(th, s, &data, flags, to.as_ref())?;
    Ok(th.int(n as i64))
}

fn set_timeout(th: &mut Thread, a: &[Value]) -> R<Value> {
    let seconds = oscall::timeout(th, a[1], false)?;
    if seconds.is_some_and(|s| s < 0.0) {
        return Err(th.value_error("Timeout value out of range"));
    }
    adopt_timeout(th, this(a), seconds)?;
    Ok(Value::NONE)
}

fn number(th: &mut Thread, v: Value, field: fn(&Socket) -> &AtomicI32) -> R<Value> {
    let i = field(&this(&[v])).load(Relaxed);
    Ok(th.int(i as i64))
}

fn seconds_or_none(seconds: Option<f64>) -> Value {
    seconds.map_or(Value::NONE, Value::float)
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let s = this(a);
    let text = format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        s.fd(),
        s.family.load(Relaxed),
        s.kind.load(Relaxed),
        s.protocol.load(Relaxed)
    );
    Ok(th.str_value(&text))
}

fn socketpair(th: &mut Thread, a: &[Value]) -> R<Value> {
    let family = int_or(th, a[0], libc::AF_UNIX)?;
    let kind = int_or(th, a[1], libc::SOCK_STREAM)?;
    let protocol = int_or(th, a[2], 0)?;
    th.granted_socket(family, true)?;
    let mut fds = [0i32; 2];
    oscall::call(th, false, || {
        // SAFETY: room for two descriptors.
        unsafe {
            libc::socketpair(
                family,
                kind | libc::SOCK_CLOEXEC,
                protocol,
                fds.as_mut_ptr(),
            )
        }
    })?;
    let mut pair = [Value::NONE; 2];
    for (to, fd) in pair.iter_mut().zip(fds) {
        let class = th.class_for::<Socket>();
        let s = th.new_native(class, Socket::closed());
        s.set(fd, family, kind, protocol);
        adopt_timeout(th, s, default_timeout())?;
        *to = s.value();
    }
    Ok(th.tuple_value(&pair))
}

static METHODS: &[(&str, NativeFn)] = &[
    (
        "__init__(self, family=-1, type=-1, proto=-1, fileno=None)",
        init_socket,
    ),
    ("__repr__(self, /)", repr),
    ("_accept(self, /)", accept),
    ("bind(self, address, /)", |th, a| {
        with_address(th, a, "bind", libc::bind)
    }),
    ("connect(self, address, /)", connect),
    ("connect_ex(self, address, /)", |th, a| {
        let errno = match try_connect(th, a)? {
            -1 => libc::EAGAIN,
            errno => errno,
        };
        Ok(th.int(errno as i64))
    }),
    ("close(self, /)", close),
    ("detach(self, /)", |th, a| {
        let s = this(a);
        let fd = th.outside(false, || s.fd.swap(-1, Relaxed))?;
        if fd >= 0 {
            th.lend_descriptor(fd);
        }
        Ok(th.int(fd as i64))
    }),
    ("fileno(self, /)", |th, a| {
        let fd = this(a).fd();
        Ok(th.int(fd as i64))
    }),
    ("getpeername(self, /)", |th, a| {
        own_address(th, a, libc::getpeername)
    }),
    ("getsockname(self, /)", |th, a| {
        own_address(th, a, libc::getsockname)
    }),
    (
        "getsockopt(self, level, option, buffersize=0, /)",
        get_sockopt,
    ),
    (
        "setsockopt(self, level, option, value, optlen=0, /)",
        set_sockopt,
    ),
    ("gettimeout(self, /)", |_, a| {
        Ok(seconds_or_none(this(a).timeout()))
    }),
    ("settimeout(self, timeout, /)", set_timeout),
    ("getblocking(self, /)", |_, a| {
        Ok(Value::bool(this(a).timeout() != Some(0.0)))
    }),
    ("setblocking(self, flag, /)", |th, a| {
        let blocking = th.truth(a[1])?;
        adopt_timeout(th, this(a), (!blocking).then_some(0.0))?;
        Ok(Value::NONE)
    }),
    ("listen(self, backlog=128, /)", |th, a| {
        let (s, backlog) = (this(a), int_or(th, a[1], 128)?.max(0));
        // SAFETY: no pointers.
        oscall::call(th, false, || unsafe { libc::listen(s.fd(), backlog) })?;
        Ok(Value::NONE)
    }),
    ("recv(self, buffersize, flags=0, /)", recv),
    ("recvfrom(self, buffersize, flags=0, /)", recvfrom),
    ("recv_into(self, buffer, nbytes=0, flags=0)", |th, a| {
        let (n, _) = receive_into(th, a, "recv_into")?;
        Ok(th.int(n as i64))
    }),
    ("recvfrom_into(self, buffer, nbytes=0, flags=0)", |th, a| {
        let (n, from) = receive_into(th, a, "recvfrom_into")?;
        let (n, from) = (th.int(n as i64), from.to_python(th));
        Ok(th.tuple_value(&[n, from]))
    }),
    ("send(self, data, flags=0, /)", send),
    ("sendall(self, data, flags=0, /)", sendall),
    (
        "sendto(self, data, flags_or_address, address=None, /)",
        sendto,
    ),
    (
        "sendmsg(self, buffers, ancdata=(), flags=0, address=None, /)",
        sendmsg,
    ),
    ("shutdown(self, how, /)", |th, a| {
        let (s, how) = (this(a), int_or(th, a[1], 0)?);
        // SAFETY: no pointers.
        oscall::call(th, false, || unsafe { libc::shutdown(s.fd(), how) })?;
        Ok(Value::NONE)
    }),
];

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_socket");
    let dict = module.dict();
    let class = th.new_type::<Socket>("_socket.socket", f::BASE, |t| {
        t.new("socket(cls, *args, **kwargs)", |th, a| {
            let class = a[0].as_class().expect("the call has checked the class");
            Ok(th.new_native(class, Socket::closed()).value())
        });
        t.getset("family", |th, v| number(th, v, |s| &s.family), None);
        t.getset("type", |th, v| number(th, v, |s| &s.kind), None);
        t.getset("proto", |th, v| number(th, v, |s| &s.protocol), None);
        t.getset(
            "timeout",
            |_, v| Ok(seconds_or_none(this(&[v]).timeout())),
            None,
        );
        t.methods(METHODS);
    });
    th.define(dict, "socket", class.value());
    th.define(dict, "SocketType", class.value());
    let e = &th.rt.types().exceptions;
    let (os_error, timeout) = (e.os_error, e.timeout_error);
    th.define(dict, "error", os_error.value());
    th.define(dict, "timeout", timeout.value());
    let gaierror = super::new_exception(th, GAIERROR, os_error);
    th.set_state(GAIERROR, gaierror.value());
    th.define(dict, "gaierror", gaierror.value());
    let herror = super::new_exception(th, "socket.herror", os_error);
    th.define(dict, "herror", herror.value());
    th.define(dict, "has_ipv6", Value::TRUE);
    for &(name, v) in constants::CONSTANTS.iter().chain(constants::MORE) {
        let v = th.int(v);
        th.define(dict, name, v);
    }
    th.functions(module, names::FUNCTIONS);
    th.functions(
        module,
        &[
            ("socketpair(family=1, type=1, proto=0, /)", socketpair),
            ("getdefaulttimeout()", |_, _| {
                Ok(seconds_or_none(default_timeout()))
            }),
            ("setdefaulttimeout(timeout, /)", |th, a| {
                let seconds = oscall::timeout(th, a[0], false)?;
                if seconds.is_some_and(|s| s < 0.0) {
                    return Err(th.value_error("Timeout value out of range"));
                }
                let bits = seconds.unwrap_or(-1.0).to_bits();
                th.outside(false, || DEFAULT_TIMEOUT.store(bits, Relaxed))?;
                Ok(Value::NONE)
            }),
            ("close(fd, /)", |th, a| {
                let fd = oscall::fd_of(th, a[0])?;
                // SAFETY: the script says that it owns the descriptor.
                oscall::call(th, true, || unsafe { libc::close(fd) })?;
                Ok(Value::NONE)
            }),
            ("dup(fd, /)", |th, a| {
                let fd = oscall::fd_of(th, a[0])?;
                // SAFETY: no pointers.
                let new = oscall::call(th, false, || unsafe {
                    libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)
                })?;
                Ok(th.int(new as i64))
            }),
        ],
    );
    Ok(module)
}
