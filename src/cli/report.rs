//! `keelback report`: reads a log of `--stm-log`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::report::log::Run;
use crate::report::rank::Report;

pub fn command() -> Command {
    Command::new("report")
        .about("Says which lines of a program were in each other's way, from the log that `keelback --stm-log FILE script.py` has written")
        .arg(
            Arg::new("log")
                .value_name("FILE")
                .help("the log")
                .required(true)
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("N")
                .help("show at most so many conflicts")
                .default_value("10")
                .value_parser(value_parser!(usize)),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .help("print all of it as JSON")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("html")
                .long("html")
                .value_name("OUT")
                .help("write one self-contained page: timeline, ranking, lengths of blocks")
                .value_parser(value_parser!(PathBuf)),
        )
}

/// The exit status.
pub fn run(arguments: &ArgMatches) -> i32 {
    let path: &PathBuf = arguments.get_one("log").expect("it is required");
    let shown = path.display();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) => return super::tools::fail(&format!("cannot read '{shown}': {e}")),
    };
    // What is cut within a character is cut before it.
    let run = match Run::parse(&String::from_utf8_lossy(&bytes)) {
        Ok(run) => run,
        Err(e) => return super::tools::fail(&format!("'{shown}', {e}")),
    };
    let report = Report::of(&run);
    let html: Option<&PathBuf> = arguments.get_one("html");
    if let Some(out) = html
        && let Err(e) = std::fs::write(out, report.html())
    {
        return super::tools::fail(&format!("cannot write '{}': {e}", out.display()));
    }
    if arguments.get_flag("json") {
        super::tools::print(&report.json())
    } else if html.is_none() {
        let limit: &usize = arguments.get_one("limit").expect("it has a default");
        super::tools::print(&report.text(*limit))
    } else {
        0
    }
}
