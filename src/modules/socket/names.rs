//! Host and service names, and numbers in the network's order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use super::address::{Address, host_arg, no_host, resolve};
use crate::heap::{R, Thread, Value};
use crate::modules::oscall;
use crate::objects::list::List;
use crate::objects::native::NativeFn;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

fn getaddrinfo(th: &mut Thread, a: &[Value]) -> R<Value> {
    let host = if a[0].is_none() {
        None
    } else {
        Some(host_arg(th, a[0])?)
    };
    let port = service(th, a[1])?;
    let mut options = [0i32; 4];
    for (to, &v) in options.iter_mut().zip(&a[2..]) {
        if !v.is_null() {
            *to = th.index_i64(v)? as i32;
        }
    }
    let [family, kind, protocol, flags] = options;
    let ips: Vec<IpAddr> = match host.as_deref() {
        None | Some("") => {
            let passive = flags & libc::AI_PASSIVE != 0;
            let (v4, v6) = if passive {
                (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED)
            } else {
                (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST)
            };
            vec![v6.into(), v4.into()]
        }
        Some(host) => match host.parse::<IpAddr>() {
            Ok(ip) => vec![ip],
            Err(_) if flags & libc::AI_NUMERICHOST != 0 => vec![],
            Err(_) => th.outside(true, || {
                (host, port)
                    .to_socket_addrs()
                    .map_or(vec![], |all| all.map(|a| a.ip()).collect())
            })?,
        },
    };
    let mut items = vec![];
    for ip in ips {
        let own = if ip.is_ipv4() {
            libc::AF_INET
        } else {
            libc::AF_INET6
        };
        if family != libc::AF_UNSPEC && family != own {
            continue;
        }
        for (k, p) in [
            (libc::SOCK_STREAM, libc::IPPROTO_TCP),
            (libc::SOCK_DGRAM, libc::IPPROTO_UDP),
            (libc::SOCK_RAW, libc::IPPROTO_IP),
        ] {
            if (kind != 0 && kind != k) || (protocol != 0 && p != 0 && protocol != p) {
                continue;
            }
            let address = Address::ip(ip, port, 0, 0).to_python(th);
            let name = th.str_value("");
            let parts = [
                th.int(own as i64),
                th.int(k as i64),
                th.int(p as i64),
                name,
                address,
            ];
            let item = th.tuple_value(&parts);
            th.roots.push(item);
            items.push(item);
        }
    }
    if items.is_empty() {
        return Err(no_host(th, libc::EAI_NONAME));
    }
    Ok(List::new(th, &items).value())
}

/// A port: a number, its digits, the name of a well-known service, or None for 0.
fn service(th: &mut Thread, v: Value) -> R<u16> {
    if v.is_none() {
        return Ok(0);
    }
    if th.as_bigint(v).is_some() {
        let port = th.index_i64(v)?;
        return Ok(port as u16);
    }
    let text = host_arg(th, v)?;
    if let Ok(port) = text.parse::<u16>() {
        return Ok(port);
    }
    match service_port(&text) {
        Some(port) => Ok(port),
        None => Err(no_host(th, libc::EAI_SERVICE)),
    }
}

fn service_port(name: &str) -> Option<u16> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: a string; the answer is read before anybody asks again, at worst another answer to the same kind of question.
    unsafe {
        let entry = libc::getservbyname(name.as_ptr(), std::ptr::null());
        (!entry.is_null()).then(|| u16::from_be((*entry).s_port as u16))
    }
}

fn getnameinfo(th: &mut Thread, a: &[Value]) -> R<Value> {
    let parts = tuple_items(a[0]);
    if parts.len() < 2 {
        return Err(th.type_error("getnameinfo() argument 1 must be a tuple"));
    }
    let host = host_arg(th, parts[0])?;
    let port = th.index_i64(parts[1])?;
    let flags = th.index_i64(a[1])? as i32;
    let ip = resolve(th, &host, libc::AF_UNSPEC)?;
    let address = Address::ip(ip, port as u16, 0, 0);
    let (mut name, mut serv) = ([0 as libc::c_char; 1025], [0 as libc::c_char; 32]);
    let code = th.outside(true, || {
        // SAFETY: an address and room for two strings.
        unsafe {
            libc::getnameinfo(
                (&raw const address.storage).cast(),
                address.len,
                name.as_mut_ptr(),
                name.len() as u32,
                serv.as_mut_ptr(),
                serv.len() as u32,
                flags,
            )
        }
    })?;
    if code != 0 {
        return Err(no_host(th, code));
    }
    let text = |chars: &[libc::c_char]| -> String {
        let bytes: Vec<u8> = chars
            .iter()
            .map(|&c| c as u8)
            .take_while(|&b| b != 0)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (name, serv) = (th.str_value(&text(&name)), th.str_value(&text(&serv)));
    Ok(th.tuple_value(&[name, serv]))
}

fn gethostname(th: &mut Thread, _: &[Value]) -> R<Value> {
    let mut buf = [0u8; 256];
    oscall::call(th, false, || {
        // SAFETY: room for all but one byte.
        unsafe { libc::gethostname(buf.as_mut_ptr().cast(), buf.len() - 1) }
    })?;
    let end = buf.iter().position(|&b| b == 0).unwrap_or(buf.len());
    Ok(th.str_value(&String::from_utf8_lossy(&buf[..end])))
}

fn gethostbyname(th: &mut Thread, a: &[Value]) -> R<Value> {
    let host = host_arg(th, a[0])?;
    let ip = resolve(th, &host, libc::AF_INET)?;
    Ok(th.str_value(&ip.to_string()))
}

fn swapped(th: &mut Thread, v: Value, name: &str, bits: u32, swap: fn(u32) -> u32) -> R<Value> {
    let i = th.index_i64(v)?;
    if i < 0 {
        return Err(th.value_error(format!(
            "{name}: can't convert negative Python int to C {bits}-bit unsigned integer"
        )));
    }
    if i >> bits != 0 {
        return Err(th.overflow_error(format!(
            "{name}: Python int too large to convert to C {bits}-bit unsigned integer"
        )));
    }
    Ok(th.int(swap(i as u32) as i64))
}

fn short(i: u32) -> u32 {
    (i as u16).to_be().into()
}

fn bad_address(th: &mut Thread, what: &str) -> crate::heap::Fail {
    let class = th.rt.types().exceptions.os_error;
    th.raise(
        class,
        &format!("illegal IP address string passed to {what}"),
    )
}

fn text_arg(th: &mut Thread, v: Value) -> R<String> {
    match v.cast::<Str>() {
        Some(s) => Ok(s.to_string()),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("argument must be str, not {name}")))
        }
    }
}

fn inet_pton(th: &mut Thread, a: &[Value]) -> R<Value> {
    let family = th.index_i64(a[0])? as i32;
    let text = text_arg(th, a[1])?;
    match (family, text.parse::<IpAddr>()) {
        (libc::AF_INET, Ok(IpAddr::V4(ip))) => th.new_bytes(&ip.octets()),
        (libc::AF_INET6, Ok(IpAddr::V6(ip))) => th.new_bytes(&ip.octets()),
        (libc::AF_INET | libc::AF_INET6, _) => Err(bad_address(th, "inet_pton")),
        _ => Err(oscall::error(th, libc::EAFNOSUPPORT)),
    }
}

fn inet_ntop(th: &mut Thread, a: &[Value]) -> R<Value> {
    let family = th.index_i64(a[0])? as i32;
    let data = th.bytes_like(a[1])?;
    let text = match family {
        libc::AF_INET => <[u8; 4]>::try_from(&data[..]).map(|b| Ipv4Addr::from(b).to_string()),
        libc::AF_INET6 => <[u8; 16]>::try_from(&data[..]).map(|b| Ipv6Addr::from(b).to_string()),
        _ => return Err(th.value_error(format!("unknown address family {family}"))),
    };
    match text {
        Ok(text) => Ok(th.str_value(&text)),
        Err(_) => Err(th.value_error("invalid length of packed IP address string")),
    }
}

/// The module's functions.
pub static FUNCTIONS: &[(&str, NativeFn)] = &[
    (
        "getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
        getaddrinfo,
    ),
    ("getnameinfo(sockaddr, flags, /)", getnameinfo),
    ("gethostname()", gethostname),
    ("gethostbyname(hostname, /)", gethostbyname),
    ("gethostbyname_ex(hostname, /)", |th, a| {
        let ip = gethostbyname(th, a)?;
        let (aliases, ips) = (List::new(th, &[]).value(), List::new(th, &[ip]).value());
        Ok(th.tuple_value(&[a[0], aliases, ips]))
    }),
    (
        "getservbyname(servicename, protocolname=None, /)",
        |th, a| {
            let name = text_arg(th, a[0])?;
            match service_port(&name) {
                Some(port) => Ok(Value::small(port.into())),
                None => {
                    let class = th.rt.types().exceptions.os_error;
                    Err(th.raise(class, "service/proto not found"))
                }
            }
        },
    ),
    ("htons(integer, /)", |th, a| {
        swapped(th, a[0], "htons", 16, short)
    }),
    ("ntohs(integer, /)", |th, a| {
        swapped(th, a[0], "ntohs", 16, short)
    }),
    ("htonl(integer, /)", |th, a| {
        swapped(th, a[0], "htonl", 32, u32::to_be)
    }),
    ("ntohl(integer, /)", |th, a| {
        swapped(th, a[0], "ntohl", 32, u32::to_be)
    }),
    ("inet_aton(ip_addr, /)", |th, a| {
        let text = text_arg(th, a[0])?;
        match text.parse::<Ipv4Addr>() {
            Ok(ip) => th.new_bytes(&ip.octets()),
            Err(_) => Err(bad_address(th, "inet_aton")),
        }
    }),
    ("inet_ntoa(packed_ip, /)", |th, a| {
        let data = th.bytes_like(a[0])?;
        match <[u8; 4]>::try_from(&data[..]) {
            Ok(b) => Ok(th.str_value(&Ipv4Addr::from(b).to_string())),
            Err(_) => {
                let class = th.rt.types().exceptions.os_error;
                Err(th.raise(class, "packed IP wrong length"))
            }
        }
    }),
    ("inet_pton(address_family, ip_string, /)", inet_pton),
    ("inet_ntop(address_family, packed_ip, /)", inet_ntop),
];
