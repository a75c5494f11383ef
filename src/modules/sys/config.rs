//! How the interpreter was started: what the command line and the environment say.

use crate::objects::SharedState;

/// Options of the command line, as far as `sys` shows them and modules obey them.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// The command line as it was given.
    pub orig_argv: Vec<String>,
    /// What goes in front of `sys.path`: the script's folder, or the empty string.
    pub script_folder: Option<String>,
    pub executable: String,
    pub optimize: u8,
    pub inspect: bool,
    pub interactive: bool,
    pub quiet: bool,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub isolated: bool,
    pub ignore_environment: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub dont_write_bytecode: bool,
    pub unbuffered: bool,
    pub safe_path: bool,
    pub warn_options: Vec<String>,
    pub x_options: Vec<(String, Option<String>)>,
    pub int_max_str_digits: i64,
    /// What scripts may do outside, if not everything.
    pub sandbox: Option<std::sync::Arc<crate::modules::sandbox::Sandbox>>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            argv: vec![String::new()],
            orig_argv: vec![],
            script_folder: Some(String::new()),
            executable: std::env::current_exe()
                .map(|p| p.to_string_lossy().into_owned())
                .unwrap_or_default(),
            optimize: 0,
            inspect: false,
            interactive: false,
            quiet: false,
            verbose: 0,
            bytes_warning: 0,
            isolated: false,
            ignore_environment: false,
            no_user_site: false,
            no_site: true,
            dont_write_bytecode: false,
            unbuffered: false,
            safe_path: false,
            warn_options: vec![],
            x_options: vec![],
            int_max_str_digits: 4300,
            sandbox: None,
        }
    }
}

impl Config {
    /// Does `-X name` (or `-X name=1`) hold?
    pub fn x_flag(&self, name: &str) -> bool {
        self.x_options
            .iter()
            .any(|(k, v)| k == name && v.as_deref() != Some("0"))
    }
}

impl SharedState {
    /// How the interpreter was started.
    pub fn config(&self) -> &Config {
        self.config.get_or_init(Config::default)
    }
    /// The optimisation level at which code is compiled.
    pub fn optimize(&self) -> u8 {
        self.config().optimize
    }
}
