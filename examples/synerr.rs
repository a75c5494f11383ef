use keelback::compile::{Mode, Options, compile};
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    for case in text.split("\u{1}") {
        match compile(case, &Options::new(Mode::Exec, "<t>")) {
            Ok(_) => println!("OK"),
            Err(e) => println!("{:?}\t{}\t{}\t{}\t{}\t{}", e.kind, e.msg.replace('\n', "\\n"), e.line, e.col, e.end_line, e.end_col),
        }
    }
}
