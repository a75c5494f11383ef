//! Tuples with named fields, as `sys.version_info` or `os.stat_result`; and those of `sys`.

use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::RwLock;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::{Class, class_flags as f};
use crate::objects::dict::Dict;
use crate::objects::native::tuple_items;
use crate::objects::tuple::Tuple;

/// The layout of a type of named tuples.
#[derive(Clone, Copy, Debug)]
pub struct StructSeq {
    /// With its module: `"os.stat_result"`.
    pub name: &'static str,
    /// Field names in order. What comes after `visible` is not part of the tuple's length, but an attribute.
    pub fields: &'static [&'static str],
    pub visible: usize,
}

/// Which type has which fields, by the address of the class (classes of this kind are immortal).
static LAYOUTS: LazyLock<RwLock<HashMap<u64, StructSeq>>> = LazyLock::new(Default::default);

/// Makes the type of a named tuple. Scripts cannot make instances unless `constructible`.
pub fn struct_type(th: &mut Thread, layout: StructSeq, constructible: bool) -> Ref<Class> {
    let base = th.rt.types().tuple;
    let flags = f::SEQUENCE | f::MATCH_SELF | if constructible { 0 } else { f::NO_NEW };
    // Fields beyond the visible ones are kept in the instance's dict.
    let flags = flags
        | if layout.fields.len() > layout.visible {
            f::DICT
        } else {
            0
        };
    let class = th.new_class(layout.name, base, base.layout, flags, |t| {
        t.method("__repr__(self, /)", repr)
            .method("__reduce__(self, /)", reduce)
            .new("structseq(cls, sequence, dict=None)", new);
        let n = |i: usize| Value::small(i as i64);
        t.attr("n_fields", n(layout.fields.len()))
            .attr("n_sequence_fields", n(layout.visible))
            .attr("n_unnamed_fields", n(0));
        let names: Vec<Value> = layout.fields[..layout.visible]
            .iter()
            .map(|f| t.th.intern_value(f))
            .collect();
        let names = t.th.tuple_value(&names);
        t.attr("__match_args__", names);
        for (i, field) in layout.fields.iter().enumerate().take(layout.visible) {
            t.getset(field, GETTERS[i], None);
        }
    });
    LAYOUTS.write().insert(class.address(), layout);
    class
}

macro_rules! getters {
    ($($i:literal)*) => {
        /// One getter for each position: a getter is a plain function.
        static GETTERS: &[crate::objects::define::Getter] = &[$(|_, v| Ok(tuple_items(v).get($i).copied().unwrap_or(Value::NONE))),*];
    };
}
getters!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25);

/// An instance; `values` has one value for each field.
pub fn struct_seq(th: &mut Thread, class: Ref<Class>, values: &[Value]) -> R<Value> {
    let layout = layout_of(class);
    let visible = layout.map_or(values.len(), |l| l.visible);
    let v = th
        .tuple_of_class(class, &values[..visible.min(values.len())])
        .value();
    if let Some(layout) = layout {
        for (name, x) in layout.fields.iter().zip(values).skip(visible) {
            let name = th.intern_value(name);
            th.set_attr(v, name, *x)?;
        }
    }
    Ok(v)
}

fn layout_of(class: Ref<Class>) -> Option<StructSeq> {
    let layouts = LAYOUTS.read();
    if let Some(l) = layouts.get(&class.address()) {
        return Some(*l);
    }
    class
        .mro()
        .items()
        .iter()
        .find_map(|c| layouts.get(&c.0).copied())
}

fn new(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = args[0].as_class() else {
        return Err(th.type_error("structseq.__new__(X): X is not a type object"));
    };
    let Some(layout) = layout_of(class) else {
        return Err(th.type_error("not a structseq type"));
    };
    let items = th.collect_items(args[1])?;
    let name = layout.name;
    let (min, max) = (layout.visible, layout.fields.len());
    if items.len() < min || items.len() > max {
        let what = if items.len() < min {
            ("at least", min)
        } else {
            ("at most", max)
        };
        let what = if min == max { ("a", min) } else { what };
        let message = format!(
            "{name}() takes {} {}-sequence ({}-sequence given)",
            what.0,
            what.1,
            items.len()
        );
        return Err(th.type_error(message));
    }
    let mut values = items.clone();
    for field in &layout.fields[items.len()..] {
        let v = match args[2].cast::<Dict>() {
            Some(dict) => {
                let key = th.intern_value(field);
                dict.get_interned(th, key)?.or_none()
            }
            None => Value::NONE,
        };
        values.push(v);
    }
    struct_seq(th, class, &values)
}

fn repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]);
    let Some(layout) = layout_of(class) else {
        return Err(th.type_error("not a structseq"));
    };
    let mut parts = vec![];
    for (name, v) in layout.fields.iter().zip(tuple_items(args[0])) {
        parts.push(format!("{name}={}", th.repr(*v)?));
    }
    Ok(th.str_value(&format!("{}({})", layout.name, parts.join(", "))))
}

fn reduce(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]);
    let items = th.tuple_value(tuple_items(args[0]));
    let rest = th.tuple_value(&[items]);
    Ok(th.tuple_value(&[class.value(), rest]))
}

fn define(th: &mut Thread, sys: Ref<Dict>, short: &str, layout: StructSeq, values: &[Value]) {
    let class = struct_type(th, layout, false);
    let v: Ref<Tuple> = th.tuple_of_class(class, values);
    th.define(sys, short, v.value());
}

/// The named tuples of `sys`.
pub(super) fn init(th: &mut Thread, sys: Ref<Dict>) {
    let config = th.rt.state.config().clone();
    let n = Value::small;
    let flag = |b: bool| Value::small(b as i64);

    let finalrelease = th.str_value("final");
    let version = [n(3), n(14), n(0), finalrelease, n(0)];
    let layout = StructSeq {
        name: "sys.version_info",
        fields: &["major", "minor", "micro", "releaselevel", "serial"],
        visible: 5,
    };
    define(th, sys, "version_info", layout, &version);
    implementation(th, sys);

    let layout = StructSeq {
        name: "sys.flags",
        fields: &[
            "debug",
            "inspect",
            "interactive",
            "optimize",
            "dont_write_bytecode",
            "no_user_site",
            "no_site",
            "ignore_environment",
            "verbose",
            "bytes_warning",
            "quiet",
            "hash_randomization",
            "isolated",
            "dev_mode",
            "utf8_mode",
            "warn_default_encoding",
            "safe_path",
            "int_max_str_digits",
            "gil",
            "thread_inherit_context",
            "context_aware_warnings",
        ],
        visible: 21,
    };
    let values = [
        n(0),
        flag(config.inspect),
        flag(config.interactive),
        n(config.optimize as i64),
        flag(config.dont_write_bytecode),
        flag(config.no_user_site),
        flag(config.no_site),
        flag(config.ignore_environment),
        n(config.verbose as i64),
        n(config.bytes_warning as i64),
        flag(config.quiet),
        n(1),
        flag(config.isolated),
        Value::bool(config.x_flag("dev")),
        n(1),
        n(0),
        Value::bool(config.safe_path),
        n(config.int_max_str_digits),
        n((th.rt.settings.mode == crate::heap::ExecMode::Gil) as i64),
        n(1),
        n(1),
    ];
    define(th, sys, "flags", layout, &values);

    let layout = StructSeq {
        name: "sys.float_info",
        fields: &[
            "max",
            "max_exp",
            "max_10_exp",
            "min",
            "min_exp",
            "min_10_exp",
            "dig",
            "mant_dig",
            "epsilon",
            "radix",
            "rounds",
        ],
        visible: 11,
    };
    let values = [
        Value::float(f64::MAX),
        n(1024),
        n(308),
        Value::float(f64::MIN_POSITIVE),
        n(-1021),
        n(-307),
        n(15),
        n(53),
        Value::float(f64::EPSILON),
        n(2),
        n(1),
    ];
    define(th, sys, "float_info", layout, &values);

    let layout = StructSeq {
        name: "sys.int_info",
        fields: &[
            "bits_per_digit",
            "sizeof_digit",
            "default_max_str_digits",
            "str_digits_check_threshold",
        ],
        visible: 4,
    };
    define(th, sys, "int_info", layout, &[n(30), n(4), n(4300), n(640)]);

    let layout = StructSeq {
        name: "sys.hash_info",
        fields: &[
            "width",
            "modulus",
            "inf",
            "nan",
            "imag",
            "algorithm",
            "hash_bits",
            "seed_bits",
            "cutoff",
        ],
        visible: 9,
    };
    let algorithm = th.str_value("folded-multiply");
    let modulus = th.int((1 << 61) - 1);
    let values = [
        n(64),
        modulus,
        n(314_159),
        n(0),
        n(1_000_003),
        algorithm,
        n(64),
        n(64),
        n(0),
    ];
    define(th, sys, "hash_info", layout, &values);

    let layout = StructSeq {
        name: "sys.thread_info",
        fields: &["name", "lock", "version"],
        visible: 3,
    };
    let (pthread, lock) = (th.str_value("pthread"), th.str_value("futex"));
    define(
        th,
        sys,
        "thread_info",
        layout,
        &[pthread, lock, Value::NONE],
    );
}

/// `sys.implementation`, a plain namespace object.
fn implementation(th: &mut Thread, sys: Ref<Dict>) {
    use crate::objects::Instance;
    use crate::objects::class::LayoutInfo;
    let object = th.rt.types().object;
    let class = match th.rt.state.get("SimpleNamespace").as_class() {
        Some(class) => class,
        None => {
            let class = th.new_class(
                "types.SimpleNamespace",
                object,
                LayoutInfo::of::<Instance>(),
                f::BASE | f::DICT,
                |t| {
                    t.methods(&[
                        (
                            "__init__(self, mapping_or_iterable=(), /, **kwargs)",
                            namespace_init,
                        ),
                        ("__repr__(self, /)", namespace_repr),
                        ("__eq__(self, other, /)", namespace_eq),
                        ("__replace__(self, /, **changes)", namespace_replace),
                        ("__reduce__(self, /)", namespace_reduce),
                    ])
                    .attr("__hash__", Value::NONE);
                },
            );
            th.set_state("SimpleNamespace", class.value());
            class
        }
    };
    let v = th.alloc(class.root_shape(), Instance::new(), 0).value();
    let key = th.intern_value("version_info");
    let version = sys.get_interned(th, key).unwrap_or(Value::NONE);
    let name = th.str_value("keelback");
    let tag = th.str_value("keelback-314");
    let multiarch = th.str_value(&format!("{}-linux-gnu", std::env::consts::ARCH));
    let hex = Value::small(super::HEX_VERSION);
    for (k, x) in [
        ("name", name),
        ("cache_tag", tag),
        ("version", version),
        ("hexversion", hex),
        ("_multiarch", multiarch),
        ("supports_isolated_interpreters", Value::FALSE),
    ] {
        let k = th.intern_value(k);
        if th.set_attr(v, k, x).is_err() {
            unreachable!("a private object takes any attribute")
        }
    }
    th.define(sys, "implementation", v);
}

fn namespace_init(th: &mut Thread, args: &[Value]) -> R<Value> {
    if !args[1].is_null() {
        let class = th.rt.types().dict;
        let given = th.call(class.value(), &[args[1]])?;
        if let Some(dict) = given.cast::<Dict>() {
            for (k, v) in dict.items(th)? {
                let Some(k) = th.name_value(k) else {
                    return Err(th.type_error("keywords must be strings"));
                };
                th.set_attr(args[0], k, v)?;
            }
        }
    }
    if let Some(kwargs) = args[2].cast::<Dict>() {
        for (k, v) in kwargs.items(th)? {
            if let Some(k) = th.name_value(k) {
                th.set_attr(args[0], k, v)?;
            }
        }
    }
    Ok(Value::NONE)
}

fn namespace_repr(th: &mut Thread, args: &[Value]) -> R<Value> {
    th.check_stack()?;
    let class = th.class_of(args[0]);
    let name = if th.rt.state.get("SimpleNamespace") == class.value() {
        "namespace".to_string()
    } else {
        class.name().to_string()
    };
    let mut parts = vec![];
    if let Some(dict) = th.dict_of(args[0])? {
        for (k, v) in dict.items(th)? {
            let k = th.to_str(k)?;
            parts.push(format!("{k}={}", th.repr(v)?));
        }
    }
    Ok(th.str_value(&format!("{name}({})", parts.join(", "))))
}

fn namespace_eq(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(class) = th.rt.state.get("SimpleNamespace").as_class() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !th.is_instance(args[0], class) || !th.is_instance(args[1], class) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (a, b) = (th.dict_of(args[0])?, th.dict_of(args[1])?);
    let value = |d: Option<Ref<Dict>>| d.map_or(Value::NONE, |d| d.value());
    Ok(Value::bool(th.equal(value(a), value(b))?))
}

fn namespace_replace(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]);
    let kwargs = match th.dict_of(args[0])? {
        Some(dict) => dict.copy(th)?,
        None => Dict::new(th),
    };
    if let Some(changes) = args[1].cast::<Dict>() {
        for (k, v) in changes.items(th)? {
            kwargs.insert(th, k, v)?;
        }
    }
    th.call_ex(class.value(), &[], kwargs.value())
}

fn namespace_reduce(th: &mut Thread, args: &[Value]) -> R<Value> {
    let class = th.class_of(args[0]);
    let empty = th.tuple_value(&[]);
    let dict = th.dict_of(args[0])?.map_or(Value::NONE, |d| d.value());
    Ok(th.tuple_value(&[class.value(), empty, dict]))
}
