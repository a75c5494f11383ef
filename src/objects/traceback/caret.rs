//! The source lines of a traceback entry, with markers under the part that failed.
//!
//! `~` marks the part, and `^` within it what is essential: a binary operator, or the brackets of a call or subscript. The
//! rules are those of CPython 3.13 and later.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::code::Span;

/// A position: line (from 0) and column, in characters.
type Place = (usize, usize);

/// The part between the two places is essential.
struct Anchors {
    start: Place,
    end: Place,
}

/// Columns that a character takes on a terminal.
fn width(c: char) -> usize {
    let wide = matches!(c as u32,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0x33ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa000..=0xa4cf
        | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd);
    if wide { 2 } else { 1 }
}

fn display_width(line: &[char], offset: usize) -> usize {
    if line.iter().all(char::is_ascii) {
        return offset;
    }
    line.iter().take(offset).map(|c| width(*c)).sum()
}

/// The lines without the white space that all have in common.
fn dedent(lines: &[String]) -> Vec<String> {
    let indent_of =
        |l: &str| -> String { l.chars().take_while(|c| *c == ' ' || *c == '\t').collect() };
    let mut margin: Option<String> = None;
    for line in lines.iter().filter(|l| !l.trim().is_empty()) {
        let indent = indent_of(line);
        margin = Some(match margin {
            None => indent,
            Some(m) => m
                .chars()
                .zip(indent.chars())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect(),
        });
    }
    let margin = margin.unwrap_or_default().len();
    lines
        .iter()
        .map(|l| {
            if l.trim().is_empty() {
                String::new()
            } else {
                l[margin..].to_string()
            }
        })
        .collect()
}

/// Characters before byte `offset` of `line`.
fn chars_before(line: &str, offset: usize) -> usize {
    match line.get(..offset.min(line.len())) {
        Some(head) => head.chars().count(),
        None => line.char_indices().take_while(|(i, _)| *i < offset).count(),
    }
}

/// The lines to show for `span`, whose source lines `source` are; indentation is left to the caller.
pub fn marked_lines(source: &[String], span: Span) -> Vec<String> {
    let lines = dedent(source);
    let (Some(first), Some(last)) = (source.first(), source.last()) else {
        return vec![];
    };
    if lines.iter().all(|l| l.trim().is_empty()) {
        return vec![];
    }
    let removed = first.chars().count() - lines[0].chars().count();
    let start = chars_before(first, span.col as usize).saturating_sub(removed);
    let end = chars_before(last, span.end_col as usize).saturating_sub(removed);
    let lines: Vec<Vec<char>> = lines.iter().map(|l| l.chars().collect()).collect();
    let last_line = lines.len() - 1;
    let segment = segment(&lines, start, end);
    let mut anchors = find_anchors(&segment);
    let carets = show_carets(&lines, start, end, anchors.is_some());
    let (shown_start, shown_end) = (
        display_width(&lines[0], start),
        display_width(&lines[last_line], end),
    );
    let mut significant = vec![0, last_line];
    if let Some(a) = &mut anchors {
        for (line, col) in [&mut a.start, &mut a.end] {
            if *line == 0 {
                *col += start;
            }
            *col = display_width(&lines[*line], *col);
            significant.extend([line.wrapping_sub(1), *line, *line + 1]);
        }
    }
    significant.retain(|l| *l <= last_line);
    significant.sort_unstable();
    significant.dedup();
    let mut out = vec![];
    let put = |out: &mut Vec<String>, at: usize| {
        let line = &lines[at];
        out.push(line.iter().collect());
        if !carets {
            return;
        }
        let indent = line.iter().take_while(|c| c.is_whitespace()).count();
        let columns = if at == last_line {
            shown_end
        } else {
            display_width(line, line.len())
        };
        let marks: String = (0..columns)
            .map(|col| {
                if col < indent || (at == 0 && col < shown_start) {
                    return ' ';
                }
                match &anchors {
                    None => '^',
                    Some(a) if (at, col) >= a.start && (at, col) < a.end => '^',
                    Some(_) => '~',
                }
            })
            .collect();
        out.push(marks);
    };
    for (i, &at) in significant.iter().enumerate() {
        if i > 0 {
            match at - significant[i - 1] {
                2 => put(&mut out, at - 1),
                n if n > 2 => out.push(format!("...<{} lines>...", n - 1)),
                _ => {}
            }
        }
        put(&mut out, at);
    }
    dedent(&out)
}

/// The text from `start` in the first line to `end` in the last.
fn segment(lines: &[Vec<char>], start: usize, end: usize) -> Vec<Vec<char>> {
    let mut segment = lines.to_vec();
    let last = segment.len() - 1;
    let end = end.min(segment[last].len());
    segment[last].truncate(end);
    let start = start.min(segment[0].len());
    segment[0].drain(..start);
    segment
}

/// Are markers of use? Not where they would underline everything there is.
fn show_carets(lines: &[Vec<char>], start: usize, end: usize, anchored: bool) -> bool {
    if is_whole_call(lines, start, end) {
        return false;
    }
    if anchored {
        return true;
    }
    let last = &lines[lines.len() - 1];
    let before = lines[0].iter().take(start).any(|c| !c.is_whitespace());
    let after = last.iter().skip(end).any(|c| !c.is_whitespace());
    before || after
}

/// Is the statement `return f(...)` or `x = f(...)`, and the part the whole call?
fn is_whole_call(lines: &[Vec<char>], start: usize, end: usize) -> bool {
    let text: Vec<String> = lines.iter().map(|l| l.iter().collect()).collect();
    let text = text.join("\n");
    let Ok(parsed) = ruff_python_parser::parse_module(&text) else {
        return false;
    };
    let call = match parsed.syntax().body.first() {
        Some(Stmt::Return(r)) => match r.value.as_deref() {
            Some(Expr::Call(call)) if call.func.is_name_expr() => call,
            _ => return false,
        },
        Some(Stmt::Assign(a)) => match (&a.targets[..], &*a.value) {
            ([target], Expr::Call(call)) if target.is_name_expr() => call,
            _ => return false,
        },
        _ => return false,
    };
    let last = &lines[lines.len() - 1];
    let bytes = |line: &[char], chars: usize| -> usize {
        line.iter().take(chars).map(|c| c.len_utf8()).sum()
    };
    let whole_end = text.len() - bytes(last, last.len()) + bytes(last, end);
    call.start().to_usize() == bytes(&lines[0], start) && call.end().to_usize() == whole_end
}

/// The essential part of an expression.
fn find_anchors(segment: &[Vec<char>]) -> Option<Anchors> {
    let text: Vec<String> = segment.iter().map(|l| l.iter().collect()).collect();
    // In parentheses it may go over several lines.
    let source = format!("(\n{}\n)", text.join("\n"));
    let parsed = ruff_python_parser::parse_module(&source).ok()?;
    let [Stmt::Expr(statement)] = &parsed.syntax().body[..] else {
        return None;
    };
    // From an offset of the source to a place in the segment, which begins in its second line.
    let place = |offset: usize| -> Place {
        let mut rest = offset - 2;
        for (i, line) in text.iter().enumerate() {
            if rest <= line.len() {
                return (i, chars_before(line, rest));
            }
            rest -= line.len() + 1;
        }
        (text.len() - 1, 0)
    };
    match &*statement.value {
        Expr::BinOp(e) => {
            let from = valid(segment, place(e.left.end().to_usize()))?;
            let (line, col) = seek(segment, from, |c| !c.is_whitespace() && c != ')')?;
            let right = place(e.right.start().to_usize());
            let next = segment[line].get(col + 1);
            let two = (right.0 > line || col + 1 < right.1)
                && next.is_some_and(|c| !c.is_whitespace() && *c != '\\' && *c != '#');
            Some(Anchors {
                start: (line, col),
                end: (line, col + 1 + usize::from(two)),
            })
        }
        Expr::Subscript(e) => {
            let from = valid(segment, place(e.value.end().to_usize()))?;
            let start = seek(segment, from, |c| c == '[')?;
            Some(Anchors {
                start,
                end: place(e.end().to_usize()),
            })
        }
        Expr::Call(e) => {
            let from = valid(segment, place(e.func.end().to_usize()))?;
            let start = seek(segment, from, |c| c == '(')?;
            Some(Anchors {
                start,
                end: place(e.end().to_usize()),
            })
        }
        _ => None,
    }
}

/// The place itself, or the next that has a character.
fn valid(lines: &[Vec<char>], (mut line, mut col): Place) -> Option<Place> {
    while col >= lines.get(line)?.len() {
        (line, col) = (line + 1, 0);
    }
    Some((line, col))
}

/// The first place from `at` on whose character satisfies `stop`; comments and continuations are passed over.
fn seek(lines: &[Vec<char>], mut at: Place, stop: impl Fn(char) -> bool) -> Option<Place> {
    loop {
        let c = lines[at.0][at.1];
        if c == '\\' || c == '#' {
            at = valid(lines, (at.0 + 1, 0))?;
        } else if stop(c) {
            return Some(at);
        } else {
            at = valid(lines, (at.0, at.1 + 1))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(source: &str, part: &str) -> String {
        let at = source.find(part).expect("the part is in the source");
        let lines: Vec<String> = source.lines().map(str::to_string).collect();
        let col = at - source[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = at + part.len();
        let end_col = end - source[..end].rfind('\n').map_or(0, |n| n + 1);
        let span = Span {
            line: 1,
            end_line: lines.len() as u32,
            col: col as u32,
            end_col: end_col as u32,
        };
        marked_lines(&lines, span).join("\n")
    }

    #[test]
    fn operators_subscripts_and_calls() {
        assert_eq!(show("    x = a / b", "a / b"), "x = a / b\n    ~~^~~");
        assert_eq!(show("a // (b)", "a // (b)"), "a // (b)\n~~^^~~~~");
        assert_eq!(
            show("y = d['k'][0]", "d['k'][0]"),
            "y = d['k'][0]\n    ~~~~~~^^^"
        );
        assert_eq!(show("f(1) + g(2)", "g(2)"), "f(1) + g(2)\n       ~^^^");
        assert_eq!(show("print(foo)", "foo"), "print(foo)\n      ^^^");
    }

    #[test]
    fn no_markers_under_a_whole_line() {
        assert_eq!(
            show("raise ValueError", "raise ValueError"),
            "raise ValueError"
        );
        assert_eq!(show("return f(1)", "f(1)"), "return f(1)");
        assert_eq!(show("x = o.f(1)", "o.f(1)"), "x = o.f(1)");
        assert_eq!(
            show("return o.f(1)", "o.f(1)"),
            "return o.f(1)\n       ~~~^^^"
        );
        assert_eq!(show("f(1)", "f(1)"), "f(1)\n~^^^");
    }

    #[test]
    fn several_lines() {
        let source = "    f(\n        1,\n        2,\n        3,\n        4,\n    )";
        assert_eq!(
            show(source, source.trim_start()),
            "f(\n~^\n    1,\n    ^^\n...<2 lines>...\n    4,\n    ^^\n)\n^"
        );
    }
}
