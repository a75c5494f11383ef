//! Socket addresses between Python's tuples and the system's structures.

use std::ffi::CStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use crate::heap::{Fail, Kind, R, Thread, Value};
use crate::modules::path;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

/// An address as the system takes it.
#[derive(Clone, Copy)]
pub struct Address {
    pub storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Address {
    /// Room for any address.
    pub fn empty() -> Address {
        Address {
            // SAFETY: all zeroes are a valid `sockaddr_storage`.
            storage: unsafe { std::mem::zeroed() },
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }
    fn of<T: Copy>(address: T) -> Address {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        let mut a = Address::empty();
        // SAFETY: the storage has room and alignment for every kind of address.
        unsafe { (&raw mut a.storage).cast::<T>().write(address) };
        a.len = size_of::<T>() as libc::socklen_t;
        a
    }
    /// The address of an IP host and port.
    pub fn ip(ip: IpAddr, port: u16, flow: u32, scope: u32) -> Address {
        match ip {
            IpAddr::V4(ip) => Address::of(libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: port.to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes(ip.octets()),
                },
                sin_zero: [0; 8],
            }),
            IpAddr::V6(ip) => Address::of(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: port.to_be(),
                sin6_flowinfo: flow.to_be(),
                sin6_addr: libc::in6_addr {
                    s6_addr: ip.octets(),
                },
                sin6_scope_id: scope,
            }),
        }
    }
    fn unix(path: &[u8]) -> Option<Address> {
        // SAFETY: all zeroes are a valid `sockaddr_un`.
        let mut un: libc::sockaddr_un = unsafe { std::mem::zeroed() };
        un.sun_family = libc::AF_UNIX as libc::sa_family_t;
        let abstract_name = path.first() == Some(&0);
        if path.len() + usize::from(!abstract_name) > un.sun_path.len() {
            return None;
        }
        for (to, &from) in un.sun_path.iter_mut().zip(path) {
            *to = from as libc::c_char;
        }
        let mut a = Address::of(un);
        let used = std::mem::offset_of!(libc::sockaddr_un, sun_path) + path.len();
        a.len = (used + usize::from(!abstract_name)) as libc::socklen_t;
        Some(a)
    }

    /// The address as Python shows it.
    pub fn to_python(self, th: &mut Thread) -> Value {
        match i32::from(self.storage.ss_family) {
            libc::AF_INET => {
                // SAFETY: the family says the structure.
                let a = unsafe { *(&raw const self.storage).cast::<libc::sockaddr_in>() };
                let ip = Ipv4Addr::from(a.sin_addr.s_addr.to_ne_bytes());
                let host = th.str_value(&ip.to_string());
                let port = th.int(u16::from_be(a.sin_port) as i64);
                th.tuple_value(&[host, port])
            }
            libc::AF_INET6 => {
                // SAFETY: as above.
                let a = unsafe { *(&raw const self.storage).cast::<libc::sockaddr_in6>() };
                let ip = Ipv6Addr::from(a.sin6_addr.s6_addr);
                let host = th.str_value(&ip.to_string());
                let port = th.int(u16::from_be(a.sin6_port) as i64);
                let flow = th.int(u32::from_be(a.sin6_flowinfo) as i64);
                let scope = th.int(a.sin6_scope_id as i64);
                th.tuple_value(&[host, port, flow, scope])
            }
            libc::AF_UNIX => {
                // SAFETY: as above.
                let a = unsafe { *(&raw const self.storage).cast::<libc::sockaddr_un>() };
                let used = (self.len as usize)
                    .saturating_sub(std::mem::offset_of!(libc::sockaddr_un, sun_path));
                let bytes: Vec<u8> = a.sun_path.iter().map(|&c| c as u8).take(used).collect();
                if bytes.first() == Some(&0) {
                    return th.bytes(&bytes).value();
                }
                let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
                path::fs_decode(th, &bytes[..end])
            }
            _ => Value::NONE,
        }
    }
}

/// Raises `gaierror`.
pub fn no_host(th: &mut Thread, code: i32) -> Fail {
    // SAFETY: the system's text for the code, which is static.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    let text = th.str_value(&text.to_string_lossy());
    let code = th.int(code as i64);
    let class = th.rt.state.get(super::GAIERROR);
    match th.call(class, &[code, text]) {
        Ok(e) => th.raise_value(e),
        Err(fail) => fail,
    }
}

/// The address of a host's name or number.
pub fn resolve(th: &mut Thread, host: &str, family: i32) -> R<IpAddr> {
    let any = match family {
        libc::AF_INET6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    match host {
        "" => return Ok(any),
        "<broadcast>" => return Ok(IpAddr::V4(Ipv4Addr::BROADCAST)),
        _ => {}
    }
    let fits = |ip: &IpAddr| match family {
        libc::AF_INET => ip.is_ipv4(),
        libc::AF_INET6 => ip.is_ipv6(),
        _ => true,
    };
    if let Ok(ip) = host.parse::<IpAddr>()
        && fits(&ip)
    {
        return Ok(ip);
    }
    let found = th.outside(true, || {
        (host, 0)
            .to_socket_addrs()
            .ok()
            .and_then(|all| all.map(|a| a.ip()).find(fits))
    })?;
    match found {
        Some(ip) => Ok(ip),
        None => Err(no_host(th, libc::EAI_NONAME)),
    }
}

/// A host argument: text, bytes, or None for any.
pub fn host_arg(th: &mut Thread, v: Value) -> R<String> {
    if v.is_none() {
        return Ok(String::new());
    }
    if let Some(s) = v.cast::<Str>() {
        return Ok(s.to_string());
    }
    let Some(data) = th.buffer(v)? else {
        let name = th.type_name(v);
        return Err(th.type_error(format!("str, bytes or bytearray expected, not {name}")));
    };
    Ok(String::from_utf8_lossy(&data).into_owned())
}

/// The address that `v` means for sockets of `family`.
pub fn from_python(th: &mut Thread, family: i32, v: Value, function: &str) -> R<Address> {
    if family == libc::AF_UNIX {
        let bytes = match v.cast::<Str>() {
            Some(s) => path::fs_encode(th, s)?,
            None => th.bytes_like(v)?.into_owned(),
        };
        return match Address::unix(&bytes) {
            Some(a) => Ok(a),
            None => {
                let class = th.rt.types().exceptions.os_error;
                Err(th.raise(class, "AF_UNIX path too long"))
            }
        };
    }
    if family != libc::AF_INET && family != libc::AF_INET6 {
        let class = th.rt.types().exceptions.os_error;
        return Err(th.raise(class, &format!("{function}(): bad family")));
    }
    let name = if family == libc::AF_INET {
        "AF_INET"
    } else {
        "AF_INET6"
    };
    if v.kind() != Kind::Tuple {
        let class = th.type_name(v);
        return Err(th.type_error(format!(
            "{function}(): {name} address must be tuple, not {class}"
        )));
    }
    let parts = tuple_items(v);
    let most = if family == libc::AF_INET { 2 } else { 4 };
    if parts.len() < 2 || parts.len() > most {
        let what = if most == 2 {
            "a pair (host, port)"
        } else {
            "a tuple (host, port[, flowinfo[, scopeid]])"
        };
        return Err(th.type_error(format!("{name} address must be {what}")));
    }
    let host = host_arg(th, parts[0])?;
    let port = th.index_i64(parts[1])?;
    let Ok(port) = u16::try_from(port) else {
        return Err(th.overflow_error(format!("{function}(): port must be 0-65535.")));
    };
    let mut more = [0u32; 2];
    for (to, &v) in more.iter_mut().zip(&parts[2..]) {
        *to = th.index_i64(v)? as u32;
    }
    let ip = resolve(th, &host, family)?;
    Ok(Address::ip(ip, port, more[0], more[1]))
}
