//! `compile`, `eval`, `exec`, `globals`, `locals`, `__import__`, `breakpoint`; and turning compiler errors into exceptions.

use crate::code::flags;
use crate::compile::{self, Compiled, ErrKind, Mode, Options, SyntaxErr};
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::Bytes;
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::function::{Cell, Code, Function};
use crate::objects::native::tuple_items;
use crate::objects::string::Str;
use crate::syntax::parse::Kind;
use crate::vm::frame::Frame;

/// Flags of `compile()` that we know, beside those of `__future__`.
mod compile_flags {
    pub const DONT_IMPLY_DEDENT: i64 = 0x200;
    pub const ONLY_AST: i64 = 0x400;
    pub const TYPE_COMMENTS: i64 = 0x1000;
    pub const ALLOW_TOP_LEVEL_AWAIT: i64 = 0x2000;
    pub const ALLOW_INCOMPLETE_INPUT: i64 = 0x4000;
    /// Features of `__future__`, most of them in force for long.
    pub const FUTURE: i64 = 0x10 | 0x1fe_0000;
}

pub(super) fn init(th: &mut Thread, module: Ref<Module>) {
    th.functions(
        module,
        &[
            (
                "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
                compile_,
            ),
            ("eval(source, /, globals=None, locals=None)", eval),
            ("exec(source, /, globals=None, locals=None, *, closure=None)", exec),
            ("globals()", globals),
            ("locals()", locals),
            ("__import__(name, globals=None, locals=None, fromlist=(), level=0)", import_),
            ("breakpoint(*args, **kws)", breakpoint),
        ],
    );
    let dict = module.dict();
    let name = th.intern_value("__import__");
    let import = dict.get_interned(th, name).unwrap_or(Value::NULL);
    th.set_state("__import__", import);
}

/// The variables of a frame, as `locals()` gives them: the namespace of a module or class body, or a fresh dict of the
/// function's bound variables.
pub fn frame_locals(th: &mut Thread, frame: Frame) -> R<Value> {
    if !frame.namespace.is_null() {
        return Ok(frame.namespace);
    }
    let code = frame.code;
    if code.flags & flags::OPTIMIZED == 0 {
        return Ok(frame.function.globals);
    }
    let dict = Dict::new(th);
    let unit = code.unit.clone();
    let register = |at: usize| {
        // SAFETY: a register of the window of a live frame.
        unsafe { *frame.regs.add(at) }
    };
    for (i, &name) in code.varnames.iter().enumerate() {
        let v = register(i);
        let is_cell = unit.cellvars.iter().any(|(_, at)| *at as usize == i);
        if !v.is_null() && !is_cell && !unit.varnames[i].as_bytes().starts_with(b".") {
            dict.insert_interned(th, name, v)?;
        }
    }
    let mut cells: Vec<(Value, Value)> = vec![];
    for (name, at) in &unit.cellvars {
        let name = th.intern_wtf8(name.as_bytes()).value();
        cells.push((name, register(*at as usize)));
    }
    let closure = tuple_items(frame.function.closure);
    for (name, &cell) in unit.freevars.iter().zip(closure) {
        let name = th.intern_wtf8(name.as_bytes()).value();
        cells.push((name, cell));
    }
    for (name, cell) in cells {
        let Some(cell) = cell.cast::<Cell>() else {
            continue;
        };
        let v = th.get(cell, &cell.value)?;
        if !v.is_null() {
            dict.insert_interned(th, name, v)?;
        }
    }
    Ok(dict.value())
}

/// `locals()` of the running frame.
pub(super) fn current_locals(th: &mut Thread) -> R<Value> {
    match th.frame().copied() {
        Some(frame) => frame_locals(th, frame),
        None => Err(th.system_error("frame does not exist")),
    }
}

fn globals(th: &mut Thread, _: &[Value]) -> R<Value> {
    Ok(th.current_globals().or_none())
}

fn locals(th: &mut Thread, _: &[Value]) -> R<Value> {
    current_locals(th)
}

/// Raises the exception that a syntax error of the compiler is to scripts.
#[cold]
pub fn raise_syntax_error(th: &mut Thread, e: SyntaxErr) -> Fail {
    let x = &th.rt.types().exceptions;
    let class = match e.kind {
        ErrKind::SyntaxError => x.syntax_error,
        ErrKind::IndentationError => x.indentation_error,
        ErrKind::TabError => x.tab_error,
        ErrKind::TooDeep => return th.recursion_error(e.msg),
    };
    let number = |n: u32| {
        if n == 0 {
            Value::NONE
        } else {
            Value::small(n as i64)
        }
    };
    let message = th.str_value(&e.msg);
    let filename = th.str_value(&e.filename);
    let text = match &e.text {
        Some(text) if !e.late || th.source_lines(&e.filename).is_some() => th.str_value(text),
        _ => Value::NONE,
    };
    // Without a place CPython gives the message alone.
    let args = if e.line == 0 && e.text.is_none() {
        vec![message]
    } else {
        let place = [
            filename,
            number(e.line),
            number(e.col),
            text,
            number(e.end_line),
            number(e.end_col),
        ];
        vec![message, th.tuple_value(&place)]
    };
    match th.call(class.value(), &args) {
        Ok(exc) => {
            if args.len() == 1 {
                let name = th.intern_value("filename");
                if let Err(f) = th.set_attr(exc, name, filename) {
                    return f;
                }
            }
            th.raise_value(exc)
        }
        Err(f) => f,
    }
}

/// Source text from a `str`, or from bytes, which may say their encoding.
fn source_text(th: &mut Thread, v: Value, filename: &str, what: &str) -> R<String> {
    let text = if let Some(s) = v.cast::<Str>() {
        match s.as_str() {
            Some(text) => text.to_string(),
            None => {
                // A lone surrogate: say what encoding it would say.
                let encode = th.attr(v, "encode")?;
                th.call(encode, &[])?;
                return Err(th.value_error("source code string holds lone surrogates"));
            }
        }
    } else {
        let bytes = if let Some(b) = v.cast::<Bytes>() {
            b.as_bytes().to_vec()
        } else if th.special(v, crate::objects::special::Sp::Buffer).is_null() {
            return Err(th.type_error(format!(
                "{what} must be a string, bytes{} object",
                if what.starts_with("compile") {
                    " or AST"
                } else {
                    " or code"
                }
            )));
        } else {
            let class = th.rt.types().bytes;
            let b = th.call(class.value(), &[v])?;
            b.cast::<Bytes>()
                .map(|b| b.as_bytes().to_vec())
                .unwrap_or_default()
        };
        match compile::decode_source(&bytes) {
            Ok(text) => text,
            Err(mut e) => {
                e.filename = filename.to_string();
                return Err(raise_syntax_error(th, e));
            }
        }
    };
    if text.contains('\0') {
        let class = th.rt.types().exceptions.syntax_error;
        let message = th.str_value("source code string cannot contain null bytes");
        let error = th.call(class.value(), &[message])?;
        return Err(th.raise_value(error));
    }
    Ok(text)
}

impl Thread {
    /// Compiles source text and loads the code, its warnings issued.
    ///
    /// # Errors
    /// SyntaxError and what a warnings filter raises.
    pub fn compile_source(&mut self, source: &str, opts: &Options) -> R<Ref<Code>> {
        match compile::compile(source, opts) {
            Ok(Compiled { code, warnings }) => {
                for w in warnings {
                    crate::modules::warnings::syntax_warning(self, &w, &opts.filename)?;
                }
                self.load_code(code)
            }
            Err(e) => Err(raise_syntax_error(self, e)),
        }
    }
}

/// The text of a path-like argument.
fn file_name(th: &mut Thread, v: Value) -> R<String> {
    if let Some(s) = v.cast::<Str>() {
        return Ok(s.to_string());
    }
    if let Some(b) = v.cast::<Bytes>() {
        return Ok(String::from_utf8_lossy(b.as_bytes()).into_owned());
    }
    let path = th.call_special(v, crate::objects::special::Sp::Fspath, &[])?;
    match path.cast::<Str>() {
        Some(s) => Ok(s.to_string()),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!(
                "expected str, bytes or os.PathLike object, not {name}"
            )))
        }
    }
}

fn small_arg(th: &mut Thread, v: Value, default: i64) -> R<i64> {
    if v.is_null() {
        Ok(default)
    } else {
        th.index_i64(v)
    }
}

/// The future flags in force in the calling code.
fn inherited_flags(th: &Thread) -> u32 {
    th.frame()
        .map_or(0, |f| f.code.flags & flags::FUTURE_ANNOTATIONS)
}

fn compile_(th: &mut Thread, args: &[Value]) -> R<Value> {
    let filename = file_name(th, args[1])?;
    th.may_name(&filename)?;
    let mode = match args[2].cast::<Str>() {
        Some(s) => s.to_string(),
        None => {
            let name = th.type_name(args[2]);
            return Err(th.type_error(format!("compile() argument 'mode' must be str, not {name}")));
        }
    };
    let given = small_arg(th, args[3], 0)?;
    let known = compile_flags::DONT_IMPLY_DEDENT
        | compile_flags::ONLY_AST
        | compile_flags::TYPE_COMMENTS
        | compile_flags::ALLOW_TOP_LEVEL_AWAIT
        | compile_flags::ALLOW_INCOMPLETE_INPUT
        | compile_flags::FUTURE;
    if given & !known != 0 {
        return Err(th.value_error("compile(): unrecognised flags"));
    }
    let optimize = small_arg(th, args[5], -1)?;
    if !(-1..=2).contains(&optimize) {
        return Err(th.value_error("compile(): invalid optimize value"));
    }
    let mode = match mode.as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" => {
            return Err(th.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ => {
            return Err(th.value_error("compile() mode must be 'exec', 'eval' or 'single'"));
        }
    };
    if args[0].cast::<Code>().is_some() {
        return Ok(args[0]);
    }
    let mut source = args[0];
    if crate::modules::ast::is_node(th, source)? {
        if given & compile_flags::ONLY_AST != 0 {
            return Ok(source);
        }
        // Lines and columns of the nodes are lost: they become those of the text that the tree means.
        source = crate::modules::ast::unparse(th, source)?;
    }
    if given & compile_flags::ONLY_AST != 0 {
        let kind = match mode {
            Mode::Exec => Kind::Module,
            Mode::Eval => Kind::Expression,
            Mode::Single => Kind::Interactive,
        };
        let source = source_text(th, source, &filename, "compile() arg 1")?;
        return crate::modules::ast::parse(th, &source, &filename, kind);
    }
    let inherit = args[4].is_null() || !th.truth(args[4])?;
    let mut opts = Options::new(mode, filename.clone());
    opts.future_flags = given as u32 & flags::FUTURE_ANNOTATIONS;
    if inherit {
        opts.future_flags |= inherited_flags(th);
    }
    opts.optimize = if optimize < 0 {
        th.rt.state.optimize()
    } else {
        optimize as u8
    };
    opts.top_level_await = given & compile_flags::ALLOW_TOP_LEVEL_AWAIT != 0;
    let source = source_text(th, source, &filename, "compile() arg 1")?;
    let incomplete_allowed = given & compile_flags::ALLOW_INCOMPLETE_INPUT != 0;
    match compile::compile(&source, &opts) {
        Err(e) if e.incomplete && incomplete_allowed => {
            let class = th.rt.types().exceptions.incomplete_input_error;
            let message = th.str_value("incomplete input");
            let place = (th.str_value(&filename), Value::small(e.line as i64));
            let text = th.str_value(e.text.as_deref().unwrap_or(""));
            let place = th.tuple_value(&[place.0, place.1, Value::small(e.col as i64), text]);
            let exc = th.call(class.value(), &[message, place])?;
            Err(th.raise_value(exc))
        }
        _ => Ok(th.compile_source(&source, &opts)?.value()),
    }
}

/// Globals and locals for `exec` and `eval`, from their arguments or the caller.
fn namespaces(th: &mut Thread, what: &str, globals: Value, locals: Value) -> R<(Value, Value)> {
    let given = |v: Value| !v.is_null() && !v.is_none();
    if given(globals) {
        if globals.cast::<Dict>().is_none() {
            let message = if what == "eval"
                && !th
                    .special(globals, crate::objects::special::Sp::GetItem)
                    .is_null()
            {
                "globals must be a real dict; try eval(code, {}, mapping)".to_string()
            } else {
                let name = th.type_name(globals);
                format!("{what}() globals must be a dict, not {name}")
            };
            return Err(th.type_error(message));
        }
        let locals = if given(locals) { locals } else { globals };
        return mapping(th, what, locals).map(|()| (globals, locals));
    }
    let globals = th.current_globals();
    if globals.is_null() {
        return Err(th.system_error("globals and locals cannot be NULL"));
    }
    let locals = if given(locals) {
        locals
    } else {
        current_locals(th)?
    };
    mapping(th, what, locals).map(|()| (globals, locals))
}

fn mapping(th: &mut Thread, what: &str, locals: Value) -> R<()> {
    if th
        .special(locals, crate::objects::special::Sp::GetItem)
        .is_null()
    {
        let name = th.type_name(locals);
        return Err(th.type_error(format!(
            "{what}() locals must be a mapping or None, not {name}"
        )));
    }
    Ok(())
}

fn code_arg(th: &mut Thread, what: &str, v: Value, mode: Mode) -> R<Ref<Code>> {
    if let Some(code) = v.cast::<Code>() {
        return Ok(code);
    }
    let source = source_text(th, v, "<string>", &format!("{what}() arg 1"))?;
    let source = if mode == Mode::Eval {
        source.trim_start_matches([' ', '\t'])
    } else {
        &source
    };
    let mut opts = Options::new(mode, "<string>");
    opts.future_flags = inherited_flags(th);
    opts.optimize = th.rt.state.optimize();
    th.compile_source(source, &opts)
}

fn eval(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (globals, locals) = namespaces(th, "eval", args[1], args[2])?;
    let code = code_arg(th, "eval", args[0], Mode::Eval)?;
    if !code.unit.freevars.is_empty() {
        return Err(th.type_error("code object passed to eval() may not contain free variables"));
    }
    th.run_code(code, globals, locals)
}

fn exec(th: &mut Thread, args: &[Value]) -> R<Value> {
    let (globals, locals) = namespaces(th, "exec", args[1], args[2])?;
    let code = code_arg(th, "exec", args[0], Mode::Exec)?;
    let free = code.unit.freevars.len();
    let closure = args[3];
    if free == 0 {
        if !closure.is_null() && !closure.is_none() {
            return Err(th.type_error("cannot use a closure with this code object"));
        }
        th.run_code(code, globals, locals)?;
        return Ok(Value::NONE);
    }
    let cells = tuple_items(closure);
    if cells.len() != free || !cells.iter().all(|c| c.cast::<Cell>().is_some()) {
        return Err(th.type_error(format!(
            "code object requires a closure of exactly length {free}"
        )));
    }
    let builtins = th.builtins_for(globals)?;
    let null = Value::NULL;
    let f = Function::new(
        th,
        code,
        globals,
        closure,
        null,
        null,
        null,
        Value::NONE,
        builtins,
    )?;
    th.run_body(f, locals)?;
    Ok(Value::NONE)
}

fn import_(th: &mut Thread, args: &[Value]) -> R<Value> {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(th.type_error("module name must be a string"));
    };
    let level = small_arg(th, args[4], 0)?;
    if level < 0 {
        return Err(th.value_error("level must be >= 0"));
    }
    let globals = if args[1].is_null() {
        Value::NONE
    } else {
        args[1]
    };
    crate::modules::import::import_level(th, name, globals, args[3].or_none(), level as usize)
}

fn breakpoint(th: &mut Thread, args: &[Value]) -> R<Value> {
    let sys = th.rt.state.get("sys");
    let name = th.intern_value("breakpointhook");
    let hook = th.get_attr_opt(sys, name)?;
    if hook.is_null() {
        return Err(th.runtime_error("lost sys.breakpointhook"));
    }
    th.call_ex(hook, tuple_items(args[0]), args[1])
}
