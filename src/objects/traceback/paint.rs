//! Colours of a traceback on a terminal, those that CPython has since 3.13.

/// Whether text gets colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Coloured,
}

const PLACE: &str = "\x1b[35m";
const KIND: &str = "\x1b[1;35m";
const MARKED: &str = "\x1b[1;31m";
const NEAR: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

impl Paint {
    fn with(self, colour: &str, text: &str) -> String {
        match self {
            Paint::Coloured if !text.is_empty() => format!("{colour}{text}{RESET}"),
            _ => text.to_string(),
        }
    }

    /// A file, a line number, the name of a function.
    pub fn place(self, text: impl std::fmt::Display) -> String {
        self.with(PLACE, &text.to_string())
    }

    /// The class of an exception.
    pub fn kind(self, text: &str) -> String {
        self.with(KIND, text)
    }

    /// What an exception says. Each line for itself: a margin may come between them.
    pub fn message(self, text: &str) -> String {
        let lines: Vec<String> = text.split('\n').map(|l| self.with(PLACE, l)).collect();
        lines.join("\n")
    }

    /// Source lines, some with a line of marks below: the marks, and what stands above them.
    pub fn source(self, lines: &[String]) -> Vec<String> {
        if self == Paint::Plain {
            return lines.to_vec();
        }
        let mut out: Vec<String> = vec![];
        let mut above: Option<&String> = None;
        for line in lines {
            let is_marks = !line.trim().is_empty()
                && line.trim().chars().all(|c| c == '^' || c == '~')
                && above.is_some_and(|a| a.is_ascii());
            if let (true, Some(source)) = (is_marks, above) {
                out.pop();
                out.push(pieces(source, line));
                out.push(pieces(line, line));
                above = None;
            } else {
                out.push(line.clone());
                above = Some(line);
            }
        }
        out
    }
}

/// `text`, coloured as the marks in the same columns say.
fn pieces(text: &str, marks: &str) -> String {
    let colour = |at: usize| match marks.as_bytes().get(at) {
        Some(b'^') => MARKED,
        Some(b'~') => NEAR,
        _ => "",
    };
    let mut out = String::new();
    let mut now = "";
    for (at, c) in text.chars().enumerate() {
        let wanted = colour(at);
        if wanted != now {
            if !now.is_empty() {
                out.push_str(RESET);
            }
            out.push_str(wanted);
            now = wanted;
        }
        out.push(c);
    }
    if !now.is_empty() {
        out.push_str(RESET);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_coloured() {
        let lines = ["x = a + b".to_string(), "    ~~^~~".to_string()];
        assert_eq!(
            Paint::Coloured.source(&lines),
            [
                "x = \x1b[31ma \x1b[0m\x1b[1;31m+\x1b[0m\x1b[31m b\x1b[0m",
                "    \x1b[31m~~\x1b[0m\x1b[1;31m^\x1b[0m\x1b[31m~~\x1b[0m",
            ]
        );
        assert_eq!(Paint::Plain.source(&lines), lines);
        // Not all that looks like marks are some, and columns are not counted where characters are wide.
        let other = ["x = '日本'".to_string(), "    ^^^^^^".to_string()];
        assert_eq!(Paint::Coloured.source(&other), other);
        assert_eq!(
            Paint::Coloured.message("a\n\nb"),
            "\x1b[35ma\x1b[0m\n\n\x1b[35mb\x1b[0m"
        );
    }
}
