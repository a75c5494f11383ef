//! Stand-ins until the real ones land.
use crate::heap::{R, Thread, Value};
pub fn format_exception(th: &mut Thread, v: Value) -> R<String> {
    let name = th.type_name(v);
    let text = th.to_str(v)?;
    let mut lines = String::from("Traceback (most recent call last):\n");
    let mut tb = v
        .cast::<crate::objects::exception::Exception>()
        .map_or(Value::NULL, |e| e.traceback.peek());
    while let Some(t) = tb.native::<crate::objects::exception::Traceback>() {
        let unit = t
            .code
            .cast::<crate::objects::function::Code>()
            .map(|c| (c.unit.filename.clone(), c.unit.name.to_string()));
        if let Some((file, name)) = unit {
            lines.push_str(&format!(
                "  File \"{file}\", line {}, in {name}\n",
                t.line.peek()
            ));
        }
        tb = t.next.peek();
    }
    Ok(format!("{lines}{name}: {text}\n"))
}
pub fn frozen(th: &mut Thread, items: &[Value]) -> R<Value> {
    let class = th.rt.types().frozenset;
    let set = crate::objects::set::Set::of_class(th, class);
    for &item in items {
        set.add(th, item)?;
    }
    Ok(set.value())
}
pub fn dict_update(
    th: &mut Thread,
    d: crate::heap::Ref<crate::objects::dict::Dict>,
    o: Value,
) -> R<()> {
    d.update(th, o)
}
