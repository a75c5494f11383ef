//! A report as text, as JSON, and as one page that needs nothing else.

use std::fmt::Write as _;

use super::rank::{Line, Report};

/// The page without its data.
const PAGE: &str = include_str!("page.html");
/// Where the data goes.
const PLACE: &str = "\"@DATA@\"";

/// A number with its thousands set apart.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time as people read it.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.0} us", s * 1e6),
    }
}

/// Data for a script element of a page: nothing in it ends that element.
pub fn for_page(data: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(data).expect("plain data");
    json.replace("</", "<\\/").replace("<!--", "<\\u0021--")
}

impl Report {
    /// The report as text, with at most so many conflicts.
    pub fn text(&self, limit: usize) -> String {
        let mut out = String::new();
        let t = &self.totals;
        let threads = match self.threads.len() {
            1 => "1 thread".to_string(),
            n => format!("{n} threads"),
        };
        // Writing to a string does not fail, here and below.
        let _ = writeln!(
            out,
            "{}: {}, {threads}, {} blocks, {} rolled back ({:.1} %)",
            self.program,
            time(self.duration),
            grouped(t.blocks),
            grouped(t.aborts),
            100.0 * t.aborts as f64 / t.blocks.max(1) as f64,
        );
        let _ = writeln!(
            out,
            "time of all threads: ran {}, lost {}, waited {}, irrevocable {}, collected {}",
            time(t.run),
            time(t.lost),
            time(t.waiting),
            time(t.irrevocable),
            time(t.collecting),
        );
        if !self.note.is_empty() {
            let _ = writeln!(out, "{}", self.note);
        }
        if self.conflicts.is_empty() {
            out.push_str("no conflicts\n");
        }
        for (i, c) in self.conflicts.iter().take(limit).enumerate() {
            let object = if c.object.is_empty() {
                String::new()
            } else {
                format!(", {}", c.object)
            };
            let _ = writeln!(
                out,
                "\n{:>3}. {} lost ({:.0} %), {} times: {}{object}",
                i + 1,
                time(c.lost),
                100.0 * c.share,
                grouped(c.count),
                c.kind,
            );
            for (name, line) in [("here", &c.here), ("other", &c.other)] {
                show_line(&mut out, name, line.as_ref());
            }
            let _ = writeln!(out, "     hint: {}", c.hint);
        }
        let left = self.conflicts.len().saturating_sub(limit);
        if left > 0 {
            let _ = writeln!(out, "\nand {left} more (--limit)");
        }
        out
    }

    /// The report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data")
    }

    /// The report as a page.
    pub fn html(&self) -> String {
        PAGE.replacen(PLACE, &for_page(self), 1)
    }
}

fn show_line(out: &mut String, name: &str, line: Option<&Line>) {
    let Some(line) = line else {
        let _ = writeln!(out, "     {name:<6} unknown");
        return;
    };
    let (file, at, function) = (&line.file, line.line, &line.function);
    let _ = writeln!(out, "     {name:<6} {file}:{at} in {function}");
    for (n, text) in (line.first..).zip(&line.code) {
        let mark = if n == at { '>' } else { ' ' };
        let _ = writeln!(out, "          {mark} {n:>4} | {text}");
    }
}
