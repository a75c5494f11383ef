//! Exceptions: the layout, the class hierarchy, raising from native code.

use crate::heap::{Fail, Header, Kind, Layout, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, LayoutInfo, class_flags as f};
use crate::objects::list::List;
use crate::objects::native::Payload;
use crate::text::{TextError, TextResult};

/// Words for the attributes of particular exceptions (`StopIteration.value`, `OSError.errno` ...).
pub const EXTRA: usize = 8;

/// The layout of every exception.
#[repr(C)]
pub struct Exception {
    header: Header,
    /// A tuple.
    pub args: Slot,
    /// A traceback, or null.
    pub traceback: Slot,
    /// `__context__`, or null.
    pub context: Slot,
    /// `__cause__`, or null.
    pub cause: Slot,
    /// `__suppress_context__`.
    pub suppress: RawSlot,
    /// Meaning by class, see `init`.
    pub extra: [Slot; EXTRA],
}

// SAFETY: repr(C), header first.
unsafe impl Layout for Exception {
    const KIND: Kind = Kind::Exception;
    fn trace(&self, t: &mut Tracer) {
        for s in [&self.args, &self.traceback, &self.context, &self.cause]
            .into_iter()
            .chain(&self.extra)
        {
            t.slot(s)
        }
    }
}

impl Exception {
    pub fn new(args: Value) -> Exception {
        let null = || Slot::new(Value::NULL);
        Exception {
            header: Header::empty(),
            args: Slot::new(args),
            traceback: null(),
            context: null(),
            cause: null(),
            suppress: RawSlot::new(0),
            extra: [const { Slot::new(Value::NULL) }; EXTRA],
        }
    }
}

/// One entry of a traceback.
pub struct Traceback {
    /// The entry further in, or None.
    pub next: Slot,
    /// The function that was called; null if `frame` is given.
    pub function: Value,
    /// The frame object, or null until someone asks for it.
    pub frame: Slot,
    pub code: Value,
    /// The registers of the variables as the exception left them, or null while the frame may still run.
    pub variables: Slot,
    /// Depth of the frame on the stack of thread `ident`.
    pub depth: u32,
    /// Word index of the instruction.
    pub lasti: u32,
    pub ident: u64,
    pub line: RawSlot,
}

impl Payload for Traceback {
    fn trace(&self, t: &mut Tracer) {
        t.slot(&self.next);
        t.slot(&self.frame);
        t.slot(&self.variables);
        t.values(&[self.function, self.code]);
    }
}

macro_rules! exceptions {
    ($($field:ident $name:literal ($base:ident);)*) => {
        /// The built-in exception classes.
        pub struct Exceptions { $(pub $field: Ref<Class>,)* }
        impl Exceptions {
            pub(super) fn raw(th: &mut Thread) -> Exceptions {
                let flags = f::BASE | f::EXCEPTION | f::DICT | f::WEAKREF;
                $(let $field = Class::raw(th, None, Value::NULL, LayoutInfo::of::<Exception>(), 0, 0, flags);)*
                Exceptions { $($field,)* }
            }
            pub(super) fn trace(&self, t: &mut Tracer) {
                $(t.reference(self.$field);)*
            }
            /// Each class with its name and base, bases first.
            pub(super) fn list(&self, object: Ref<Class>) -> Vec<(Ref<Class>, &'static str, Ref<Class>)> {
                vec![$((self.$field, $name, if stringify!($field) == "base_exception" { object } else { self.$base }),)*]
            }
            /// Each class with its name.
            pub fn names(&self) -> Vec<(&'static str, Ref<Class>)> {
                vec![$(($name, self.$field),)*]
            }
        }
    };
}

exceptions! {
    base_exception "BaseException" (base_exception);
    base_exception_group "BaseExceptionGroup" (base_exception);
    generator_exit "GeneratorExit" (base_exception);
    keyboard_interrupt "KeyboardInterrupt" (base_exception);
    system_exit "SystemExit" (base_exception);
    exception "Exception" (base_exception);
    arithmetic_error "ArithmeticError" (exception);
    floating_point_error "FloatingPointError" (arithmetic_error);
    overflow_error "OverflowError" (arithmetic_error);
    zero_division_error "ZeroDivisionError" (arithmetic_error);
    assertion_error "AssertionError" (exception);
    attribute_error "AttributeError" (exception);
    buffer_error "BufferError" (exception);
    eof_error "EOFError" (exception);
    exception_group "ExceptionGroup" (base_exception_group);
    import_error "ImportError" (exception);
    module_not_found_error "ModuleNotFoundError" (import_error);
    lookup_error "LookupError" (exception);
    index_error "IndexError" (lookup_error);
    key_error "KeyError" (lookup_error);
    memory_error "MemoryError" (exception);
    name_error "NameError" (exception);
    unbound_local_error "UnboundLocalError" (name_error);
    os_error "OSError" (exception);
    blocking_io_error "BlockingIOError" (os_error);
    child_process_error "ChildProcessError" (os_error);
    connection_error "ConnectionError" (os_error);
    broken_pipe_error "BrokenPipeError" (connection_error);
    connection_aborted_error "ConnectionAbortedError" (connection_error);
    connection_refused_error "ConnectionRefusedError" (connection_error);
    connection_reset_error "ConnectionResetError" (connection_error);
    file_exists_error "FileExistsError" (os_error);
    file_not_found_error "FileNotFoundError" (os_error);
    interrupted_error "InterruptedError" (os_error);
    is_a_directory_error "IsADirectoryError" (os_error);
    not_a_directory_error "NotADirectoryError" (os_error);
    permission_error "PermissionError" (os_error);
    process_lookup_error "ProcessLookupError" (os_error);
    timeout_error "TimeoutError" (os_error);
    reference_error "ReferenceError" (exception);
    runtime_error "RuntimeError" (exception);
    not_implemented_error "NotImplementedError" (runtime_error);
    python_finalization_error "PythonFinalizationError" (runtime_error);
    recursion_error "RecursionError" (runtime_error);
    stop_async_iteration "StopAsyncIteration" (exception);
    stop_iteration "StopIteration" (exception);
    syntax_error "SyntaxError" (exception);
    indentation_error "IndentationError" (syntax_error);
    tab_error "TabError" (indentation_error);
    incomplete_input_error "_IncompleteInputError" (syntax_error);
    system_error "SystemError" (exception);
    type_error "TypeError" (exception);
    value_error "ValueError" (exception);
    unicode_error "UnicodeError" (value_error);
    unicode_decode_error "UnicodeDecodeError" (unicode_error);
    unicode_encode_error "UnicodeEncodeError" (unicode_error);
    unicode_translate_error "UnicodeTranslateError" (unicode_error);
    warning "Warning" (exception);
    bytes_warning "BytesWarning" (warning);
    deprecation_warning "DeprecationWarning" (warning);
    encoding_warning "EncodingWarning" (warning);
    future_warning "FutureWarning" (warning);
    import_warning "ImportWarning" (warning);
    pending_deprecation_warning "PendingDeprecationWarning" (warning);
    resource_warning "ResourceWarning" (warning);
    runtime_warning "RuntimeWarning" (warning);
    syntax_warning "SyntaxWarning" (warning);
    unicode_warning "UnicodeWarning" (warning);
    user_warning "UserWarning" (warning);
}

macro_rules! raisers {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        impl Thread {
            $($(#[$doc])* #[cold] pub fn $name(&mut self, message: impl AsRef<str>) -> Fail {
                let class = self.rt.types().exceptions.$name;
                self.raise(class, message.as_ref())
            })*
        }
    };
}

raisers! {
    /// Raises TypeError: `return Err(th.type_error("..."))`. The others work alike.
    type_error,
    value_error, index_error, attribute_error, runtime_error, overflow_error, zero_division_error, name_error, recursion_error,
    not_implemented_error, import_error, module_not_found_error, lookup_error, assertion_error, memory_error, system_error,
    reference_error, buffer_error, eof_error, unbound_local_error, arithmetic_error, unicode_error,
}

impl Thread {
    /// Raises an exception of a built-in class with a message.
    #[cold]
    pub fn raise(&mut self, class: Ref<Class>, message: &str) -> Fail {
        let message = self.str_value(message);
        self.raise_args(class, &[message])
    }
    /// Raises an exception of a built-in class with arguments.
    #[cold]
    pub fn raise_args(&mut self, class: Ref<Class>, args: &[Value]) -> Fail {
        let args = self.tuple_value(args);
        let object = self.alloc(class.root_shape(), Exception::new(args), 0);
        self.raise_value(object.value())
    }
    /// Raises an exception object. The exception being handled becomes its context.
    #[cold]
    pub fn raise_value(&mut self, exception: Value) -> Fail {
        debug_assert!(exception.kind() == Kind::Exception);
        self.exc = exception;
        match self.set_context(exception) {
            Ok(()) => Fail::Raise,
            Err(f) => f,
        }
    }
    /// Raises the exception that an algorithm of [`crate::text`] reports.
    #[cold]
    pub fn raise_text(&mut self, e: TextError) -> Fail {
        let x = &self.rt.types().exceptions;
        let class = match &e {
            TextError::Value(_) => x.value_error,
            TextError::Type(_) => x.type_error,
            TextError::Overflow(_) => x.overflow_error,
            TextError::ZeroDivision(_) => x.zero_division_error,
            TextError::Index(_) => x.index_error,
            TextError::Lookup(_) => x.lookup_error,
            TextError::Memory => return self.raise_args(x.memory_error, &[]),
        };
        self.raise(class, e.message())
    }
    /// What an algorithm of [`crate::text`] found, or its exception raised: `th.text(...)?`.
    #[inline]
    pub fn text<T>(&mut self, result: TextResult<T>) -> R<T> {
        result.map_err(|e| self.raise_text(e))
    }
    /// Raises `KeyError(key)`.
    #[cold]
    pub fn key_error(&mut self, key: Value) -> Fail {
        let class = self.rt.types().exceptions.key_error;
        self.raise_args(class, &[key])
    }
    /// Raises `StopIteration(value)`; a null value makes it `StopIteration()`.
    #[cold]
    pub fn stop_iteration(&mut self, value: Value) -> Fail {
        let class = self.rt.types().exceptions.stop_iteration;
        let args: &[Value] = if value.is_null() { &[] } else { &[value] };
        let args = self.tuple_value(args);
        let object = self.alloc(class.root_shape(), Exception::new(args), 0);
        object.extra[0].init(value.or_none());
        self.raise_value(object.value())
    }
    /// Is the exception on its way an instance of `class`?
    pub fn raised_is(&self, class: Ref<Class>) -> bool {
        !self.exc.is_null() && self.is_instance(self.exc, class)
    }
    /// Takes the exception on its way.
    pub fn take_exc(&mut self) -> Value {
        std::mem::replace(&mut self.exc, Value::NULL)
    }

    /// `exception.add_note(note)`.
    pub fn add_note(&mut self, exception: Value, note: Value) -> R<()> {
        let name = self.intern_value("__notes__");
        let notes = self.get_attr_opt(exception, name)?;
        if notes.is_null() {
            let notes = List::new(self, &[note]).value();
            return self.set_attr(exception, name, notes);
        }
        match notes.cast::<List>() {
            Some(notes) => notes.push(self, note),
            None => Err(self.type_error("Cannot add note: __notes__ is not a list")),
        }
    }

    fn set_context(&mut self, exception: Value) -> R<()> {
        let handled = self.vm.handled;
        if handled.is_null() || handled == exception {
            return Ok(());
        }
        let Some(e) = exception.cast::<Exception>() else {
            return Ok(());
        };
        // Break a cycle: if the new one is already in the chain of the handled one, cut it off there.
        let mut at = handled;
        while let Some(x) = at.cast::<Exception>() {
            let context = self.get(x, &x.context)?;
            if context == exception {
                self.set(x, &x.context, Value::NULL)?;
                break;
            }
            at = context;
        }
        self.set(e, &e.context, handled)
    }
}
