//! `keelback report`, `keelback overhead` and `keelback check`: what looks at programs rather than running them.

use std::io::Write;

use clap::Command;

/// The tools by name. A script of such a name is run as `./report`.
pub const NAMES: &[&str] = &["overhead", "report"];

/// Tools that are written in Python, as modules of the library.
const IN_PYTHON: &[(&str, &str)] = &[("check", "transaction._check")];

/// The command line of a tool in Python, if that is what the first argument names.
pub fn in_python(arguments: &[String]) -> Option<Vec<String>> {
    let name = arguments.get(1)?;
    let (_, module) = IN_PYTHON.iter().find(|(tool, _)| tool == name)?;
    let mut command = vec![arguments[0].clone(), "-m".to_string(), module.to_string()];
    command.extend_from_slice(&arguments[2..]);
    Some(command)
}

/// Runs the tool that the first argument names; the exit status.
pub fn run(arguments: &[String]) -> i32 {
    let command = Command::new("keelback")
        .subcommand_required(true)
        .subcommand(super::overhead::command())
        .subcommand(super::report::command());
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(e) => {
            // Help goes to standard output, complaints to standard error. There is nowhere to say that this failed.
            let _ = e.print();
            return e.exit_code();
        }
    };
    match matches.subcommand() {
        Some(("overhead", arguments)) => super::overhead::run(arguments),
        Some(("report", arguments)) => super::report::run(arguments),
        _ => unreachable!("clap has refused all other names"),
    }
}

/// Complains; the exit status.
pub fn fail(message: &str) -> i32 {
    eprintln!("keelback: {message}");
    2
}

/// Prints to standard output; the exit status, which tells of one that is closed or full.
pub fn print(text: &str) -> i32 {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(e) => fail(&format!("cannot write to standard output: {e}")),
    }
}
