//! `bool`: the two immediates `True` and `False`, a subclass of `int`.

use super::int::methods::binary_methods;
use super::int::{int_and, int_or, int_xor};
use crate::heap::{R, Thread, Value};

/// Two bools give a bool, anything else what ints give.
macro_rules! logical {
    ($name:ident, $op:tt, $otherwise:path) => {
        fn $name(th: &mut Thread, a: Value, b: Value) -> R<Value> {
            if a.is_bool() && b.is_bool() {
                return Ok(Value::bool((a == Value::TRUE) $op (b == Value::TRUE)));
            }
            $otherwise(th, a, b)
        }
    };
}
logical!(and, &, int_and);
logical!(or, |, int_or);
logical!(xor, ^, int_xor);

/// Defines `bool`.
pub fn init(th: &mut Thread) {
    let class = th.rt.types().bool;
    th.fill(class, |t| {
        t.new("bool(cls, object=False, /)", |th, a| {
            if a[1].is_null() {
                return Ok(Value::FALSE);
            }
            Ok(Value::bool(th.truth(a[1])?))
        });
        t.method("__repr__(self, /)", |th, a| {
            Ok(th.intern_value(if a[0] == Value::TRUE { "True" } else { "False" }))
        });
        binary_methods! { t; "and" and; "or" or; "xor" xor; }
        t.doc(
            "Returns True when the argument is true, False otherwise.\n\
             The builtins True and False are the only two instances of the class bool.\n\
             The class bool is a subclass of the class int, and cannot be subclassed.",
        );
    });
}
