//! "Did you mean": the name nearest to one that was not found.

use super::text;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::define::Module;
use crate::objects::exception::{Exception, Traceback};
use crate::objects::function::{Code, Function};
use crate::objects::special::Sp;

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const MAX_CANDIDATES: usize = 750;
const MAX_LENGTH: usize = 40;

/// The cost of turning `a` into `b`, or more than `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> usize {
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    let same_end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (mut a, mut b) = (&a[..a.len() - same_end], &b[..b.len() - same_end]);
    if a.is_empty() || b.is_empty() {
        return MOVE_COST * (a.len() + b.len());
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return limit + 1;
    }
    if b.len() < a.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if (b.len() - a.len()) * MOVE_COST > limit {
        return limit + 1;
    }
    let substitution = |x: char, y: char| {
        if x == y {
            0
        } else if x.to_lowercase().eq(y.to_lowercase()) {
            CASE_COST
        } else {
            MOVE_COST
        }
    };
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE_COST).collect();
    let mut result = 0;
    for (j, &y) in b.iter().enumerate() {
        let mut diagonal = j * MOVE_COST;
        result = diagonal;
        let mut least = usize::MAX;
        for (i, &x) in a.iter().enumerate() {
            let replaced = diagonal + substitution(y, x);
            diagonal = row[i];
            result = (result.min(diagonal) + MOVE_COST).min(replaced);
            row[i] = result;
            least = least.min(result);
        }
        if least > limit {
            return limit + 1;
        }
    }
    result
}

/// The candidate nearest to `wrong`, if one is near enough.
fn nearest(candidates: &[String], wrong: &str) -> Option<String> {
    let target: Vec<char> = wrong.chars().collect();
    if candidates.len() >= MAX_CANDIDATES || target.len() > MAX_LENGTH {
        return None;
    }
    let mut best: Option<(usize, &String)> = None;
    for name in candidates.iter().filter(|n| *n != wrong) {
        let chars: Vec<char> = name.chars().collect();
        // No more than a third of the characters should need a change.
        let limit = (chars.len() + target.len() + 3) * MOVE_COST / 6;
        let limit = match best {
            Some((0, _)) => break,
            Some((d, _)) => limit.min(d - 1),
            None => limit,
        };
        let d = distance(&target, &chars, limit);
        if d <= limit {
            best = Some((d, name));
        }
    }
    best.map(|b| b.1.clone())
}

/// ". Did you mean: ...?" for a wrong keyword argument, where a known one is near.
pub fn keyword_hint(known: &[String], wrong: &str) -> String {
    nearest(known, wrong).map_or(String::new(), |n| format!(". Did you mean '{n}'?"))
}

/// What to add to the text of `exc`: "Did you mean" and "Did you forget to import".
pub(super) fn hint(th: &mut Thread, exc: Ref<Exception>) -> R<String> {
    let e = &th.rt.types().exceptions;
    let v = exc.value();
    let words = th.read(exc, |e| [0, 1, 2, 3].map(|i| e.extra[i].peek()))?;
    if th.is_instance(v, e.import_error) {
        let (Some(wrong), Some(module)) = (text(words[3]), text(words[1])) else {
            return Ok(String::new());
        };
        let found = import_names(th, &module)?;
        return Ok(mean(nearest(&visible(found, &wrong), &wrong)));
    }
    let names = th.is_instance(v, e.name_error);
    if !names && !th.is_instance(v, e.attribute_error) {
        return Ok(String::new());
    }
    let Some(wrong) = text(words[0]) else {
        return Ok(String::new());
    };
    if !names {
        if words[1].is_null() {
            return Ok(String::new());
        }
        let found = dir(th, words[1])?;
        return Ok(mean(nearest(&visible(found, &wrong), &wrong)));
    }
    let found = scope_names(th, exc)?;
    let near = found.and_then(|f| nearest(&f, &wrong));
    let forgot = if is_library_module(&wrong) {
        let lead = if near.is_some() { " Or did" } else { ". Did" };
        format!("{lead} you forget to import '{wrong}'?")
    } else {
        String::new()
    };
    Ok(mean(near) + &forgot)
}

fn mean(name: Option<String>) -> String {
    name.map_or(String::new(), |n| format!(". Did you mean: '{n}'?"))
}

/// Names with an underscore are only for those who wrote one.
fn visible(names: Vec<String>, wrong: &str) -> Vec<String> {
    if wrong.starts_with('_') {
        return names;
    }
    names.into_iter().filter(|n| !n.starts_with('_')).collect()
}

fn is_library_module(name: &str) -> bool {
    crate::modules::MODULES.iter().any(|m| m.0 == name) || crate::library::find(name).is_some()
}

/// What `dir` says, or nothing if it fails.
fn dir(th: &mut Thread, v: Value) -> R<Vec<String>> {
    let names = match th.call_special(v, Sp::Dir, &[]) {
        Ok(list) if list.is_null() => return Ok(vec![]),
        Ok(list) => th.collect_items(list),
        Err(fail) => Err(fail),
    };
    match names {
        Ok(names) => {
            let mut names: Vec<String> = names.iter().filter_map(|n| text(*n)).collect();
            names.sort();
            Ok(names)
        }
        Err(Fail::Raise) => {
            th.take_exc();
            Ok(vec![])
        }
        Err(fail) => Err(fail),
    }
}

fn import_names(th: &mut Thread, module: &str) -> R<Vec<String>> {
    let found = th.builtin("__import__").and_then(|import| {
        let name = th.str_value(module);
        th.call(import, &[name])
    });
    match found {
        Ok(module) => dir(th, module),
        Err(Fail::Raise) => {
            th.take_exc();
            Ok(vec![])
        }
        Err(fail) => Err(fail),
    }
}

/// The names that the innermost frame of the traceback saw.
fn scope_names(th: &mut Thread, exc: Ref<Exception>) -> R<Option<Vec<String>>> {
    let mut at = th.get(exc, &exc.traceback)?;
    let mut last = None;
    while let Some(tb) = at.native::<Traceback>() {
        last = Some(tb);
        at = th.get(tb, &tb.next)?;
    }
    let Some(tb) = last else { return Ok(None) };
    let mut out = vec![];
    if let Some(code) = tb.code.cast::<Code>() {
        let unit = &code.unit;
        let cells = unit.cellvars.iter().map(|c| &c.0);
        for name in unit.varnames.iter().chain(cells).chain(&unit.freevars) {
            out.push(name.to_string());
        }
    }
    if let Some(f) = tb.function.cast::<Function>() {
        for dict in [f.globals, f.builtins] {
            let dict = match dict.cast::<Module>() {
                Some(m) => m.dict(),
                None => match dict.cast() {
                    Some(d) => d,
                    None => continue,
                },
            };
            for (name, _) in dict.items(th)? {
                out.extend(text(name));
            }
        }
    }
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let names = |list: &[&str]| list.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert_eq!(
            nearest(&names(&["bluch", "noise"]), "blech"),
            Some("bluch".into())
        );
        assert_eq!(
            nearest(&names(&["append", "pop"]), "apend"),
            Some("append".into())
        );
        assert_eq!(nearest(&names(&["Name"]), "name"), Some("Name".into()));
        assert_eq!(nearest(&names(&["completely"]), "other"), None);
    }
}
