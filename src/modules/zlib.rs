//! `zlib`: compression by deflate.
//!
//! A stream's state is no business of transactions: it advances outside any block.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use parking_lot::Mutex;

use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::class::class_flags as f;
use crate::objects::define::Module;
use crate::objects::native::{Native, NativeFn, Payload};

const ERROR: &str = "zlib.error";
const MAX_WBITS: i64 = 15;
/// Work on more bytes than this counts as waiting.
const LONG: usize = 1 << 14;

/// What frames the compressed data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Raw,
    Zlib,
    Gzip,
    /// Zlib or gzip, as the data begins.
    Either,
}

/// The meaning of `wbits`.
fn format_of(th: &mut Thread, wbits: i64) -> R<(Format, u8)> {
    let (format, bits) = match wbits {
        0 => (Format::Zlib, MAX_WBITS),
        -15..=-8 => (Format::Raw, -wbits),
        8..=15 => (Format::Zlib, wbits),
        24..=31 => (Format::Gzip, wbits - 16),
        40..=47 => (Format::Either, wbits - 32),
        32 => (Format::Either, MAX_WBITS),
        _ => return Err(th.value_error("Invalid initialization option")),
    };
    // The smallest window is one that deflate cannot make.
    Ok((format, bits.max(9) as u8))
}

fn compressor(format: Format, bits: u8, level: i64) -> Compress {
    let level = Compression::new(if level < 0 { 6 } else { level as u32 });
    match format {
        Format::Gzip => Compress::new_gzip(level, bits),
        Format::Raw => Compress::new_with_window_bits(level, false, bits),
        _ => Compress::new_with_window_bits(level, true, bits),
    }
}

fn decompressor(format: Format, bits: u8, first: Option<u8>) -> Decompress {
    match format {
        Format::Raw => Decompress::new_with_window_bits(false, bits),
        Format::Gzip => Decompress::new_gzip(bits),
        Format::Either if first == Some(0x1f) => Decompress::new_gzip(bits),
        _ => Decompress::new_with_window_bits(true, bits),
    }
}

#[cold]
fn zlib_error(th: &mut Thread, message: &str) -> Fail {
    let class = th.rt.state.get(ERROR);
    let message = th.str_value(message);
    match th.call(class, &[message]) {
        Ok(e) => th.raise_value(e),
        Err(fail) => fail,
    }
}

/// Runs the compressor over all of `data`.
fn deflate(
    c: &mut Compress,
    data: &[u8],
    flush: FlushCompress,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let mut at = 0;
    loop {
        out.reserve(4096.max((data.len() - at) / 2));
        let before = c.total_in();
        let status = c
            .compress_vec(&data[at..], out, flush)
            .map_err(|e| e.to_string())?;
        at += (c.total_in() - before) as usize;
        // Room was left: there is nothing more to come.
        if status == Status::StreamEnd || (at == data.len() && out.len() < out.capacity()) {
            return Ok(());
        }
    }
}

/// Runs the decompressor until the input, the stream or `limit` ends. The bytes used, and whether the stream ended.
fn inflate(
    d: &mut Decompress,
    dictionary: Option<&[u8]>,
    data: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(usize, bool), String> {
    let mut at = 0;
    let mut chunk = vec![0u8; limit.min(1 << 16).max(1)];
    while out.len() < limit {
        let room = chunk.len().min(limit - out.len());
        let (before_in, before_out) = (d.total_in(), d.total_out());
        let status = d.decompress(&data[at..], &mut chunk[..room], FlushDecompress::Sync);
        at += (d.total_in() - before_in) as usize;
        let made = (d.total_out() - before_out) as usize;
        out.extend_from_slice(&chunk[..made]);
        match status {
            Ok(Status::StreamEnd) => return Ok((at, true)),
            Ok(_) if made == 0 && at == data.len() => return Ok((at, false)),
            Ok(Status::BufError) if made == 0 => return Ok((at, false)),
            Ok(_) => {}
            Err(e) => match (e.needs_dictionary(), dictionary) {
                (Some(_), Some(dictionary)) => {
                    d.set_dictionary(dictionary)
                        .map_err(|_| "Error -3 while setting dictionary".to_string())?;
                }
                (Some(_), None) => {
                    return Err("Error 2 while decompressing data".to_string());
                }
                (None, _) => {
                    let why = e.message().unwrap_or("invalid data");
                    return Err(format!("Error -3 while decompressing data: {why}"));
                }
            },
        }
    }
    Ok((at, false))
}

fn int_or(th: &mut Thread, v: Value, default: i64) -> R<i64> {
    if v.is_null() {
        return Ok(default);
    }
    th.index_i64(v)
}

fn check_level(th: &mut Thread, level: i64) -> R<()> {
    if !(-1..=9).contains(&level) {
        return Err(zlib_error(th, "Bad compression level"));
    }
    Ok(())
}

fn compress(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let level = int_or(th, a[1], -1)?;
    check_level(th, level)?;
    let wbits = int_or(th, a[2], MAX_WBITS)?;
    let (format, bits) = format_of(th, wbits)?;
    let mut out = vec![];
    let result = deflate(
        &mut compressor(format, bits, level),
        &data,
        FlushCompress::Finish,
        &mut out,
    );
    match result {
        Ok(()) => th.new_bytes(&out),
        Err(e) => Err(zlib_error(th, &e)),
    }
}

fn decompress(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let wbits = int_or(th, a[1], MAX_WBITS)?;
    let (format, bits) = format_of(th, wbits)?;
    let mut out = vec![];
    let mut d = decompressor(format, bits, data.first().copied());
    let result = inflate(&mut d, None, &data, usize::MAX, &mut out);
    match result {
        Ok((_, true)) => th.new_bytes(&out),
        Ok((_, false)) => Err(zlib_error(
            th,
            "Error -5 while decompressing data: incomplete or truncated stream",
        )),
        Err(e) => Err(zlib_error(th, &e)),
    }
}

/// A `compressobj`. Null once the stream is finished.
struct Compressor(Mutex<Option<Compress>>);
impl Payload for Compressor {}

fn compressobj(th: &mut Thread, a: &[Value]) -> R<Value> {
    let level = int_or(th, a[0], -1)?;
    check_level(th, level)?;
    let wbits = int_or(th, a[2], MAX_WBITS)?;
    let (format, bits) = format_of(th, wbits)?;
    let mut c = compressor(format, bits, level);
    if !a[5].is_null() && !a[5].is_none() {
        let dictionary = th.bytes_like(a[5])?;
        if c.set_dictionary(&dictionary).is_err() {
            return Err(th.value_error("Invalid dictionary"));
        }
    }
    let class = th.class_for::<Compressor>();
    Ok(th
        .new_native(class, Compressor(Mutex::new(Some(c))))
        .value())
}

fn run_compressor(th: &mut Thread, a: &[Value], data: &[u8], flush: FlushCompress) -> R<Value> {
    let this: Ref<Native<Compressor>> = a[0].native().expect("the receiver's class was checked");
    let mut out = vec![];
    let result = th.outside(data.len() > LONG, || {
        let mut state = this.0.lock();
        let Some(c) = state.as_mut() else {
            return Err("Error -2 while compressing data: inconsistent stream state".to_string());
        };
        let result = deflate(c, data, flush, &mut out);
        if flush == FlushCompress::Finish {
            *state = None;
        }
        result
    })?;
    match result {
        Ok(()) => th.new_bytes(&out),
        Err(e) => Err(zlib_error(th, &e)),
    }
}

fn compressor_flush(th: &mut Thread, a: &[Value]) -> R<Value> {
    let flush = match int_or(th, a[1], 4)? {
        0 => return th.new_bytes(&[]),
        1 => FlushCompress::Partial,
        2 => FlushCompress::Sync,
        3 => FlushCompress::Full,
        4 => FlushCompress::Finish,
        _ => {
            return Err(zlib_error(
                th,
                "Error -2 while flushing: inconsistent stream state",
            ));
        }
    };
    run_compressor(th, a, &[], flush)
}

/// A stream that is decompressed.
struct Stream {
    format: Format,
    bits: u8,
    dictionary: Option<Vec<u8>>,
    /// Made at the first byte.
    state: Option<Decompress>,
    eof: bool,
    /// Behind the stream's end.
    unused: Vec<u8>,
    /// Input that a limit has left for later.
    tail: Vec<u8>,
}

impl Stream {
    fn run(&mut self, data: &[u8], limit: usize) -> Result<Vec<u8>, String> {
        let mut out = vec![];
        let mut all = std::mem::take(&mut self.tail);
        all.extend_from_slice(data);
        if self.eof {
            self.unused.extend_from_slice(&all);
            return Ok(out);
        }
        if self.state.is_none() {
            let Some(&first) = all.first() else {
                return Ok(out);
            };
            let mut d = decompressor(self.format, self.bits, Some(first));
            if let (Format::Raw, Some(dictionary)) = (self.format, &self.dictionary) {
                d.set_dictionary(dictionary).map_err(|e| e.to_string())?;
            }
            self.state = Some(d);
        }
        let Some(d) = &mut self.state else {
            return Ok(out);
        };
        let (used, end) = inflate(d, self.dictionary.as_deref(), &all, limit, &mut out)?;
        self.eof = end;
        if end {
            self.unused = all[used..].to_vec();
        } else {
            self.tail = all[used..].to_vec();
        }
        Ok(out)
    }
}

/// A `decompressobj`, or a `_ZlibDecompressor`, which keeps its tail for itself.
struct Decompressor<const BUFFERED: bool>(Mutex<Stream>);
impl<const BUFFERED: bool> Payload for Decompressor<BUFFERED> {}

fn this_stream<const B: bool>(v: Value) -> Ref<Native<Decompressor<B>>> {
    v.native().expect("the receiver's class was checked")
}

fn new_stream<const B: bool>(th: &mut Thread, wbits: Value, dictionary: Value) -> R<Value> {
    let wbits = int_or(th, wbits, MAX_WBITS)?;
    let (format, bits) = format_of(th, wbits)?;
    let dictionary = if dictionary.is_null() || dictionary.is_none() {
        None
    } else {
        let data = th.bytes_like(dictionary)?.into_owned();
        (!data.is_empty()).then_some(data)
    };
    let stream = Stream {
        format,
        bits,
        dictionary,
        state: None,
        eof: false,
        unused: vec![],
        tail: vec![],
    };
    let class = th.class_for::<Decompressor<B>>();
    Ok(th
        .new_native(class, Decompressor::<B>(Mutex::new(stream)))
        .value())
}

fn run_stream<const B: bool>(th: &mut Thread, v: Value, data: &[u8], limit: usize) -> R<Value> {
    let this = this_stream::<B>(v);
    let result = th.outside(data.len() > LONG, || {
        let mut stream = this.0.lock();
        if !B {
            // The caller hands in the tail again.
            stream.tail.clear();
        }
        stream.run(data, limit)
    })?;
    match result {
        Ok(out) => th.new_bytes(&out),
        Err(e) => Err(zlib_error(th, &e)),
    }
}

fn stream_decompress(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[1])?;
    let limit = match int_or(th, a[2], 0)? {
        0 => usize::MAX,
        n if n < 0 => return Err(th.value_error("max_length must be non-negative")),
        n => n as usize,
    };
    run_stream::<false>(th, a[0], &data, limit)
}

fn stream_flush(th: &mut Thread, a: &[Value]) -> R<Value> {
    if int_or(th, a[1], 1)? <= 0 {
        return Err(th.value_error("length must be greater than zero"));
    }
    let tail = this_stream::<false>(a[0]).0.lock().tail.clone();
    run_stream::<false>(th, a[0], &tail, usize::MAX)
}

fn buffered_decompress(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[1])?;
    let limit = int_or(th, a[2], -1)?;
    if this_stream::<true>(a[0]).0.lock().eof {
        return Err(th.eof_error("End of stream already reached"));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    run_stream::<true>(th, a[0], &data, limit)
}

fn bytes_of<const B: bool>(th: &mut Thread, v: Value, part: fn(&Stream) -> &Vec<u8>) -> R<Value> {
    let data = part(&this_stream::<B>(v).0.lock()).clone();
    th.new_bytes(&data)
}

fn crc32(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let start = checksum_start(th, a[1], 0)?;
    let mut crc = !start;
    for &b in data.iter() {
        crc = (crc >> 8) ^ CRC_TABLE[((crc ^ b as u32) & 0xff) as usize];
    }
    Ok(th.int(!crc as i64))
}

fn checksum_start(th: &mut Thread, v: Value, default: u32) -> R<u32> {
    if v.is_null() {
        return Ok(default);
    }
    let v = th.index(v)?;
    let low = th
        .as_bigint(v)
        .map(|i| i & num_bigint::BigInt::from(u32::MAX));
    Ok(low.and_then(|i| u32::try_from(&i).ok()).unwrap_or(0))
}

static CRC_TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut i = 0;
    while i < 256 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 8 {
            crc = if crc & 1 != 0 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

fn adler32(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = th.bytes_like(a[0])?;
    let start = checksum_start(th, a[1], 1)?;
    let (mut low, mut high) = (start & 0xffff, start >> 16);
    // So many bytes fit before the sums could overflow.
    for chunk in data.chunks(5552) {
        for &b in chunk {
            low += b as u32;
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    Ok(th.int((high << 16 | low) as i64))
}

static FUNCTIONS: &[(&str, NativeFn)] = &[
    ("compress(data, /, level=-1, wbits=15)", compress),
    ("decompress(data, /, wbits=15, bufsize=16384)", decompress),
    (
        "compressobj(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)",
        compressobj,
    ),
    ("decompressobj(wbits=15, zdict=b'')", |th, a| {
        new_stream::<false>(th, a[0], a[1])
    }),
    ("crc32(data, value=0, /)", crc32),
    ("adler32(data, value=1, /)", adler32),
];

const CONSTANTS: &[(&str, i64)] = &[
    ("MAX_WBITS", MAX_WBITS),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_NO_COMPRESSION", 0),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("zlib");
    let dict = module.dict();
    let base = th.rt.types().exceptions.exception;
    let error = super::new_exception(th, ERROR, base);
    th.set_state(ERROR, error.value());
    th.define(dict, "error", error.value());
    th.new_type::<Compressor>("zlib.Compress", f::NO_NEW, |t| {
        t.methods(&[
            ("compress(self, data, /)", |th, a| {
                let data = th.bytes_like(a[1])?;
                run_compressor(th, a, &data, FlushCompress::None)
            }),
            ("flush(self, mode=4, /)", compressor_flush),
        ]);
    });
    th.new_type::<Decompressor<false>>("zlib.Decompress", f::NO_NEW, |t| {
        t.getset(
            "eof",
            |_, v| Ok(Value::bool(this_stream::<false>(v).0.lock().eof)),
            None,
        );
        t.getset(
            "unused_data",
            |th, v| bytes_of::<false>(th, v, |s| &s.unused),
            None,
        );
        t.getset(
            "unconsumed_tail",
            |th, v| bytes_of::<false>(th, v, |s| &s.tail),
            None,
        );
        t.methods(&[
            ("decompress(self, data, /, max_length=0)", stream_decompress),
            ("flush(self, length=16384, /)", stream_flush),
        ]);
    });
    let class = th.new_type::<Decompressor<true>>("zlib._ZlibDecompressor", 0, |t| {
        t.new("_ZlibDecompressor(cls, wbits=15, zdict=b'')", |th, a| {
            new_stream::<true>(th, a[1], a[2])
        });
        t.getset(
            "eof",
            |_, v| Ok(Value::bool(this_stream::<true>(v).0.lock().eof)),
            None,
        );
        t.getset(
            "unused_data",
            |th, v| bytes_of::<true>(th, v, |s| &s.unused),
            None,
        );
        t.getset(
            "needs_input",
            |_, v| {
                let this = this_stream::<true>(v);
                let s = this.0.lock();
                Ok(Value::bool(!s.eof && s.tail.is_empty()))
            },
            None,
        );
        t.method("decompress(self, data, max_length=-1)", buffered_decompress);
    });
    th.define(dict, "_ZlibDecompressor", class.value());
    for &(name, v) in CONSTANTS {
        th.define(dict, name, Value::small(v));
    }
    let version = th.str_value("1.3.1");
    th.define(dict, "ZLIB_VERSION", version);
    th.define(dict, "ZLIB_RUNTIME_VERSION", version);
    th.functions(module, FUNCTIONS);
    Ok(module)
}
