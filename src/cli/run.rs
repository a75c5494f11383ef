//! Running what the command line names.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process;

use super::options::{Options, Target};
use super::{repl, stats};
use crate::compile::{self, SyntaxErr};
use crate::heap::{R, Value};
use crate::interpreter::{Exit, Interpreter};
use crate::modules::errors::strerror;
use crate::modules::import;
use crate::threads::signals;
use crate::vm::trace::Log;

/// Runs the program and ends the process.
pub fn run(options: Box<Options>) -> ! {
    let Options {
        target,
        settings,
        mut config,
        retry,
        stats,
        stm_log,
    } = *options;
    let program = config.argv.join(" ");
    // What `sys.path` starts with depends on what is run.
    config.script_folder = match &target {
        Target::Command(_) | Target::Stdin => Some(String::new()),
        Target::Module(_) => Some(current_folder()),
        Target::File(file) => Some(folder_of(file)),
    };
    if let Target::Stdin = target
        && std::io::stdin().is_terminal()
    {
        config.interactive = true;
    }
    let (inspect, quiet) = (config.inspect, config.quiet);
    let file = match &target {
        Target::File(file) => match read_script(file) {
            Ok(source) => Some(source),
            Err(message) => {
                eprintln!("{}", message.0);
                process::exit(message.1)
            }
        },
        _ => None,
    };
    let log = stm_log.map(|path| match Log::create(&path, &program) {
        Ok(log) => log,
        Err(e) => {
            eprintln!("keelback: cannot write the log '{path}': {e}");
            process::exit(2)
        }
    });
    let mut it = Interpreter::new(settings, config);
    if let Some(log) = log {
        it.th.log_blocks(log);
    }
    if let Some(policy) = retry {
        it.th.rt.engine.set_policy(policy);
    }
    it.catch_signals();
    it.th.begin_main();
    let outcome = match target {
        Target::Command(source) => {
            it.th.rt.state.keep_source("<string>", &source);
            it.run(&source, "<string>")
        }
        Target::Module(name) => run_module(&mut it, &name),
        Target::File(name) => run_file(&mut it, &name, file),
        Target::Stdin if std::io::stdin().is_terminal() => repl::run(&mut it, quiet),
        Target::Stdin => run_stdin(&mut it),
    };
    let mut exit = it.conclude(outcome);
    if inspect && std::io::stdin().is_terminal() {
        let outcome = repl::run(&mut it, true);
        exit = it.conclude(outcome);
    }
    let exit = it.finish(exit);
    if stats {
        stats::print(&it.th);
    }
    it.th.end_trace();
    if let Some(complaint) = it.th.rt.state.traces.log().and_then(|log| log.close()) {
        eprintln!("keelback: {complaint}");
    }
    match exit {
        Exit::Code(code) => process::exit(code),
        Exit::Interrupt => signals::die_of_interrupt(),
    }
}

fn current_folder() -> String {
    std::env::current_dir()
        .map(|p| p.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn absolute(file: &str) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file))
}

/// The folder of a script, links resolved, or the script itself if it is a folder or an archive.
fn folder_of(file: &str) -> String {
    let path = Path::new(file);
    if path.is_dir() || is_archive(path) {
        return absolute(file).to_string_lossy().into_owned();
    }
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| absolute(file));
    real.parent()
        .map(|p| p.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn is_archive(path: &Path) -> bool {
    let mut start = [0; 4];
    std::fs::File::open(path)
        .is_ok_and(|mut f| f.read_exact(&mut start).is_ok() && start == *b"PK\x03\x04")
}

/// What there is to run at a path.
enum Script {
    /// Source bytes and the file they are from.
    Source(Vec<u8>, String),
    /// An archive: its `__main__` is found by the importers.
    Archive,
}

/// Reads a script, or says why not, with the exit status.
fn read_script(file: &str) -> Result<Script, (String, i32)> {
    let path = Path::new(file);
    let shown = absolute(file);
    let shown = shown.to_string_lossy();
    if path.is_dir() {
        let main = path.join("__main__.py");
        return match std::fs::read(&main) {
            Ok(bytes) => Ok(Script::Source(bytes, main.to_string_lossy().into_owned())),
            Err(_) => Err((
                format!("keelback: can't find '__main__' module in '{shown}'"),
                1,
            )),
        };
    }
    if is_archive(path) {
        return Ok(Script::Archive);
    }
    match std::fs::read(path) {
        Ok(bytes) => Ok(Script::Source(bytes, file.to_string())),
        Err(e) => {
            let errno = e.raw_os_error().unwrap_or(0);
            let message = format!(
                "keelback: can't open file '{shown}': [Errno {errno}] {}",
                strerror(errno)
            );
            Err((message, 2))
        }
    }
}

/// The text of source bytes; the error names the file.
fn decode(it: &mut Interpreter, bytes: &[u8], file: &str) -> R<String> {
    match compile::decode_source(bytes) {
        Ok(text) if text.contains('\0') => {
            let mut e = SyntaxErr::bare("source code cannot contain null bytes");
            e.filename = file.to_string();
            Err(crate::builtins::raise_syntax_error(&mut it.th, e))
        }
        Ok(text) => Ok(text),
        Err(mut e) => {
            e.filename = file.to_string();
            Err(crate::builtins::raise_syntax_error(&mut it.th, e))
        }
    }
}

fn run_file(it: &mut Interpreter, name: &str, script: Option<Script>) -> R<Value> {
    match script {
        Some(Script::Source(bytes, file)) => {
            let shown = absolute(&file).to_string_lossy().into_owned();
            let v = it.th.str_value(&shown);
            it.set_main("__file__", v);
            it.set_main("__cached__", Value::NONE);
            let loader = import::source_loader(&mut it.th, "__main__", &shown);
            it.set_main("__loader__", loader);
            let text = decode(it, &bytes, &shown)?;
            it.run(&text, &shown)
        }
        _ => {
            let _ = name;
            let runpy = import::import_module(&mut it.th, "runpy")?;
            let main = it.th.str_value("__main__");
            it.th
                .call_method(runpy, "_run_module_as_main", &[main, Value::FALSE])
        }
    }
}

fn run_module(it: &mut Interpreter, name: &str) -> R<Value> {
    let main = it.main_module();
    import::run_as_main(&mut it.th, main, name)
}

fn run_stdin(it: &mut Interpreter) -> R<Value> {
    let mut bytes = vec![];
    let read = it
        .th
        .outside(true, || std::io::stdin().read_to_end(&mut bytes))?;
    if let Err(e) = read {
        return Err(it.th.io_error(&e, Value::NULL));
    }
    let text = decode(it, &bytes, "<stdin>")?;
    it.run(&text, "<stdin>")
}
