//! `keelback overhead`: measures what STM costs a script.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::report::overhead::Plan;

pub fn command() -> Command {
    let file = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("OUT")
            .help(help)
            .value_parser(value_parser!(PathBuf))
    };
    Command::new("overhead")
        .about("Measures what STM costs a script: runs it in all modes and with several numbers of threads, taking turns")
        .after_help("The script reads how many threads it shall use from the environment variable KEELBACK_THREADS.")
        .arg(
            Arg::new("threads")
                .long("threads")
                .value_name("N,N")
                .help("numbers of threads")
                .default_value("1,2")
                .value_delimiter(',')
                .value_parser(value_parser!(u16).range(1..=1024)),
        )
        .arg(
            Arg::new("rounds")
                .long("rounds")
                .value_name("N")
                .help("how often everything is measured")
                .default_value("5")
                .value_parser(value_parser!(u16).range(1..)),
        )
        .arg(
            Arg::new("against")
                .long("against")
                .value_name("PYTHON")
                .help("another interpreter, as further rows; may be given more than once")
                .action(ArgAction::Append),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .help("print the result as JSON")
                .action(ArgAction::SetTrue),
        )
        .arg(file("html", "write a page with plots"))
        .arg(file("svg", "write the plots"))
        .arg(
            Arg::new("script")
                .value_name("SCRIPT [ARG]...")
                .help("what to run")
                .required(true)
                .num_args(1..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .value_parser(value_parser!(OsString)),
        )
}

/// The exit status.
pub fn run(arguments: &ArgMatches) -> i32 {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(e) => return super::tools::fail(&format!("cannot find the interpreter itself: {e}")),
    };
    let many = |name: &str| arguments.get_many::<u16>(name).into_iter().flatten();
    let mut threads: Vec<usize> = many("threads").map(|&n| usize::from(n)).collect();
    threads.sort_unstable();
    threads.dedup();
    let rounds: u16 = *arguments.get_one("rounds").expect("it has a default");
    let strings = |name: &str| arguments.get_many::<String>(name).into_iter().flatten();
    let script = arguments.get_many::<OsString>("script");
    let plan = Plan {
        program,
        script: script.expect("it is required").cloned().collect(),
        threads,
        rounds: usize::from(rounds),
        against: strings("against").cloned().collect(),
    };
    let terminal = std::io::stderr().is_terminal();
    let tell = |done: usize, all: usize| {
        if terminal {
            let full = done * 24 / all.max(1);
            eprint!(
                "\r[{}{}] {done}/{all}\x1b[K",
                "#".repeat(full),
                ".".repeat(24 - full)
            );
            // There is nowhere to tell that the bar cannot be shown.
            let _ = std::io::stderr().flush();
        }
    };
    let found = plan.run(tell);
    if terminal {
        eprint!("\r\x1b[K");
    }
    let found = match found {
        Ok(found) => found,
        Err(e) => return super::tools::fail(&e),
    };
    for (name, text) in [("html", found.html()), ("svg", found.svg())] {
        if let Some(out) = arguments.get_one::<PathBuf>(name)
            && let Err(e) = std::fs::write(out, text)
        {
            return super::tools::fail(&format!("cannot write '{}': {e}", out.display()));
        }
    }
    super::tools::print(&if arguments.get_flag("json") {
        found.json()
    } else {
        found.text()
    })
}
