//! Iterators that pass on some of the items, or what a function makes of them.

use super::*;
use crate::heap::Tracer;
use crate::objects::native::tuple_items;

/// A function (or None) and an iterator, with one flag: the state of `dropwhile`, `takewhile`, `filterfalse`, `starmap`.
struct Filter {
    function: Value,
    source: Value,
    /// `dropwhile`: dropping is over. `takewhile`: taking is over.
    switched: RawSlot,
}

/// One payload type for each Python type, all with the same inside.
macro_rules! filters {
    ($($name:ident)*) => {
        $(struct $name(Filter);
        impl Payload for $name {
            fn trace(&self, t: &mut Tracer) {
                t.values(&[self.0.function, self.0.source])
            }
        })*
    };
}
filters!(DropWhile TakeWhile FilterFalse StarMap Compress);

fn filter(th: &mut Thread, function: Value, iterable: Value) -> R<Filter> {
    Ok(Filter {
        function,
        source: th.iter(iterable)?,
        switched: RawSlot::new(0),
    })
}

fn dropwhile_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<DropWhile>(th, v)?;
    loop {
        let item = th.next(it.0.source)?;
        if item.is_null() {
            return exhausted();
        }
        if th.get_raw(it, &it.0.switched)? == 1 {
            return Ok(item);
        }
        let verdict = th.call(it.0.function, &[item])?;
        if !th.truth(verdict)? {
            th.set_raw(it, &it.0.switched, 1)?;
            return Ok(item);
        }
    }
}

fn takewhile_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<TakeWhile>(th, v)?;
    if th.get_raw(it, &it.0.switched)? == 1 {
        return exhausted();
    }
    let item = th.next(it.0.source)?;
    if item.is_null() {
        return exhausted();
    }
    let verdict = th.call(it.0.function, &[item])?;
    if th.truth(verdict)? {
        return Ok(item);
    }
    th.set_raw(it, &it.0.switched, 1)?;
    exhausted()
}

fn filterfalse_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<FilterFalse>(th, v)?;
    let plain = it.0.function.is_none() || it.0.function == th.rt.types().bool.value();
    loop {
        let item = th.next(it.0.source)?;
        if item.is_null() {
            return exhausted();
        }
        let verdict = if plain {
            item
        } else {
            th.call(it.0.function, &[item])?
        };
        if !th.truth(verdict)? {
            return Ok(item);
        }
    }
}

fn starmap_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<StarMap>(th, v)?;
    let item = th.next(it.0.source)?;
    if item.is_null() {
        return exhausted();
    }
    let arguments = pool(th, item)?;
    th.call(it.0.function, tuple_items(arguments))
}

fn compress_next(th: &mut Thread, v: Value) -> R<Value> {
    let it = this::<Compress>(th, v)?;
    loop {
        // The data iterator is kept in place of the function.
        let item = th.next(it.0.function)?;
        if item.is_null() {
            return exhausted();
        }
        let selector = th.next(it.0.source)?;
        if selector.is_null() {
            return exhausted();
        }
        if th.truth(selector)? {
            return Ok(item);
        }
    }
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    macro_rules! filter_type {
        ($payload:ident, $signature:literal, $next:expr) => {
            iterator_type::<$payload>(
                th,
                module,
                $signature,
                |th, a| {
                    let inside = filter(th, a[1], a[2])?;
                    instance(th, a[0], $payload(inside))
                },
                $next,
                |_| {},
            )
        };
    }
    filter_type!(
        DropWhile,
        "dropwhile(cls, predicate, iterable, /)",
        dropwhile_next
    );
    filter_type!(
        TakeWhile,
        "takewhile(cls, predicate, iterable, /)",
        takewhile_next
    );
    filter_type!(
        FilterFalse,
        "filterfalse(cls, function, iterable, /)",
        filterfalse_next
    );
    filter_type!(StarMap, "starmap(cls, function, iterable, /)", starmap_next);
    iterator_type::<Compress>(
        th,
        module,
        "compress(cls, data, selectors)",
        |th, a| {
            let data = th.iter(a[1])?;
            let inside = filter(th, data, a[2])?;
            instance(th, a[0], Compress(inside))
        },
        compress_next,
        |_| {},
    );
}
