//! The plots of `keelback overhead`, as SVG: elapsed time by mode, and the processor time in its parts.

use std::fmt::Write as _;

use super::overhead::Overhead;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 190.0;
const ROW: f64 = 26.0;
/// Told apart by people who see colours differently (Okabe and Ito).
const COLOURS: [&str; 7] = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#999999",
];

/// Text in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

struct Svg {
    body: String,
    y: f64,
}

impl Svg {
    fn text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">{}</text>",
            escaped(text)
        );
    }
    fn bar(&mut self, x: f64, width: f64, colour: &str, title: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"><title>{}</title></rect>",
            self.y + 4.0,
            width.max(0.5),
            ROW - 8.0,
            escaped(title)
        );
    }
    fn line(&mut self, x1: f64, x2: f64) {
        let y = self.y + ROW / 2.0;
        let _ = writeln!(
            self.body,
            "<line x1=\"{x1:.1}\" x2=\"{x2:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" class=\"spread\"/>"
        );
    }
}

impl Overhead {
    /// Both plots in one drawing.
    pub fn svg(&self) -> String {
        let mut svg = Svg {
            body: String::new(),
            y: 30.0,
        };
        let room = WIDTH - LEFT - 90.0;
        svg.text(
            10.0,
            20.0,
            "title",
            &format!("{}: elapsed seconds", self.script),
        );
        let most = self
            .rows
            .iter()
            .map(|r| r.wall.greatest)
            .fold(1e-9, f64::max);
        for row in &self.rows {
            let middle = svg.y + ROW / 2.0 + 4.0;
            svg.text(
                10.0,
                middle,
                "label",
                &format!("{}, {} thr.", row.with, row.threads),
            );
            let colour = match row.with.as_str() {
                "stm" => COLOURS[0],
                "gil" => COLOURS[1],
                "off" => COLOURS[2],
                _ => COLOURS[6],
            };
            let at = |seconds: f64| LEFT + seconds / most * room;
            let title = format!("{:.3} s", row.wall.median);
            svg.bar(LEFT, at(row.wall.median) - LEFT, colour, &title);
            svg.line(at(row.wall.least), at(row.wall.greatest));
            svg.text(at(row.wall.greatest) + 6.0, middle, "value", &title);
            svg.y += ROW;
        }
        svg.y += 40.0;
        svg.text(
            10.0,
            svg.y - 10.0,
            "title",
            "Processor seconds of mode stm, in parts",
        );
        let whole = |b: &super::overhead::Breakdown| b.measured.greatest.max(b.sum);
        let most = self.breakdown.iter().map(whole).fold(1e-9, f64::max);
        let mut names: Vec<String> = Vec::new();
        for b in &self.breakdown {
            let middle = svg.y + ROW / 2.0 + 4.0;
            svg.text(10.0, middle, "label", &format!("{} threads", b.threads));
            let mut x = LEFT;
            for part in &b.parts {
                let index = names.iter().position(|n| *n == part.name);
                let index = index.unwrap_or_else(|| {
                    names.push(part.name.clone());
                    names.len() - 1
                });
                let width = part.seconds.max(0.0) / most * room;
                let title = format!("{}: {:.3} s", part.name, part.seconds);
                svg.bar(x, width, COLOURS[index % COLOURS.len()], &title);
                x += width;
            }
            let at = |seconds: f64| LEFT + seconds / most * room;
            svg.line(at(b.measured.least), at(b.measured.greatest));
            let note = if b.adds_up {
                ""
            } else {
                " (parts do not add up)"
            };
            svg.text(
                at(whole(b)) + 6.0,
                middle,
                "value",
                &format!("{:.3} s{note}", b.measured.median),
            );
            svg.y += ROW;
        }
        svg.y += 10.0;
        let mut x = LEFT;
        for (i, name) in names.iter().enumerate() {
            let width = 24.0 + 7.0 * name.len() as f64;
            if x + width > WIDTH {
                x = LEFT;
                svg.y += 20.0;
            }
            let (y, colour) = (svg.y, COLOURS[i % COLOURS.len()]);
            let _ = writeln!(
                svg.body,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"
            );
            svg.text(x + 16.0, y + 10.5, "value", name);
            x += width;
        }
        let height = svg.y + 30.0;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
            <style>text{{font:13px sans-serif;fill:#222}}.title{{font-weight:bold;font-size:15px}}.value{{font-size:12px;fill:#555}}\
            .spread{{stroke:#222;stroke-width:1.5}}</style>\n\
            <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}</svg>\n",
            svg.body
        )
    }

    /// The plots and the table on one page that needs nothing else.
    pub fn html(&self) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>keelback overhead: {0}</title>\n\
            <style>body{{font-family:sans-serif;max-width:900px;margin:2em auto;padding:0 1em}}pre{{overflow-x:auto}}</style>\n\
            <h1>What STM costs: {0}</h1>\n{1}\n<pre>{2}</pre>\n</html>\n",
            escaped(&self.script),
            self.svg(),
            escaped(&self.text())
        )
    }
}
