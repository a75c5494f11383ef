//! A plain prompt: lines from standard input, one statement at a time.

use std::io::{BufRead, Write};

use crate::compile::{self, Mode, Options};
use crate::heap::{Fail, R, Value};
use crate::interpreter::Interpreter;
use crate::modules::sys::{self, PYTHON_VERSION, VERSION};

/// Reads and runs statements until the end of input.
///
/// # Errors
/// SystemExit only: other exceptions are shown.
pub fn run(it: &mut Interpreter, quiet: bool) -> R<Value> {
    if !quiet {
        println!("Keelback {VERSION} (Python {PYTHON_VERSION})");
        println!("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    }
    let mut source = String::new();
    loop {
        sys::flush_std_streams(&mut it.th);
        print!("{}", if source.is_empty() { ">>> " } else { "... " });
        if std::io::stdout().flush().is_err() {
            return Ok(Value::NONE);
        }
        let mut line = String::new();
        let read = it
            .th
            .outside(true, || std::io::stdin().lock().read_line(&mut line))?;
        match read {
            Ok(0) => {
                println!();
                return Ok(Value::NONE);
            }
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {
                if it.th.run_signal_handlers().is_err() {
                    it.th.take_exc();
                    println!("\nKeyboardInterrupt");
                }
                source.clear();
                continue;
            }
            Err(_) => return Ok(Value::NONE),
        }
        if source.is_empty() && line.trim().is_empty() {
            continue;
        }
        source.push_str(&line);
        // A compound statement ends with an empty line.
        let block = source.lines().count() > 1;
        if block && !line.trim().is_empty() {
            continue;
        }
        let opts = Options::new(Mode::Single, "<stdin>");
        if let Err(e) = compile::compile(&source, &opts)
            && e.incomplete
            && !(block && line.trim().is_empty())
        {
            continue;
        }
        let text = std::mem::take(&mut source);
        match it.run_mode(&text, "<stdin>", Mode::Single) {
            Ok(_) => {}
            Err(Fail::Abort) => return Err(Fail::Abort),
            Err(Fail::Raise) => {
                let exc = it.th.take_exc();
                if it
                    .th
                    .is_instance(exc, it.th.rt.types().exceptions.system_exit)
                {
                    it.th.exc = exc;
                    return Err(Fail::Raise);
                }
                sys::show_exception(&mut it.th, exc);
            }
        }
    }
}
