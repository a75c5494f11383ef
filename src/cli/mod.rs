//! The command line: `options` reads it, `run` does what it says, `repl` is the prompt, `stats` the table of `--stats`; `tools` are those
//! commands that look at programs (`report`).

mod options;
mod overhead;
mod repl;
mod report;
mod run;
mod stats;
mod tools;

pub(crate) use options::random_seed;
use options::{Parsed, parse};

/// Bytes of the machine stack on which Python runs.
const STACK: usize = 64 << 20;

/// What the program does. Never returns.
pub fn main() {
    let arguments: Vec<String> = std::env::args_os()
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    if arguments
        .get(1)
        .is_some_and(|a| tools::NAMES.contains(&a.as_str()))
    {
        std::process::exit(tools::run(&arguments))
    }
    let arguments = tools::in_python(&arguments).unwrap_or(arguments);
    let options = match parse(arguments, &options::Environment::of_process()) {
        Parsed::Run(options) => options,
        Parsed::Print(text) => {
            println!("{text}");
            std::process::exit(0)
        }
        Parsed::Wrong(message) => {
            eprintln!("{message}");
            std::process::exit(2)
        }
    };
    let thread = std::thread::Builder::new()
        .name("python".to_string())
        .stack_size(STACK)
        .spawn(move || run::run(options));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(never)) => never,
        // The panic's message has been printed.
        Ok(Err(_)) => std::process::exit(101),
        Err(e) => {
            eprintln!("keelback: cannot start a thread: {e}");
            std::process::exit(1)
        }
    }
}
