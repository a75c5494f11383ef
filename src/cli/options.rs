//! The command line and the environment. Options are read as CPython reads them: those after the script belong to the script.

use keelback_stm::policy;

use crate::heap::ExecMode;
use crate::heap::runtime::{Alone, Settings};
use crate::modules::sys::{Config, PYTHON_VERSION, VERSION};

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Command(String),
    Module(String),
    File(String),
    /// Standard input: a script, or a prompt if it is a terminal.
    Stdin,
}

/// All that the command line and the environment say.
pub struct Options {
    pub target: Target,
    pub settings: Settings,
    pub config: Config,
    pub retry: Option<policy::Policy>,
    pub stats: bool,
    pub stm_log: Option<String>,
}

/// What reading the command line came to.
pub enum Parsed {
    Run(Box<Options>),
    Print(String),
    Wrong(String),
}

/// The environment variables that matter.
pub struct Environment(Box<dyn Fn(&str) -> Option<String>>);

impl Environment {
    pub fn of_process() -> Environment {
        Environment(Box::new(|name| {
            std::env::var_os(name)
                .map(|v| v.to_string_lossy().into_owned())
                .filter(|v| !v.is_empty())
        }))
    }
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

const USAGE: &str = "usage: keelback [option] ... [-c cmd | -m mod | file | -] [arg] ...
       keelback check | overhead | report --help";

const HELP: &str = "\
options:
  -c cmd         run a program passed as a string
  -m mod         run a library module as a script
  file           run a script, or a folder with a __main__.py
  -              read the program from standard input
  --mode MODE    how threads are kept apart: stm (the default), gil, off
  --retry POLICY what a block does after an abort: default, immediate, backoff, shrink, wait,
                 irrevocable, giveup:N
  --stats        print counters of each thread's transactions at exit
  --stm-log FILE write a log of blocks and conflicts, for `keelback report FILE`
  --max-heap N   limit of the heap in bytes; K, M, G may follow
  -V, --version  print the version
  -h, --help     print this text
As in CPython: -B -E -I -O -OO -P -S -W arg -X opt -b -d -i -q -s -u -v -x
environment:
  KEELBACK_MODE KEELBACK_RETRY KEELBACK_STM_LOG    as the options
  KEELBACK_LIB    a folder that overrides the library
  KEELBACK_CHAOS=N KEELBACK_GC_STRESS=1 KEELBACK_BLOCK=N KEELBACK_SEED=N    for tests
  PYTHONPATH PYTHONHASHSEED PYTHONUNBUFFERED PYTHONOPTIMIZE PYTHONDONTWRITEBYTECODE
  PYTHONPYCACHEPREFIX PYTHONWARNINGS PYTHONINSPECT PYTHONSAFEPATH PYTHONINTMAXSTRDIGITS";

fn unknown(option: &str) -> Parsed {
    // As CPython says it.
    let what = if option.starts_with("--") {
        format!("unknown option {option}")
    } else {
        format!("Unknown option: {option}")
    };
    Parsed::Wrong(format!(
        "{what}\n{USAGE}\nTry `keelback -h' for more information."
    ))
}
fn expected(option: &str) -> Parsed {
    Parsed::Wrong(format!(
        "Argument expected for the {option} option\n{USAGE}\nTry `keelback -h' for more information."
    ))
}

/// A number of bytes: `512M`.
fn bytes(text: &str) -> Option<usize> {
    let (digits, factor) = match text.trim_end_matches(['B', 'b']).char_indices().last()? {
        (i, 'K' | 'k') => (&text[..i], 1 << 10),
        (i, 'M' | 'm') => (&text[..i], 1 << 20),
        (i, 'G' | 'g') => (&text[..i], 1 << 30),
        _ => (text, 1),
    };
    digits
        .parse::<usize>()
        .ok()?
        .checked_mul(factor)
        .filter(|n| *n > 0)
}

fn mode(text: &str) -> Option<ExecMode> {
    match text {
        "stm" => Some(ExecMode::Stm),
        "gil" => Some(ExecMode::Gil),
        "off" => Some(ExecMode::Off),
        _ => None,
    }
}

/// Options with a value, from the command line or the environment.
#[derive(Default)]
struct Values {
    mode: Option<String>,
    retry: Option<String>,
    max_heap: Option<String>,
    stm_log: Option<String>,
}

/// Reads a command line; the first argument is the program.
pub fn parse(arguments: Vec<String>, environment: &Environment) -> Parsed {
    let mut config = Config {
        orig_argv: arguments.clone(),
        ..Config::default()
    };
    let mut values = Values::default();
    let mut stats = false;
    let mut x_options = vec![];
    let mut warn_options = vec![];
    let mut target = None;
    let mut at = 1;
    while target.is_none() && at < arguments.len() {
        let argument = &arguments[at];
        if argument == "-" || !argument.starts_with('-') {
            break;
        }
        at += 1;
        if argument == "--" {
            break;
        }
        if let Some(long) = argument.strip_prefix("--") {
            let (name, inline) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (long, None),
            };
            let slot = match name {
                "help" => return Parsed::Print(format!("{USAGE}\n{HELP}")),
                "version" => return Parsed::Print(version()),
                "stats" => {
                    stats = true;
                    continue;
                }
                "check-hash-based-pycs" => &mut None,
                "mode" => &mut values.mode,
                "retry" => &mut values.retry,
                "max-heap" => &mut values.max_heap,
                "stm-log" => &mut values.stm_log,
                _ => return unknown(argument),
            };
            *slot = match inline {
                Some(value) => Some(value),
                None if at < arguments.len() => {
                    at += 1;
                    Some(arguments[at - 1].clone())
                }
                None => return expected(&format!("--{name}")),
            };
            continue;
        }
        let letters = argument[1..].char_indices();
        for (i, letter) in letters {
            match letter {
                'b' => config.bytes_warning += 1,
                'B' => config.dont_write_bytecode = true,
                'E' => config.ignore_environment = true,
                'I' => {
                    config.isolated = true;
                    config.ignore_environment = true;
                    config.no_user_site = true;
                    config.safe_path = true;
                }
                'O' => config.optimize = (config.optimize + 1).min(2),
                'P' => config.safe_path = true,
                's' => config.no_user_site = true,
                'S' => config.no_site = true,
                'i' => {
                    config.inspect = true;
                    config.interactive = true;
                }
                'q' => config.quiet = true,
                'u' => config.unbuffered = true,
                'v' => config.verbose += 1,
                'd' | 'x' | 'R' | 't' => {}
                'h' | '?' => return Parsed::Print(format!("{USAGE}\n{HELP}")),
                'V' => return Parsed::Print(version()),
                'c' | 'm' | 'W' | 'X' => {
                    // The value is the rest of this argument, or the next one.
                    let rest = &argument[1 + i + 1..];
                    let value = if !rest.is_empty() {
                        rest.to_string()
                    } else if at < arguments.len() {
                        at += 1;
                        arguments[at - 1].clone()
                    } else {
                        return expected(&format!("-{letter}"));
                    };
                    match letter {
                        'c' => target = Some(Target::Command(value)),
                        'm' => target = Some(Target::Module(value)),
                        'W' => warn_options.push(value),
                        _ => x_options.push(match value.split_once('=') {
                            Some((k, v)) => (k.to_string(), Some(v.to_string())),
                            None => (value, None),
                        }),
                    }
                    break;
                }
                _ => return unknown(&format!("-{letter}")),
            }
        }
    }
    let rest = &arguments[at.min(arguments.len())..];
    let (target, argv) = match target {
        Some(t) => {
            let first = if matches!(t, Target::Command(_)) {
                "-c"
            } else {
                "-m"
            };
            let mut argv = vec![first.to_string()];
            argv.extend_from_slice(rest);
            (t, argv)
        }
        None => match rest.first().map(String::as_str) {
            None => (Target::Stdin, vec![String::new()]),
            Some("-") => (Target::Stdin, rest.to_vec()),
            Some(file) => (Target::File(file.to_string()), rest.to_vec()),
        },
    };
    config.argv = argv;
    config.x_options = x_options;
    let python = |name: &str| {
        if config.ignore_environment {
            None
        } else {
            environment.get(name)
        }
    };
    if let Some(list) = python("PYTHONWARNINGS") {
        config
            .warn_options
            .extend(list.split(',').map(str::to_string));
    }
    let (unbuffered, dont_write, inspect, safe, optimize, quiet_dev) = (
        python("PYTHONUNBUFFERED").is_some(),
        python("PYTHONDONTWRITEBYTECODE").is_some(),
        python("PYTHONINSPECT").is_some(),
        python("PYTHONSAFEPATH").is_some(),
        python("PYTHONOPTIMIZE"),
        python("PYTHONDEVMODE").is_some(),
    );
    let digits = python("PYTHONINTMAXSTRDIGITS");
    let hash_seed = python("PYTHONHASHSEED");
    config.warn_options.extend(warn_options);
    config.unbuffered |= unbuffered;
    config.dont_write_bytecode |= dont_write;
    config.inspect |= inspect;
    config.safe_path |= safe;
    if quiet_dev {
        config.x_options.push(("dev".to_string(), None));
    }
    if let Some(level) = optimize {
        config.optimize = config.optimize.max(level.parse::<u8>().unwrap_or(1).min(2));
    }
    let digits = config
        .x_options
        .iter()
        .rev()
        .find(|(k, _)| k == "int_max_str_digits")
        .and_then(|(_, v)| v.clone())
        .or(digits);
    if let Some(text) = digits {
        match text.parse::<i64>() {
            Ok(n) if n == 0 || n >= 640 => config.int_max_str_digits = n,
            _ => {
                return Parsed::Wrong(
                    "keelback: the limit of int_max_str_digits must be 0 or at least 640"
                        .to_string(),
                );
            }
        }
    }
    let mut settings = Settings::default();
    let text = values.mode.or_else(|| environment.get("KEELBACK_MODE"));
    if let Some(text) = text {
        match mode(&text) {
            Some(m) => settings.mode = m,
            None => return Parsed::Wrong(format!("keelback: no mode '{text}': stm, gil or off")),
        }
    }
    let mut retry = None;
    if let Some(text) = values.retry.or_else(|| environment.get("KEELBACK_RETRY")) {
        match policy::by_name(&text) {
            Ok(p) => retry = Some(p),
            Err(e) => return Parsed::Wrong(format!("keelback: {e}")),
        }
    }
    if let Some(text) = values.max_heap {
        match bytes(&text) {
            Some(n) => settings.max_heap = n,
            None => return Parsed::Wrong(format!("keelback: '{text}' is no size for --max-heap")),
        }
    }
    let number = |name: &str| environment.get(name).and_then(|v| v.parse::<u64>().ok());
    settings.chaos = number("KEELBACK_CHAOS").filter(|n| *n > 0);
    if let Some(n) = number("KEELBACK_NURSERY") {
        settings.nursery = n as usize;
    }
    settings.gc_stress = environment
        .get("KEELBACK_GC_STRESS")
        .is_some_and(|v| v != "0");
    settings.block = number("KEELBACK_BLOCK").filter(|n| *n > 0);
    settings.alone = match environment.get("KEELBACK_ALONE").as_deref() {
        Some("checks") => Some(Alone::Checks),
        Some("full") => Some(Alone::Full),
        _ => None,
    };
    settings.seed = match (number("KEELBACK_SEED"), hash_seed.as_deref()) {
        (Some(n), _) => n,
        (None, Some(text)) if text != "random" => match text.parse::<u32>() {
            Ok(n) => n as u64,
            Err(_) => {
                return Parsed::Wrong(
                    "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"
                        .to_string(),
                );
            }
        },
        _ => random_seed(),
    };
    Parsed::Run(Box::new(Options {
        target,
        settings,
        config,
        retry,
        stats,
        stm_log: values
            .stm_log
            .or_else(|| environment.get("KEELBACK_STM_LOG")),
    }))
}

/// From the addresses that the system gave this process and the clock: enough against crafted keys.
pub fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8)
}

/// What `--version` prints.
fn version() -> String {
    let language: Vec<&str> = PYTHON_VERSION.split('.').take(2).collect();
    format!("Keelback {VERSION} (Python {})", language.join("."))
}
