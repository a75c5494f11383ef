//! The docstrings of built-in functions and types.

use crate::heap::{R, Ref, Thread};
use crate::objects::class::Class;

/// Functions and what they do.
const FUNCTIONS: &[(&str, &str)] = &[
    (
        "__build_class__",
        "What the class statement calls to make a class.",
    ),
    (
        "__import__",
        "Import a module. What the import statement calls; use importlib.import_module() instead.",
    ),
    ("abs", "Return the absolute value of a number."),
    (
        "aiter",
        "Return an asynchronous iterator over an asynchronous iterable.",
    ),
    ("all", "Return True if no item of the iterable is false."),
    (
        "anext",
        "Return the next item of an asynchronous iterator, or the default when there is none.",
    ),
    ("any", "Return True if some item of the iterable is true."),
    (
        "ascii",
        "Return the representation of an object with characters outside ASCII escaped.",
    ),
    ("bin", "Return the binary text of an integer, like '0b101'."),
    (
        "breakpoint",
        "Call sys.breakpointhook(), which starts the debugger unless it was replaced.",
    ),
    ("callable", "Return whether the object can be called."),
    (
        "chr",
        "Return the string of the one character with this code point.",
    ),
    (
        "compile",
        "Compile source into a code object that exec() or eval() can run.",
    ),
    ("delattr", "Delete the named attribute of an object."),
    (
        "dir",
        "Return the names in the current scope, or the attributes of an object, sorted.",
    ),
    ("divmod", "Return the pair (x // y, x % y)."),
    (
        "eval",
        "Evaluate an expression, given as text or code object, with these globals and locals.",
    ),
    (
        "exec",
        "Run statements, given as text or code object, with these globals and locals.",
    ),
    ("format", "Return value.__format__(format_spec)."),
    (
        "getattr",
        "Return the named attribute of an object, or the default if there is no such attribute.",
    ),
    (
        "globals",
        "Return the dictionary of the current module's names.",
    ),
    (
        "hasattr",
        "Return whether the object has an attribute of this name.",
    ),
    (
        "hash",
        "Return the hash of an object; objects that compare equal have the same.",
    ),
    (
        "hex",
        "Return the hexadecimal text of an integer, like '0xff'.",
    ),
    (
        "id",
        "Return an integer that no other object has at the same time.",
    ),
    (
        "input",
        "Read a line from standard input, without its newline, after writing the prompt.",
    ),
    (
        "isinstance",
        "Return whether the object is an instance of the class, or of one of the classes.",
    ),
    (
        "issubclass",
        "Return whether the class derives from the class, or from one of the classes.",
    ),
    (
        "iter",
        "Return an iterator over an object, or one that calls a function until it returns the sentinel.",
    ),
    ("len", "Return the number of items in a container."),
    (
        "locals",
        "Return a dictionary of the names in the current scope.",
    ),
    (
        "max",
        "Return the largest item of an iterable, or the largest argument.",
    ),
    (
        "min",
        "Return the smallest item of an iterable, or the smallest argument.",
    ),
    (
        "next",
        "Return the next item of an iterator, or the default when there is none.",
    ),
    ("oct", "Return the octal text of an integer, like '0o17'."),
    ("open", "Open a file and return a stream for it."),
    ("ord", "Return the code point of a character."),
    (
        "pow",
        "Return base ** exp, or base ** exp % mod, computed without the large power.",
    ),
    (
        "print",
        "Write the values to a stream, by default to sys.stdout.",
    ),
    (
        "repr",
        "Return a text that represents the object, for programmers.",
    ),
    (
        "round",
        "Round a number to so many decimal digits; to an integer if their number is left out.",
    ),
    ("setattr", "Set the named attribute of an object."),
    (
        "sorted",
        "Return a new list of the items of an iterable, in ascending order.",
    ),
    (
        "sum",
        "Return the sum of the start value and the items of an iterable.",
    ),
    (
        "vars",
        "Return the __dict__ of an object, or the names of the current scope.",
    ),
];

/// Types and what their objects are.
const TYPES: &[(&str, &str)] = &[
    (
        "object",
        "The base of all classes. object() has no attributes and takes no arguments.",
    ),
    (
        "type",
        "type(object) is the object's class; type(name, bases, dict, **kwds) makes a new one.",
    ),
    (
        "int",
        "An integer of any size, made from a number, or from text in a base between 2 and 36, or 0.",
    ),
    ("bool", "True or False: whether the argument is true."),
    (
        "float",
        "A floating-point number, made from a number or from text.",
    ),
    (
        "complex",
        "A complex number, made from a real and an imaginary part or from text.",
    ),
    (
        "str",
        "Text. str(object) is its informal representation; str(bytes, encoding) decodes.",
    ),
    ("bytes", "An immutable sequence of integers from 0 to 255."),
    ("bytearray", "A mutable sequence of integers from 0 to 255."),
    (
        "memoryview",
        "The memory of another object, without a copy.",
    ),
    (
        "list",
        "A mutable sequence. list(iterable) has the iterable's items.",
    ),
    (
        "tuple",
        "An immutable sequence. tuple(iterable) has the iterable's items.",
    ),
    (
        "dict",
        "A mapping, made from a mapping, from pairs of keys and values, or from keyword arguments.",
    ),
    (
        "set",
        "A mutable collection of distinct items, in no order.",
    ),
    (
        "frozenset",
        "An immutable collection of distinct items, in no order.",
    ),
    (
        "range",
        "The integers from start (by default 0) up to but not including stop, by a step.",
    ),
    ("slice", "What x[start:stop:step] hands to x.__getitem__()."),
    (
        "property",
        "An attribute that is computed: by fget when read, by fset when set, by fdel when deleted.",
    ),
    (
        "staticmethod",
        "A method that gets neither the instance nor the class.",
    ),
    (
        "classmethod",
        "A method that gets the class instead of the instance.",
    ),
    (
        "super",
        "Finds attributes as the class after the given one in the method resolution order has them.",
    ),
    (
        "enumerate",
        "Pairs of a count, from start on, and an item of the iterable.",
    ),
    (
        "zip",
        "Tuples of one item of each iterable, until the shortest ends (strict: all must end together).",
    ),
    (
        "map",
        "The results of calling a function with items of the iterables.",
    ),
    (
        "filter",
        "The items of the iterable for which the function is true (None: that are true).",
    ),
    ("reversed", "The items of a sequence, last one first."),
];

/// The docstring of the built-in function `name`.
pub fn of_function(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|f| f.0 == name).map(|f| f.1)
}

/// The docstring of the built-in type `name`.
pub fn of_type(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|t| t.0 == name).map(|t| t.1)
}

/// Gives built-in types their docstrings, where they have none of their own.
pub(super) fn fill_types(th: &mut Thread, classes: &[Ref<Class>]) -> R<()> {
    let key = th.intern_value("__doc__");
    for class in classes {
        let name = class.name().to_string();
        let Some(text) = of_type(&name) else {
            continue;
        };
        if class.dict().get_interned(th, key)?.or_none().is_none() {
            let text = th.str_value(text);
            class.dict().insert_interned(th, key, text)?;
        }
    }
    Ok(())
}
