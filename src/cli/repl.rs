//! The prompt: statements from a terminal, with a line editor, or from standard input, one at a time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};

use keelback_stm::Counters;

use crate::compile::{self, Mode, Options};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::interpreter::Interpreter;
use crate::modules::sys::{self, PYTHON_VERSION, VERSION};
use crate::objects::class::Class;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
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
    let mut count = 0;
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
        // As CPython names them: each has a name of its own, under which a traceback finds it.
        let name = match &editor {
            Some(_) => format!("<python-input-{count}>"),
            None => "<stdin>".to_string(),
        };
        if editor.is_some() {
            it.th.rt.state.keep_source(&name, &source);
        }
        count += 1;
        match it.run_mode(&source, &name, Mode::Single) {
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
    /// What may be completed: keywords, names of the main module and built in, and with dots what these have. Sorted.
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
            dots(name) == dots(word) && (wanted || !private)
        };
        let first = self.names.partition_point(|n| n.as_str() < word);
        let near = self.names[first..].iter();
        let near = near.take_while(|n| n.starts_with(word));
        Ok((start, near.filter(fits).cloned().collect()))
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

/// How many names are gathered, so that a prompt after a huge import still comes at once.
const MOST_NAMES: usize = 50_000;

/// The names to complete. They are gathered before a line is read: while it is, the thread counts as stopped. What could run code of the
/// script's is not asked: dicts are looked into, no attribute is fetched.
fn names(it: &mut Interpreter) -> R<Vec<String>> {
    let mut names = Names {
        found: KEYWORDS.iter().map(|k| (*k).to_owned()).collect(),
        classes: HashMap::new(),
    };
    let builtins = crate::modules::import(&mut it.th, "builtins")?;
    let main = it.main_module();
    names.add_module(&mut it.th, main, "", 2)?;
    if let Some(builtins) = builtins.cast() {
        names.add_module(&mut it.th, builtins, "", 0)?;
    }
    names.found.sort_unstable();
    names.found.dedup();
    Ok(names.found)
}

struct Names {
    found: Vec<String>,
    /// Names that a class and its bases define, by the class's address.
    classes: HashMap<u64, Rc<[String]>>,
}

impl Names {
    /// Adds the names in a module behind `prefix`, with those that their values have; so many modules deep.
    fn add_module(
        &mut self,
        th: &mut Thread,
        module: Ref<Module>,
        prefix: &str,
        depth: usize,
    ) -> R<()> {
        for (name, value) in members(th, module)? {
            if self.found.len() > MOST_NAMES {
                return Ok(());
            }
            let name = format!("{prefix}{name}");
            match value.cast::<Module>() {
                Some(inner) if depth > 0 => {
                    self.add_module(th, inner, &format!("{name}."), depth - 1)?;
                }
                Some(_) => {}
                None if depth > 0 || value.as_class().is_some() => {
                    self.add_attributes(th, value, &name)?
                }
                None => {}
            }
            self.found.push(name);
        }
        Ok(())
    }

    /// Adds the attributes of a class or an object.
    fn add_attributes(&mut self, th: &mut Thread, v: Value, name: &str) -> R<()> {
        let class = v.as_class().unwrap_or_else(|| th.class_of(v));
        let known = match self.classes.get(&class.address()) {
            Some(known) => Rc::clone(known),
            None => {
                let known = class_names(th, class)?;
                self.classes.insert(class.address(), Rc::clone(&known));
                known
            }
        };
        let own = th.own_names(v)?;
        let own = own
            .iter()
            .filter_map(|n| n.cast::<Str>())
            .map(|n| n.to_string());
        let all = known.iter().cloned().chain(own);
        self.found
            .extend(all.map(|attribute| format!("{name}.{attribute}")));
        Ok(())
    }
}

fn class_names(th: &mut Thread, class: Ref<Class>) -> R<Rc<[String]>> {
    let names = Dict::new(th);
    crate::objects::object::add_class_names(th, class, names)?;
    let keys = names.keys(th)?;
    let texts = keys.iter().filter_map(|k| k.cast::<Str>());
    Ok(texts.map(|name| name.to_string()).collect())
}

/// Names and values of a module.
fn members(th: &mut Thread, module: Ref<Module>) -> R<Vec<(String, Value)>> {
    let dict = module.dict();
    let mut members = vec![];
    for key in dict.keys(th)? {
        if let Some(name) = key.cast::<Str>() {
            let value = dict.get_interned(th, key)?;
            members.push((name.to_string(), value));
        }
    }
    Ok(members)
}
