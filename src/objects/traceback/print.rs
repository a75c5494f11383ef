//! The text of an exception as the interpreter prints it when nobody catches it.

use super::caret::marked_lines;
use super::paint::Paint;
use super::suggest;
use super::text;
use crate::code::Span;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::exception::Exception;
use crate::objects::function::Code;
use crate::objects::list::List;
use crate::objects::native::tuple_items;

/// Equal entries that are shown before the rest is only counted.
const REPEATS: usize = 3;
/// Members of a group that are shown, and how deep groups go.
const GROUP_WIDTH: usize = 15;
const GROUP_DEPTH: usize = 10;

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

/// The traceback and text of an exception, with those that led to it.
///
/// # Errors
/// `Abort` alone, unless the machine stack ends: what `__str__` and others raise shows in the text.
pub fn format_exception(th: &mut Thread, exc: Value, paint: Paint) -> R<String> {
    let mut printer = Printer {
        paint,
        out: String::new(),
        depth: 0,
        need_close: false,
        seen: vec![],
    };
    printer.chain(th, exc)?;
    Ok(printer.out)
}

/// The last lines alone: class and text, or the place of a syntax error, and the notes.
pub fn format_exception_only(th: &mut Thread, exc: Value) -> R<String> {
    match exc.cast::<Exception>() {
        Some(e) => final_lines(th, e, Paint::Plain),
        None => Ok(String::new()),
    }
}

struct Printer {
    paint: Paint,
    out: String,
    /// How deep in groups we are.
    depth: usize,
    /// The frame around a group is still open at the bottom.
    need_close: bool,
    seen: Vec<Value>,
}

impl Printer {
    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    /// Appends text, each line behind the margin of the group that it is in.
    fn emit(&mut self, text: &str, margin: char) {
        let mut indent = self.indent();
        if self.depth > 0 {
            indent.push(margin);
            indent.push(' ');
        }
        for line in text.split_inclusive('\n') {
            self.out.push_str(&indent);
            self.out.push_str(line);
        }
    }

    /// Prints an exception behind those that led to it.
    fn chain(&mut self, th: &mut Thread, exc: Value) -> R<()> {
        let mut list = vec![];
        let mut at = exc;
        while let Some(e) = at.cast::<Exception>() {
            self.seen.push(at);
            let (cause, context, suppress) = th.read(e, |e| {
                (e.cause.peek(), e.context.peek(), e.suppress.peek() != 0)
            })?;
            let (message, next) = if !cause.is_null() && !self.seen.contains(&cause) {
                (CAUSE, cause)
            } else if !context.is_null() && !suppress && !self.seen.contains(&context) {
                (CONTEXT, context)
            } else {
                ("", Value::NULL)
            };
            list.push((message, e));
            at = next;
        }
        for &(message, e) in list.iter().rev() {
            if !message.is_empty() {
                self.emit(message, '|');
            }
            self.one(th, e)?;
        }
        Ok(())
    }

    fn one(&mut self, th: &mut Thread, e: Ref<Exception>) -> R<()> {
        th.check_stack()?;
        let group = th.rt.types().exceptions.base_exception_group;
        let stack = stack(th, e, self.paint)?;
        if !th.is_instance(e.value(), group) {
            if !stack.is_empty() {
                self.emit("Traceback (most recent call last):\n", '|');
                self.emit(&stack, '|');
            }
            let last = final_lines(th, e, self.paint)?;
            self.emit(&last, '|');
            return Ok(());
        }
        if self.depth > GROUP_DEPTH {
            self.emit(&format!("... (max_group_depth is {GROUP_DEPTH})\n"), '|');
            return Ok(());
        }
        let top = self.depth == 0;
        if top {
            self.depth = 1;
        }
        if !stack.is_empty() {
            let margin = if top { '+' } else { '|' };
            self.emit(
                "Exception Group Traceback (most recent call last):\n",
                margin,
            );
            self.emit(&stack, '|');
        }
        let last = final_lines(th, e, self.paint)?;
        self.emit(&last, '|');
        self.members(th, e)?;
        if top {
            self.depth = 0;
        }
        Ok(())
    }

    fn members(&mut self, th: &mut Thread, e: Ref<Exception>) -> R<()> {
        let members = th.group_members(e.value())?;
        let shown = members.len().min(GROUP_WIDTH + 1);
        self.need_close = false;
        for (i, member) in members.iter().take(shown).enumerate() {
            let last = i + 1 == shown;
            if last {
                // A group within may close the frame too.
                self.need_close = true;
            }
            let cut = i >= GROUP_WIDTH;
            let title = if cut {
                "...".to_string()
            } else {
                (i + 1).to_string()
            };
            let lead = if i == 0 { "+-" } else { "  " };
            let indent = self.indent();
            self.out.push_str(&format!(
                "{indent}{lead}+---------------- {title} ----------------\n"
            ));
            self.depth += 1;
            if cut {
                let rest = members.len() - GROUP_WIDTH;
                let s = if rest > 1 { "s" } else { "" };
                self.emit(&format!("and {rest} more exception{s}\n"), '|');
            } else {
                self.chain(th, *member)?;
            }
            if last && self.need_close {
                let indent = self.indent();
                self.out
                    .push_str(&format!("{indent}+------------------------------------\n"));
                self.need_close = false;
            }
            self.depth -= 1;
        }
        Ok(())
    }
}

/// The entries of the traceback.
fn stack(th: &mut Thread, e: Ref<Exception>, paint: Paint) -> R<String> {
    let mut out = String::new();
    let mut last: Option<(String, u32, String)> = None;
    let mut count = 0;
    let mut files: Vec<(String, Option<Vec<String>>)> = vec![];
    for (code, lasti, line) in th.traceback_entries(e)? {
        let span = code.unit.span_at(lasti);
        let line = if span.line == 0 { line } else { span.line };
        let key = (code.unit.filename.clone(), line, code.unit.name.to_string());
        if last.as_ref() != Some(&key) {
            repeated(&mut out, count);
            count = 0;
            last = Some(key);
        }
        count += 1;
        if count <= REPEATS {
            out.push_str(&entry(th, code, span, line, &mut files, paint));
        }
    }
    repeated(&mut out, count);
    Ok(out)
}

fn repeated(out: &mut String, count: usize) {
    if count > REPEATS {
        let more = count - REPEATS;
        let s = if more > 1 { "s" } else { "" };
        out.push_str(&format!("  [Previous line repeated {more} more time{s}]\n"));
    }
}

fn entry(
    th: &Thread,
    code: Ref<Code>,
    span: Span,
    line: u32,
    files: &mut Vec<(String, Option<Vec<String>>)>,
    paint: Paint,
) -> String {
    let unit = &code.unit;
    let mut out = format!(
        "  File {}, line {}, in {}\n",
        paint.place(format_args!("\"{}\"", unit.filename)),
        paint.place(line),
        paint.place(&unit.name)
    );
    if !files.iter().any(|f| f.0 == unit.filename) {
        let lines = th.source_lines(&unit.filename);
        files.push((unit.filename.clone(), lines));
    }
    let Some((_, Some(lines))) = files.iter().find(|f| f.0 == unit.filename) else {
        return out;
    };
    let first = line as usize;
    let last = span.end_line.max(line) as usize;
    if first == 0 || last > lines.len() {
        return out;
    }
    let source = &lines[first - 1..last];
    let shown = if span.line == 0 {
        vec![source[0].trim().to_string()]
    } else {
        marked_lines(source, span)
    };
    for line in paint
        .source(&shown)
        .iter()
        .filter(|_| !shown[0].is_empty() || shown.len() > 1)
    {
        out.push_str(&format!("    {line}\n"));
    }
    out
}

impl Thread {
    /// The lines of a source file: one that was registered, one of the library that is built in, or one on disk.
    pub fn source_lines(&self, filename: &str) -> Option<Vec<String>> {
        let text = match self.rt.state.source(filename) {
            Some(text) => text.to_string(),
            None => {
                let on_disk = || {
                    let granted = self.may_load(std::path::Path::new(filename));
                    granted.then(|| std::fs::read(filename).ok()).flatten()
                };
                let bytes = crate::library::read_path(filename).or_else(on_disk)?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        // Lines end as the compiler has them: at newlines alone.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Some(text.split('\n').map(str::to_string).collect())
    }

    /// `str(v)` (or another text), or a word about its failure.
    fn safe_text(
        &mut self,
        v: Value,
        what: &str,
        how: fn(&mut Thread, Value) -> R<Ref<crate::objects::string::Str>>,
        name: &str,
    ) -> R<String> {
        match how(self, v) {
            Ok(s) => Ok(s.to_string()),
            Err(Fail::Raise) => {
                self.take_exc();
                Ok(format!("<{what} {name}() failed>"))
            }
            Err(fail) => Err(fail),
        }
    }
}

/// The class of an exception as the last line shows it.
fn class_text(th: &mut Thread, v: Value) -> R<String> {
    let class = th.class_of(v);
    let qualname = th.get(class, &class.qualname)?;
    let qualname = text(qualname).unwrap_or_default();
    let module = th.class_module(class)?;
    Ok(match text(module).as_deref() {
        Some("builtins" | "__main__") => qualname,
        Some(module) => format!("{module}.{qualname}"),
        None => format!("<unknown>.{qualname}"),
    })
}

fn final_lines(th: &mut Thread, e: Ref<Exception>, paint: Paint) -> R<String> {
    let v = e.value();
    let class = class_text(th, v)?;
    let mut out = if th.is_instance(v, th.rt.types().exceptions.syntax_error) {
        syntax_error(th, e, &class, paint)?
    } else {
        let mut message = th.safe_text(v, "exception", Thread::to_str, "str")?;
        message.push_str(&suggest::hint(th, e)?);
        let class = paint.kind(&class);
        if message.is_empty() {
            format!("{class}\n")
        } else {
            format!("{class}: {}\n", paint.message(&message))
        }
    };
    let name = th.intern_value("__notes__");
    let notes = match th.get_attr_opt(v, name) {
        Err(Fail::Raise) => {
            let error = th.take_exc();
            let error = th.safe_text(error, "__notes__", Thread::repr, "repr")?;
            out.push_str(&format!("Ignored error getting __notes__: {error}\n"));
            return Ok(out);
        }
        notes => notes?,
    };
    let list = match notes.cast::<List>() {
        Some(list) => list.items(th)?,
        None if notes.is_null() || notes.is_none() => vec![],
        None if notes.kind() == crate::heap::Kind::Tuple => tuple_items(notes).to_vec(),
        None => {
            let notes = th.safe_text(notes, "__notes__", Thread::repr, "repr")?;
            out.push_str(&format!("{notes}\n"));
            vec![]
        }
    };
    for note in list {
        let note = th.safe_text(note, "note", Thread::to_str, "str")?;
        for line in note.split('\n') {
            out.push_str(&format!("{line}\n"));
        }
    }
    Ok(out)
}

fn syntax_error(th: &mut Thread, e: Ref<Exception>, class: &str, paint: Paint) -> R<String> {
    let words = th.read(e, |e| [0, 1, 2, 3, 4, 5, 6].map(|i| e.extra[i].peek()))?;
    let [
        message,
        filename,
        line,
        offset,
        source,
        end_line,
        end_offset,
    ] = words;
    let number = |v: Value| v.as_int();
    let mut out = String::new();
    let mut suffix = String::new();
    let file = text(filename);
    if let Some(line) = number(line) {
        let file = file
            .as_deref()
            .filter(|f| !f.is_empty())
            .unwrap_or("<string>");
        let file = paint.place(format_args!("\"{file}\""));
        let line = paint.place(line);
        out.push_str(&format!("  File {file}, line {line}\n"));
    } else if let Some(file) = file {
        suffix = format!(" ({file})");
    }
    if let Some(source) = text(source) {
        let whole: Vec<char> = source.chars().collect();
        let right: Vec<char> = source.trim_end_matches('\n').chars().collect();
        let left: Vec<char> = {
            let trimmed: String = right.iter().collect();
            trimmed
                .trim_start_matches([' ', '\n', '\x0c'])
                .chars()
                .collect()
        };
        let spaces = (right.len() - left.len()) as i64;
        let shown: String = left.iter().collect();
        let mut lines = vec![shown];
        if let Some(mut offset) = number(offset) {
            let mut end = if number(line) == number(end_line) {
                number(end_offset).filter(|n| *n != 0).unwrap_or(offset)
            } else {
                right.len() as i64 + 1
            };
            if !whole.is_empty() && offset > whole.len() as i64 {
                offset = right.len() as i64 + 1;
            }
            if !whole.is_empty() && end > whole.len() as i64 {
                end = right.len() as i64 + 1;
            }
            if offset >= end || end < 0 {
                end = offset + 1;
            }
            let (col, end_col) = (offset - 1 - spaces, end - 1 - spaces);
            if col >= 0 {
                // Tabs and the like stay, so that the marks stand below what they mark.
                let lead: String = left
                    .iter()
                    .take(col as usize)
                    .map(|c| if c.is_whitespace() { *c } else { ' ' })
                    .collect();
                let marks = "^".repeat((end_col - col) as usize);
                lines.push(format!("{lead}{marks}"));
            }
        }
        for line in paint.source(&lines) {
            out.push_str(&format!("    {line}\n"));
        }
    }
    let message = if message.is_null() || message.is_none() {
        "<no detail available>".to_string()
    } else {
        th.safe_text(message, "exception", Thread::to_str, "str")?
    };
    let message = paint.message(&format!("{message}{suffix}"));
    out.push_str(&format!("{}: {message}\n", paint.kind(class)));
    Ok(out)
}
