//! The prompt: statements from a terminal, with a line editor, or from standard input, one at a time.

use std::borrow::Cow;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};

use keelback_stm::Counters;

use crate::compile::{self, Mode, Options};
use crate::heap::{Fail, R, Value};
use crate::interpreter::Interpreter;
use crate::modules::sys::{self, PYTHON_VERSION, VERSION};
use crate::objects::define::Module;
use crate::objects::string::Str;

/// What is read next.
enum Next {
    /// A whole statement, or something that is none.
    Source(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or the end of the input.
    End,
}

/// Reads and runs statements until the end of input.
///
/// # Errors
/// SystemExit only: other exceptions are shown.
pub fn run(it: &mut Interpreter, quiet: bool) -> R<Value> {
    if !quiet {
        println!("Keelback {VERSION} (Python {PYTHON_VERSION})");
        println!("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    }
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut editor = if terminal { LineEditor::new() } else { None };
    let mut stats = false;
    loop {
        sys::flush_std_streams(&mut it.th);
        let next = match &mut editor {
            Some(editor) => editor.read(it)?,
            None => read_plainly(it)?,
        };
        let source = match next {
            Next::Source(source) => source,
            Next::Interrupted => {
                println!("\nKeyboardInterrupt");
                continue;
            }
            Next::End => return Ok(Value::NONE),
        };
        if source.trim().is_empty() {
            continue;
        }
        if let Some(command) = source.trim().strip_prefix(':') {
            match command {
                "stats" => {
                    stats = !stats;
                    println!("blocks and aborts {}", if stats { "on" } else { "off" });
                }
                _ => println!("commands: :stats, for a line about the blocks after each statement"),
            }
            continue;
        }
        let before = *it.th.txn.stats();
        match it.run_mode(&source, "<stdin>", Mode::Single) {
            Ok(_) => {}
            Err(Fail::Abort) => return Err(Fail::Abort),
            Err(Fail::Raise) => {
                let exc = it.th.take_exc();
                let system_exit = it.th.rt.types().exceptions.system_exit;
                if it.th.is_instance(exc, system_exit) {
                    it.th.exc = exc;
                    return Err(Fail::Raise);
                }
                sys::show_exception(&mut it.th, exc);
            }
        }
        if stats {
            sys::flush_std_streams(&mut it.th);
            show_stats(&before, it.th.txn.stats());
        }
    }
}

fn show_stats(before: &Counters, now: &Counters) {
    println!(
        "[{} blocks, {} commits, {} aborts, {} read, {} written]",
        now.blocks - before.blocks,
        now.commits - before.commits,
        now.aborts_total() - before.aborts_total(),
        now.reads - before.reads,
        now.writes - before.writes,
    );
}

/// Whether more lines are needed.
fn is_incomplete(source: &str) -> bool {
    let options = Options::new(Mode::Single, "<stdin>");
    compile::compile(source, &options).is_err_and(|e| e.incomplete)
}

fn read_plainly(it: &mut Interpreter) -> R<Next> {
    let mut source = String::new();
    loop {
        print!("{}", if source.is_empty() { ">>> " } else { "... " });
        if std::io::stdout().flush().is_err() {
            return Ok(Next::End);
        }
        let mut line = String::new();
        let read = it
            .th
            .outside(true, || std::io::stdin().lock().read_line(&mut line))?;
        match read {
            Ok(0) => {
                println!();
                return Ok(Next::End);
            }
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {
                if it.th.run_signal_handlers().is_err() {
                    it.th.take_exc();
                    return Ok(Next::Interrupted);
                }
                source.clear();
                continue;
            }
            Err(_) => return Ok(Next::End),
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
        if is_incomplete(&source) && !(block && line.trim().is_empty()) {
            continue;
        }
        return Ok(Next::Source(source));
    }
}

/// What the line editor knows of Python.
struct Python {
    /// Names to complete: of the main module, built in, keywords, and of the modules that the main module has, `module.name`.
    names: Vec<String>,
}

impl Helper for Python {}

impl Hinter for Python {
    type Hint = String;
}

impl Highlighter for Python {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(
        &'s self,
        prompt: &'p str,
        _default: bool,
    ) -> Cow<'b, str> {
        if std::env::var_os("NO_COLOR").is_some() {
            return Cow::Borrowed(prompt);
        }
        Cow::Owned(format!("\x1b[1;35m{prompt}\x1b[0m"))
    }
}

impl Validator for Python {
    /// Enter goes on to the next line while the statement is not whole; a compound one ends with an empty line.
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let source = context.input();
        if source.trim().is_empty() || source.trim_start().starts_with(':') {
            return Ok(ValidationResult::Valid(None));
        }
        let last_is_empty = source
            .rsplit('\n')
            .next()
            .is_some_and(|l| l.trim().is_empty());
        let several = source.contains('\n');
        let more = if several {
            !last_is_empty
        } else {
            is_incomplete(&format!("{source}\n"))
        };
        Ok(if more {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

impl Completer for Python {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let before = &line[..pos];
        let start = before
            .char_indices()
            .rev()
            .take_while(|&(_, c)| is_part(c))
            .last()
            .map_or(pos, |(i, _)| i);
        let word = &before[start..];
        if word.is_empty() {
            // At the beginning of a line.
            return Ok((pos, vec!["    ".to_owned()]));
        }
        let fits = |name: &&String| {
            let dots = |s: &str| s.matches('.').count();
            // Names with an underscore for who has typed one.
            let private = name.rsplit('.').next().is_some_and(|n| n.starts_with('_'));
            let wanted = word.rsplit('.').next().is_some_and(|n| n.starts_with('_'));
            name.starts_with(word) && dots(name) == dots(word) && (wanted || !private)
        };
        Ok((start, self.names.iter().filter(fits).cloned().collect()))
    }
}

struct LineEditor {
    editor: Editor<Python, FileHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// None where the terminal is none that can be edited on.
    fn new() -> Option<LineEditor> {
        let config = Config::builder().auto_add_history(true).build();
        let mut editor = Editor::with_config(config).ok()?;
        editor.set_helper(Some(Python { names: vec![] }));
        let history = history_file();
        if let Some(path) = &history {
            // There is none at first.
            let _ = editor.load_history(path);
        }
        Some(LineEditor { editor, history })
    }

    fn read(&mut self, it: &mut Interpreter) -> R<Next> {
        let names = names(it)?;
        if let Some(helper) = self.editor.helper_mut() {
            helper.names = names;
        }
        let editor = &mut self.editor;
        let read = it.th.outside(true, || editor.readline(">>> "))?;
        Ok(match read {
            Ok(line) => {
                if let Some(path) = &self.history {
                    // One that cannot be written is none.
                    let _ = self.editor.append_history(path);
                }
                Next::Source(line + "\n")
            }
            Err(ReadlineError::Interrupted) => Next::Interrupted,
            Err(_) => Next::End,
        })
    }
}

/// `KEELBACK_HISTORY`, or `.keelback_history` at home; none if the variable is empty.
fn history_file() -> Option<PathBuf> {
    match std::env::var_os("KEELBACK_HISTORY") {
        Some(path) if path.is_empty() => None,
        Some(path) => Some(path.into()),
        None => Some(PathBuf::from(std::env::var_os("HOME")?).join(".keelback_history")),
    }
}

const KEYWORDS: [&str; 38] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return",
    "try", "type", "while", "with", "yield",
];

/// The names to complete. Modules are looked into, and nothing else, which could run code.
fn names(it: &mut Interpreter) -> R<Vec<String>> {
    let mut names: Vec<String> = KEYWORDS.iter().map(|k| (*k).to_owned()).collect();
    let main = it.main_module().value();
    let builtins = crate::modules::import(&mut it.th, "builtins")?;
    for module in [main, builtins] {
        for (name, value) in members(it, module)? {
            for (inner, _) in members(it, value)? {
                names.push(format!("{name}.{inner}"));
            }
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Names and values of a module; of anything else none.
fn members(it: &mut Interpreter, module: Value) -> R<Vec<(String, Value)>> {
    let Some(module) = module.cast::<Module>() else {
        return Ok(vec![]);
    };
    let dict = module.dict();
    let mut members = vec![];
    for key in dict.keys(&mut it.th)? {
        if let Some(name) = key.cast::<Str>() {
            let value = dict.get_interned(&mut it.th, key)?;
            members.push((name.to_string(), value));
        }
    }
    Ok(members)
}
