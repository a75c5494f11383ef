//! `time`: clocks, sleeping, calendar times in text.

use std::ffi::CString;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::class::Class;
use crate::objects::define::Module;
use crate::objects::native::tuple_items;
use crate::objects::string::Str;

const CLOCKS: &[(&str, libc::clockid_t)] = &[
    ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
    ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
    ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
    ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
    ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
    ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
    ("CLOCK_TAI", libc::CLOCK_TAI),
];

/// Makes the module.
///
/// # Errors
/// None but `Abort`.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("time");
    let dict = module.dict();
    th.functions(
        module,
        &[
            ("time()", |_, _| Ok(seconds(now(libc::CLOCK_REALTIME)))),
            ("time_ns()", |th, _| {
                Ok(th.big(nanos(now(libc::CLOCK_REALTIME))))
            }),
            ("monotonic()", |th, _| {
                let now = now(libc::CLOCK_MONOTONIC);
                let now = now.tv_sec as f64 + now.tv_nsec as f64 / 1e9;
                Ok(Value::float(th.block_clock(now)))
            }),
            ("monotonic_ns()", |th, _| {
                Ok(th.big(nanos(now(libc::CLOCK_MONOTONIC))))
            }),
            ("perf_counter()", |_, _| {
                Ok(seconds(now(libc::CLOCK_MONOTONIC)))
            }),
            ("perf_counter_ns()", |th, _| {
                Ok(th.big(nanos(now(libc::CLOCK_MONOTONIC))))
            }),
            ("process_time()", |_, _| {
                Ok(seconds(now(libc::CLOCK_PROCESS_CPUTIME_ID)))
            }),
            ("process_time_ns()", |th, _| {
                Ok(th.big(nanos(now(libc::CLOCK_PROCESS_CPUTIME_ID))))
            }),
            ("thread_time()", |_, _| {
                Ok(seconds(now(libc::CLOCK_THREAD_CPUTIME_ID)))
            }),
            ("thread_time_ns()", |th, _| {
                Ok(th.big(nanos(now(libc::CLOCK_THREAD_CPUTIME_ID))))
            }),
            ("clock_gettime(clk_id, /)", clock_gettime),
            ("clock_gettime_ns(clk_id, /)", clock_gettime_ns),
            ("clock_getres(clk_id, /)", clock_getres),
            ("get_clock_info(name, /)", get_clock_info),
            ("sleep(seconds, /)", sleep),
            ("localtime(seconds=None, /)", localtime),
            ("gmtime(seconds=None, /)", gmtime),
            ("mktime(seconds, /)", mktime),
            ("asctime(tuple=None, /)", asctime),
            ("ctime(seconds=None, /)", ctime),
            ("strftime(format, tuple=None, /)", strftime),
            (
                "strptime(string, format='%a %b %d %H:%M:%S %Y', /)",
                strptime,
            ),
            ("tzset()", tzset),
        ],
    );
    let class = struct_type(
        th,
        StructSeq {
            name: "time.struct_time",
            fields: &[
                "tm_year",
                "tm_mon",
                "tm_mday",
                "tm_hour",
                "tm_min",
                "tm_sec",
                "tm_wday",
                "tm_yday",
                "tm_isdst",
                "tm_zone",
                "tm_gmtoff",
            ],
            visible: 9,
        },
        true,
    );
    th.set_state("time.struct_time", class.value());
    th.define(dict, "struct_time", class.value());
    th.define(dict, "_STRUCT_TM_ITEMS", Value::small(11));
    for (name, id) in CLOCKS {
        th.define(dict, name, Value::small(*id as i64));
    }
    define_zone(th, module)?;
    Ok(module)
}

fn now(clock: libc::clockid_t) -> libc::timespec {
    // SAFETY: fills a local structure.
    unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(clock, &mut t);
        t
    }
}
fn seconds(t: libc::timespec) -> Value {
    Value::float(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9)
}
fn nanos(t: libc::timespec) -> BigInt {
    BigInt::from(t.tv_sec as i128 * 1_000_000_000 + t.tv_nsec as i128)
}

fn clock_of(th: &mut Thread, v: Value) -> R<libc::timespec> {
    let id = th.index_i64(v)? as libc::clockid_t;
    // SAFETY: fills a local structure.
    let (rc, t) = unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        (libc::clock_gettime(id, &mut t), t)
    };
    if rc < 0 {
        return Err(th.io_error(&std::io::Error::last_os_error(), Value::NULL));
    }
    Ok(t)
}
fn clock_gettime(th: &mut Thread, args: &[Value]) -> R<Value> {
    Ok(seconds(clock_of(th, args[0])?))
}
fn clock_gettime_ns(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = clock_of(th, args[0])?;
    Ok(th.big(nanos(t)))
}
fn clock_getres(th: &mut Thread, args: &[Value]) -> R<Value> {
    let id = th.index_i64(args[0])? as libc::clockid_t;
    // SAFETY: fills a local structure.
    let (rc, t) = unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        (libc::clock_getres(id, &mut t), t)
    };
    if rc < 0 {
        return Err(th.io_error(&std::io::Error::last_os_error(), Value::NULL));
    }
    Ok(seconds(t))
}

fn get_clock_info(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = args[0]
        .cast::<Str>()
        .map(|s| s.to_string())
        .unwrap_or_default();
    let (implementation, monotonic, adjustable) = match name.as_str() {
        "time" => ("clock_gettime(CLOCK_REALTIME)", false, true),
        "monotonic" | "perf_counter" => ("clock_gettime(CLOCK_MONOTONIC)", true, false),
        "process_time" => ("clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false),
        "thread_time" => ("clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false),
        _ => return Err(th.value_error("unknown clock")),
    };
    let class = th.rt.state.get("SimpleNamespace");
    let implementation = th.str_value(implementation);
    let names =
        ["implementation", "monotonic", "adjustable", "resolution"].map(|n| th.intern_value(n));
    let values = [
        implementation,
        Value::bool(monotonic),
        Value::bool(adjustable),
        Value::float(1e-9),
    ];
    th.call_kw(class, &values, &names)
}

/// A duration in seconds: an int, a float, or what converts to one.
fn duration(th: &mut Thread, v: Value) -> R<f64> {
    if let Some(f) = v.as_float() {
        if f.is_nan() {
            return Err(th.value_error("Invalid value NaN (not a number)"));
        }
        return Ok(f);
    }
    if let Some(i) = th.as_bigint(v) {
        return Ok(i.to_f64().unwrap_or(f64::INFINITY));
    }
    if th.special(v, crate::objects::special::Sp::Index).is_null()
        && th.special(v, crate::objects::special::Sp::Float).is_null()
    {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "'{name}' object cannot be interpreted as an integer"
        )));
    }
    let float = th.rt.types().float.value();
    let f = th.call(float, &[v])?;
    Ok(f.as_float().unwrap_or(0.0))
}

/// How long a thread that may be stopped from outside sleeps at once, in nanoseconds.
const STOP_SLICE_NS: libc::c_long = 20_000_000;

fn sleep(th: &mut Thread, args: &[Value]) -> R<Value> {
    let wanted = duration(th, args[0])?;
    if wanted < 0.0 {
        return Err(th.value_error("sleep length must be non-negative"));
    }
    if wanted > i64::MAX as f64 / 1e9 {
        return Err(th.overflow_error("timestamp out of range for platform time_t"));
    }
    let start = now(libc::CLOCK_MONOTONIC);
    let total = start.tv_nsec as i128 + (wanted * 1e9).ceil() as i128;
    let mut until = start;
    until.tv_sec += (total / 1_000_000_000) as libc::time_t;
    until.tv_nsec = (total % 1_000_000_000) as libc::c_long;
    let ns = |t: libc::timespec| t.tv_sec as i128 * 1_000_000_000 + t.tv_nsec as i128;
    loop {
        // What may be stopped from outside looks for that now and then.
        let (mut to, here) = (until, now(libc::CLOCK_MONOTONIC));
        let sliced = th.vm.guarded.is_some() && ns(here) + i128::from(STOP_SLICE_NS) < ns(until);
        if sliced {
            to.tv_sec = here.tv_sec + (here.tv_nsec + STOP_SLICE_NS) / 1_000_000_000;
            to.tv_nsec = (here.tv_nsec + STOP_SLICE_NS) % 1_000_000_000;
        }
        let rc = th.outside(true, || {
            // SAFETY: an absolute time in a local structure; no remainder is asked for.
            unsafe {
                libc::clock_nanosleep(
                    libc::CLOCK_MONOTONIC,
                    libc::TIMER_ABSTIME,
                    &to,
                    std::ptr::null_mut(),
                )
            }
        })?;
        if rc != libc::EINTR && !sliced {
            return Ok(Value::NONE);
        }
        th.run_signal_handlers()?;
    }
}

// Calendar times.

fn time_class(th: &Thread) -> Ref<Class> {
    th.rt
        .state
        .get("time.struct_time")
        .as_class()
        .expect("made with the module")
}

fn to_tuple(th: &mut Thread, tm: &libc::tm) -> R<Value> {
    let zone = if tm.tm_zone.is_null() {
        Value::NONE
    } else {
        // SAFETY: the C library's zone names are terminated and static.
        let name = unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }
            .to_string_lossy()
            .into_owned();
        th.str_value(&name)
    };
    let n = |i: i32| Value::small(i as i64);
    let values = [
        Value::small(tm.tm_year as i64 + 1900),
        n(tm.tm_mon + 1),
        n(tm.tm_mday),
        n(tm.tm_hour),
        n(tm.tm_min),
        n(tm.tm_sec),
        n((tm.tm_wday + 6) % 7),
        n(tm.tm_yday + 1),
        n(tm.tm_isdst),
        zone,
        Value::small(tm.tm_gmtoff as i64),
    ];
    let class = time_class(th);
    struct_seq(th, class, &values)
}

fn timestamp(th: &mut Thread, v: Value) -> R<libc::time_t> {
    if v.is_null() || v.is_none() {
        return Ok(now(libc::CLOCK_REALTIME).tv_sec);
    }
    let seconds = duration(th, v)?.floor();
    if !(-6.8e16..=6.8e16).contains(&seconds) {
        return Err(th.overflow_error("timestamp out of range for platform time_t"));
    }
    Ok(seconds as libc::time_t)
}

fn broken_down(th: &mut Thread, t: libc::time_t, local: bool) -> R<libc::tm> {
    // SAFETY: fills a local structure.
    let (ok, tm) = unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let p = if local {
            libc::localtime_r(&t, &mut tm)
        } else {
            libc::gmtime_r(&t, &mut tm)
        };
        (!p.is_null(), tm)
    };
    if !ok {
        return Err(th.os_error(libc::EOVERFLOW, Value::NULL));
    }
    Ok(tm)
}

fn localtime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = timestamp(th, args[0])?;
    let tm = broken_down(th, t, true)?;
    to_tuple(th, &tm)
}
fn gmtime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = timestamp(th, args[0])?;
    let mut tm = broken_down(th, t, false)?;
    tm.tm_zone = c"UTC".as_ptr();
    to_tuple(th, &tm)
}

/// The structure for a tuple of nine numbers.
fn from_tuple(th: &mut Thread, v: Value) -> R<libc::tm> {
    let items = tuple_items(v);
    if v.kind() != crate::heap::Kind::Tuple {
        return Err(th.type_error("Tuple or struct_time argument required"));
    }
    if items.len() != 9 {
        return Err(th.type_error("time tuple must have exactly 9 elements"));
    }
    let mut n = [0i64; 9];
    for (slot, v) in n.iter_mut().zip(items) {
        *slot = th.index_i64(*v)?;
    }
    // SAFETY: all-zero is a valid value.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    let year = n[0] - 1900;
    if i32::try_from(year).is_err() {
        return Err(th.overflow_error("year out of range"));
    }
    tm.tm_year = year as i32;
    tm.tm_mon = n[1] as i32 - 1;
    tm.tm_mday = n[2] as i32;
    tm.tm_hour = n[3] as i32;
    tm.tm_min = n[4] as i32;
    tm.tm_sec = n[5] as i32;
    tm.tm_wday = (n[6] as i32 + 1).rem_euclid(7);
    tm.tm_yday = n[7] as i32 - 1;
    tm.tm_isdst = n[8].signum() as i32;
    Ok(tm)
}

/// As [`from_tuple`], with the ranges that formatting needs.
fn checked(th: &mut Thread, v: Value) -> R<libc::tm> {
    let mut tm = from_tuple(th, v)?;
    // Zero stands for "not known" in month, day and day of the year.
    tm.tm_mon = tm.tm_mon.max(if tm.tm_mon == -1 { 0 } else { tm.tm_mon });
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    }
    let wrong = if !(0..=11).contains(&tm.tm_mon) {
        "month out of range"
    } else if !(1..=31).contains(&tm.tm_mday) {
        "day of month out of range"
    } else if !(0..=23).contains(&tm.tm_hour) {
        "hour out of range"
    } else if !(0..=59).contains(&tm.tm_min) {
        "minute out of range"
    } else if !(0..=61).contains(&tm.tm_sec) {
        "seconds out of range"
    } else if !(0..=365).contains(&tm.tm_yday) {
        "day of year out of range"
    } else {
        return Ok(tm);
    };
    Err(th.value_error(wrong))
}

fn mktime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let mut tm = from_tuple(th, args[0])?;
    tm.tm_wday = -1;
    // SAFETY: a local structure.
    let t = unsafe { libc::mktime(&mut tm) };
    if t == -1 && tm.tm_wday == -1 {
        return Err(th.overflow_error("mktime argument out of range"));
    }
    Ok(Value::float(t as f64))
}

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn in_words(th: &mut Thread, tm: &libc::tm) -> Value {
    let text = format!(
        "{} {} {:2} {:02}:{:02}:{:02} {}",
        DAYS[tm.tm_wday.rem_euclid(7) as usize],
        MONTHS[tm.tm_mon.rem_euclid(12) as usize],
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        tm.tm_year as i64 + 1900
    );
    th.str_value(&text)
}
fn asctime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let tm = if args[0].is_null() {
        broken_down(th, now(libc::CLOCK_REALTIME).tv_sec, true)?
    } else {
        checked(th, args[0])?
    };
    Ok(in_words(th, &tm))
}
fn ctime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let t = timestamp(th, args[0])?;
    let tm = broken_down(th, t, true)?;
    Ok(in_words(th, &tm))
}

unsafe extern "C" {
    #[link_name = "strftime"]
    fn c_strftime(
        s: *mut libc::c_char,
        max: usize,
        format: *const libc::c_char,
        tm: *const libc::tm,
    ) -> usize;
}

/// `strftime(3)` with a buffer that grows.
fn format_time(format: &CString, tm: &libc::tm) -> Vec<u8> {
    let mut size = 256;
    loop {
        let mut buf = vec![0u8; size];
        // SAFETY: the buffer's size is given; the format is terminated.
        let n = unsafe {
            c_strftime(
                buf.as_mut_ptr() as *mut libc::c_char,
                size,
                format.as_ptr(),
                tm,
            )
        };
        // 0 may mean an empty result; such a format is short.
        if n > 0 || size > format.as_bytes().len() * 256 + 1024 {
            buf.truncate(n);
            return buf;
        }
        size *= 2;
    }
}

fn strftime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(format) = args[0].cast::<Str>() else {
        let name = th.type_name(args[0]);
        return Err(th.type_error(format!("strftime() argument 1 must be str, not {name}")));
    };
    let mut tm = if args[1].is_null() {
        broken_down(th, now(libc::CLOCK_REALTIME).tv_sec, true)?
    } else {
        checked(th, args[1])?
    };
    if tm.tm_zone.is_null() {
        // `%Z` and `%z` of a plain tuple speak of the local zone.
        let mut copy = tm;
        // SAFETY: local structures.
        unsafe { libc::mktime(&mut copy) };
        tm.tm_zone = copy.tm_zone;
        tm.tm_gmtoff = copy.tm_gmtoff;
    }
    // Pieces between null characters are formatted one by one.
    let mut out = vec![];
    for (i, piece) in format.as_bytes().split(|b| *b == 0).enumerate() {
        if i > 0 {
            out.push(0);
        }
        if let Ok(piece) = CString::new(piece)
            && !piece.as_bytes().is_empty()
        {
            out.extend(format_time(&piece, &tm));
        }
    }
    Ok(th.str_value(&String::from_utf8_lossy(&out)))
}
fn strptime(th: &mut Thread, args: &[Value]) -> R<Value> {
    let module = crate::modules::import::import_module(th, "_strptime")?;
    let given = args.iter().take_while(|v| !v.is_null()).count();
    th.call_method(module, "_strptime_time", &args[..given])
}

unsafe extern "C" {
    #[link_name = "tzset"]
    fn c_tzset();
}

/// `timezone`, `altzone`, `daylight` and `tzname`, from January and July of this year.
fn define_zone(th: &mut Thread, module: Ref<Module>) -> R<()> {
    // SAFETY: reads the environment, as `localtime` does.
    unsafe { c_tzset() };
    let now = now(libc::CLOCK_REALTIME).tv_sec;
    let year = broken_down(th, now, false)?.tm_year as i64 - 70;
    let start = year * 31_556_952;
    let winter = broken_down(th, start, true)?;
    let summer = broken_down(th, start + 31_556_952 / 2, true)?;
    let (standard, daylight) = if winter.tm_gmtoff < summer.tm_gmtoff {
        (winter, summer)
    } else {
        (summer, winter)
    };
    let name = |tm: &libc::tm| {
        if tm.tm_zone.is_null() {
            return "UTC".to_string();
        }
        // SAFETY: the C library's zone names are terminated and static.
        unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }
            .to_string_lossy()
            .into_owned()
    };
    let names = [name(&standard), name(&daylight)].map(|n| th.str_value(&n));
    let names = th.tuple_value(&names);
    let dict = module.dict();
    for (key, v) in [
        ("timezone", Value::small(-standard.tm_gmtoff as i64)),
        ("altzone", Value::small(-daylight.tm_gmtoff as i64)),
        (
            "daylight",
            Value::small((standard.tm_gmtoff != daylight.tm_gmtoff) as i64),
        ),
        ("tzname", names),
    ] {
        let key = th.intern_value(key);
        dict.insert_interned(th, key, v)?;
    }
    Ok(())
}

fn tzset(th: &mut Thread, _: &[Value]) -> R<Value> {
    let module = crate::modules::import::loaded(th, "time")?;
    if let Some(module) = module.cast::<Module>() {
        define_zone(th, module)?;
    }
    Ok(Value::NONE)
}
