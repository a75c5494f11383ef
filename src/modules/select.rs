//! `select`: waiting for files and sockets to become ready.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::oscall;
use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::class_flags as f;
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::native::{Native, Payload};

/// The files that a `poll` object watches, by descriptor. No business of transactions: who changes it does so outside any block.
#[derive(Default)]
struct Poll(Mutex<BTreeMap<i32, i16>>);
impl Payload for Poll {}

/// An `epoll` object: its descriptor, -1 once closed.
struct Epoll(Mutex<i32>);
impl Payload for Epoll {}

impl Drop for Epoll {
    fn drop(&mut self) {
        let fd = *self.0.get_mut();
        if fd >= 0 {
            // SAFETY: the descriptor is ours alone.
            unsafe { libc::close(fd) };
        }
    }
}

/// `poll(2)`, interrupted by signals only as long as their handlers run.
fn poll_fds(th: &mut Thread, fds: &mut [libc::pollfd], timeout: Option<f64>) -> R<usize> {
    let deadline = oscall::deadline(timeout);
    let n = oscall::wait(th, deadline, |millis| {
        // SAFETY: a slice of initialised `pollfd`s.
        unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, millis) }
    })?;
    Ok(n as usize)
}

fn select(th: &mut Thread, a: &[Value]) -> R<Value> {
    let timeout = if a[3].is_null() || a[3].is_none() {
        None
    } else {
        if a[3].as_float().is_none() && th.as_bigint(a[3]).is_none() {
            return Err(th.type_error("timeout must be a float or None"));
        }
        let seconds = oscall::seconds(th, a[3])?;
        if seconds < 0.0 {
            return Err(th.value_error("timeout must be non-negative"));
        }
        Some(seconds)
    };
    let wanted = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    let mut fds: Vec<libc::pollfd> = vec![];
    let mut objects: [Vec<(Value, usize)>; 3] = [vec![], vec![], vec![]];
    for (i, &list) in a[..3].iter().enumerate() {
        for v in th.collect_items(list)? {
            let fd = oscall::fd_of(th, v)?;
            objects[i].push((v, fds.len()));
            fds.push(libc::pollfd {
                fd,
                events: wanted[i],
                revents: 0,
            });
        }
    }
    poll_fds(th, &mut fds, timeout)?;
    if fds.iter().any(|p| p.revents & libc::POLLNVAL != 0) {
        return Err(oscall::error(th, libc::EBADF));
    }
    let counts = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut lists = [Value::NONE; 3];
    for (i, list) in lists.iter_mut().enumerate() {
        let ready: Vec<Value> = objects[i]
            .iter()
            .filter(|(_, at)| fds[*at].revents & counts[i] != 0)
            .map(|(v, _)| *v)
            .collect();
        *list = List::new(th, &ready).value();
    }
    Ok(th.tuple_value(&lists))
}

/// A list of pairs (descriptor, events).
fn pairs(th: &mut Thread, pairs: &[(i64, i64)]) -> R<Value> {
    let mut items = vec![];
    for &(fd, events) in pairs {
        let pair = [th.int(fd), th.int(events)];
        let pair = th.tuple_value(&pair);
        th.roots.push(pair);
        items.push(pair);
    }
    Ok(List::new(th, &items).value())
}

fn this_poll(a: &[Value]) -> Ref<Native<Poll>> {
    a[0].native().expect("the receiver's class was checked")
}

fn events_of(th: &mut Thread, v: Value, default: i64) -> R<i64> {
    if v.is_null() {
        Ok(default)
    } else {
        th.index_i64(v)
    }
}

fn no_file(th: &mut Thread) -> crate::heap::Fail {
    oscall::error(th, libc::ENOENT)
}

fn poll_register(th: &mut Thread, a: &[Value]) -> R<Value> {
    let fd = oscall::fd_of(th, a[1])?;
    let all = libc::POLLIN | libc::POLLPRI | libc::POLLOUT;
    let events = events_of(th, a[2], all as i64)? as i16;
    let poll = this_poll(a);
    th.outside(false, || poll.0.lock().insert(fd, events))?;
    Ok(Value::NONE)
}

fn poll_modify(th: &mut Thread, a: &[Value]) -> R<Value> {
    let fd = oscall::fd_of(th, a[1])?;
    let events = events_of(th, a[2], 0)? as i16;
    let poll = this_poll(a);
    let known = th.outside(false, || {
        poll.0.lock().get_mut(&fd).map(|e| *e = events).is_some()
    })?;
    if !known {
        return Err(no_file(th));
    }
    Ok(Value::NONE)
}

fn poll_unregister(th: &mut Thread, a: &[Value]) -> R<Value> {
    let fd = oscall::fd_of(th, a[1])?;
    let poll = this_poll(a);
    if th.outside(false, || poll.0.lock().remove(&fd))?.is_none() {
        let fd = th.int(fd as i64);
        return Err(th.key_error(fd));
    }
    Ok(Value::NONE)
}

fn poll_poll(th: &mut Thread, a: &[Value]) -> R<Value> {
    let timeout = oscall::timeout(th, a[1], true)?.map(|millis| millis / 1000.0);
    let poll = this_poll(a);
    let mut fds: Vec<libc::pollfd> = poll
        .0
        .lock()
        .iter()
        .map(|(&fd, &events)| libc::pollfd {
            fd,
            events,
            revents: 0,
        })
        .collect();
    poll_fds(th, &mut fds, timeout)?;
    let ready: Vec<(i64, i64)> = fds
        .iter()
        .filter(|p| p.revents != 0)
        .map(|p| (p.fd as i64, p.revents as i64))
        .collect();
    pairs(th, &ready)
}

fn epoll_fd(th: &mut Thread, a: &[Value]) -> R<i32> {
    let this: Ref<Native<Epoll>> = a[0].native().expect("the receiver's class was checked");
    let fd = *this.0.lock();
    if fd < 0 {
        return Err(th.value_error("I/O operation on closed epoll object"));
    }
    Ok(fd)
}

fn epoll_new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let size = events_of(th, a[1], -1)?;
    if size != -1 && size <= 0 {
        return Err(th.value_error("negative sizehint"));
    }
    // SAFETY: no pointers.
    let fd = oscall::call(th, false, || unsafe {
        libc::epoll_create1(libc::EPOLL_CLOEXEC)
    })?;
    let class = a[0].as_class().expect("the call has checked the class");
    Ok(th.new_native(class, Epoll(Mutex::new(fd))).value())
}

fn epoll_control(th: &mut Thread, a: &[Value], op: i32, default: i64) -> R<Value> {
    let epfd = epoll_fd(th, a)?;
    let fd = oscall::fd_of(th, a[1])?;
    let events = match a.get(2) {
        Some(&v) => events_of(th, v, default)?,
        None => default,
    };
    let mut event = libc::epoll_event {
        events: events as u32,
        u64: fd as u64,
    };
    oscall::call(th, false, || {
        // SAFETY: the event is ours.
        unsafe { libc::epoll_ctl(epfd, op, fd, &mut event) }
    })?;
    Ok(Value::NONE)
}

fn epoll_poll(th: &mut Thread, a: &[Value]) -> R<Value> {
    let epfd = epoll_fd(th, a)?;
    let timeout = oscall::timeout(th, a[1], true)?;
    let max = events_of(th, a[2], -1)?;
    let max = if max == -1 { 1023 } else { max };
    if max <= 0 {
        return Err(th.value_error(format!("maxevents must be greater than 0, got {max}")));
    }
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; max.min(1 << 16) as usize];
    let deadline = oscall::deadline(timeout);
    let n = oscall::wait(th, deadline, |millis| {
        // SAFETY: room for as many events as said.
        unsafe { libc::epoll_wait(epfd, events.as_mut_ptr(), events.len() as i32, millis) }
    })?;
    let ready: Vec<(i64, i64)> = events[..n as usize]
        .iter()
        .map(|e| (e.u64 as i64, e.events as i64))
        .collect();
    pairs(th, &ready)
}

fn epoll_close(th: &mut Thread, a: &[Value]) -> R<Value> {
    let this: Ref<Native<Epoll>> = a[0].native().expect("the receiver's class was checked");
    th.outside(false, || {
        let fd = std::mem::replace(&mut *this.0.lock(), -1);
        if fd >= 0 {
            // SAFETY: the descriptor was ours alone.
            unsafe { libc::close(fd) };
        }
    })?;
    Ok(Value::NONE)
}

const CONSTANTS: &[(&str, i64)] = &[
    ("POLLIN", libc::POLLIN as i64),
    ("POLLPRI", libc::POLLPRI as i64),
    ("POLLOUT", libc::POLLOUT as i64),
    ("POLLERR", libc::POLLERR as i64),
    ("POLLHUP", libc::POLLHUP as i64),
    ("POLLNVAL", libc::POLLNVAL as i64),
    ("POLLRDNORM", libc::POLLRDNORM as i64),
    ("POLLRDBAND", libc::POLLRDBAND as i64),
    ("POLLWRNORM", libc::POLLWRNORM as i64),
    ("POLLWRBAND", libc::POLLWRBAND as i64),
    ("POLLMSG", 0x400),
    ("POLLRDHUP", libc::POLLRDHUP as i64),
    ("EPOLLIN", libc::EPOLLIN as i64),
    ("EPOLLPRI", libc::EPOLLPRI as i64),
    ("EPOLLOUT", libc::EPOLLOUT as i64),
    ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64),
    ("EPOLLRDHUP", libc::EPOLLRDHUP as i64),
    ("EPOLLET", libc::EPOLLET as u32 as i64),
    ("EPOLLONESHOT", libc::EPOLLONESHOT as i64),
    ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
    ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLRDBAND", libc::EPOLLRDBAND as i64),
    ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("EPOLLWRBAND", libc::EPOLLWRBAND as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as i64),
    ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
    ("PIPE_BUF", 4096),
];

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("select");
    let dict = module.dict();
    th.new_type::<Poll>("select.poll", f::NO_NEW, |t| {
        t.methods(&[
            ("register(self, fd, eventmask=7, /)", poll_register),
            ("modify(self, fd, eventmask, /)", poll_modify),
            ("unregister(self, fd, /)", poll_unregister),
            ("poll(self, timeout=None, /)", poll_poll),
        ]);
    });
    let epoll = th.new_type::<Epoll>("select.epoll", f::BASE, |t| {
        t.new("epoll(cls, sizehint=-1, flags=0)", epoll_new);
        t.getset(
            "closed",
            |_, v| {
                let this = v.native::<Epoll>();
                Ok(Value::bool(this.is_none_or(|e| *e.0.lock() < 0)))
            },
            None,
        );
        t.methods(&[
            ("register(self, fd, eventmask=7)", |th, a| {
                let all = libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT;
                epoll_control(th, a, libc::EPOLL_CTL_ADD, all as i64)
            }),
            ("modify(self, fd, eventmask)", |th, a| {
                epoll_control(th, a, libc::EPOLL_CTL_MOD, 0)
            }),
            ("unregister(self, fd)", |th, a| {
                epoll_control(th, a, libc::EPOLL_CTL_DEL, 0)
            }),
            ("poll(self, timeout=None, maxevents=-1)", epoll_poll),
            ("close(self, /)", epoll_close),
            ("fileno(self, /)", |th, a| {
                let fd = epoll_fd(th, a)?;
                Ok(th.int(fd as i64))
            }),
            ("__enter__(self, /)", |th, a| {
                epoll_fd(th, a)?;
                Ok(a[0])
            }),
            (
                "__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)",
                epoll_close,
            ),
        ]);
    });
    th.define(dict, "epoll", epoll.value());
    let error = th.rt.types().exceptions.os_error.value();
    th.define(dict, "error", error);
    for &(name, v) in CONSTANTS {
        th.define(dict, name, Value::small(v));
    }
    th.functions(
        module,
        &[
            ("select(rlist, wlist, xlist, timeout=None, /)", select),
            ("poll()", |th, _| {
                let class = th.class_for::<Poll>();
                Ok(th.new_native(class, Poll::default()).value())
            }),
        ],
    );
    Ok(module)
}
