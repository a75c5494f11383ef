//! The instruction set of the register machine, declared once.
//!
//! # Encoding
//!
//! An instruction is one 64-bit word, `op | a << 16 | b << 32 | c << 48`, followed by the number of
//! extension words that the list below gives for it. The first extension words may carry operands
//! (`ext`), the rest are inline-cache words, zero as compiled; they belong to one thread's copy of
//! the code.
//!
//! Operands: registers are indices into the frame's window. A jump offset is counted in words and is
//! relative to the first word *after* the whole instruction (extension words included). `bc` means
//! the 32-bit signed number made of `b` (low half) and `c` (high half).
//!
//! # The frame's window
//!
//! `r0..` are the local variables: parameters in the order positional-only, positional-or-keyword,
//! keyword-only, `*args`, `**kwargs`, then the other locals (CPython's `co_varnames` order), then
//! the cell variables that are not parameters. Temporaries follow. A cell variable that is a
//! parameter lives in the parameter's own register (`MakeCell` wraps it in place). Free variables
//! are not in registers: `LoadFree i` reads cell `i` of the running function's closure.
//! Temporaries are allocated as a stack, so that the registers of a call are always the topmost:
//! a Python callee's window starts at its first argument in the caller's window, without copying.
//! An unbound local is the null value; locals other than parameters start null.
//!
//! # Calls
//!
//! `Call dst, base, n`: the callee is in `base`, arguments in `base+1 .. base+1+n`.
//! `CallMethod dst, base, n`: `LoadMethod` or `LoadSpecial` left the function in `base` and either
//! the receiver or null in `base+1`; the `n` arguments are in `base+2 ..`; null in `base+1` means
//! that `base` is already bound.
//!
//! # Iteration
//!
//! `GetIter a, b` prepares the three registers `a..a+3` for `ForIter`, which owns their meaning
//! (an exact list, tuple, range, str or dict is walked by an index held in a register, so that a loop
//! allocates nothing and rolls back with its frame).
//!
//! # Exceptions
//!
//! The exception table maps ranges of words to a handler and the register that receives the
//! exception. The handler starts with `PushHandled save, exc`, which makes it the handled exception
//! (`sys.exception()`) and keeps the one before in `save`; every way out passes `PopHandled save`.

/// How an operand is read by the disassembler and checked by the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Unused, zero.
    None,
    /// A register read.
    R,
    /// A register written.
    W,
    /// The first register of a run.
    Base,
    /// Index into the constants.
    K,
    /// Index into the names.
    N,
    /// Index of a free variable.
    F,
    /// An unsigned number: a count, flags, an identifier.
    U,
    /// A signed 16-bit number.
    I,
    /// Low half of `bc`, a signed number.
    Imm,
    /// Low half of `bc`, a jump offset.
    J,
}

macro_rules! instructions {
    ($( $(#[doc = $doc:literal])* $name:ident ( $a:ident $b:ident $c:ident ) $ext:literal ),* $(,)?) => {
        /// An operation code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $( $(#[doc = $doc])* $name ),* }

        impl Op {
            /// Every operation in numeric order.
            pub const ALL: &'static [Op] = &[ $( Op::$name ),* ];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name as the disassembler prints it.
            pub const fn name(self) -> &'static str {
                match self { $( Op::$name => stringify!($name) ),* }
            }
            /// Extension words that follow the instruction word.
            pub const fn ext_words(self) -> usize {
                match self { $( Op::$name => $ext ),* }
            }
            /// The kinds of `a`, `b` and `c`.
            pub const fn operands(self) -> [Operand; 3] {
                match self { $( Op::$name => [Operand::$a, Operand::$b, Operand::$c] ),* }
            }
        }

        /// Calls `$with!` with the list of all operation names, for tables indexed by operation.
        macro_rules! for_each_op {
            ($with:ident) => { $with! { $( $name ),* } };
        }
        pub(crate) use for_each_op;
    };
}

instructions! {
    /// Does nothing.
    Nop(None None None) 0,
    /// `a = b`.
    Move(W R None) 0,
    /// `a = consts[b]`.
    LoadConst(W K None) 0,
    /// `a = bc` as an int.
    LoadInt(W Imm None) 0,
    /// Raises `UnboundLocalError` for `names[b]` if register `a` is null.
    CheckBound(R N None) 0,
    /// Makes register `a` null; `UnboundLocalError` for `names[b]` if it was.
    DeleteFast(R N None) 0,
    /// Makes register `a` null without a check (end of a comprehension, `except ... as`).
    ClearFast(W None None) 0,

    /// Wraps the value of register `a` (null if unbound) into a new cell in register `a`.
    MakeCell(W None None) 0,
    /// `a = ` contents of the cell in register `b`; unbound names `names[c]`.
    LoadCell(W R N) 0,
    /// Cell in register `a` `= b`.
    StoreCell(R R None) 0,
    /// Empties the cell in register `a`; unbound names `names[b]`.
    DeleteCell(R N None) 0,
    /// `a = ` contents of free variable `b`; unbound names `names[c]`.
    LoadFree(W F N) 0,
    /// Free variable `a` `= b`.
    StoreFree(F R None) 0,
    /// Empties free variable `a`; unbound names `names[b]`.
    DeleteFree(F N None) 0,
    /// `a = ` the cell itself of free variable `b`, for a closure.
    LoadClosure(W F None) 0,
    /// In a class body: `names[c]` from the namespace, else the contents of free variable `b`.
    LoadNameOrFree(W F N) 0,
    /// Annotation and type scopes within a class: `names[c]` from the mapping in register `b`, else global.
    /// ext: 0, or 1 + index of the free variable to read when the mapping has it not.
    LoadFromDictOr(W R N) 1,

    /// `a = ` global or builtin `names[b]`. Two cache words.
    LoadGlobal(W N None) 2,
    /// Global `names[a] = b`. Two cache words.
    StoreGlobal(N R None) 2,
    /// Deletes global `names[a]`.
    DeleteGlobal(N None None) 0,
    /// `a = names[b]` from the namespace of a class or module body, then globals, then builtins. Two cache words.
    LoadName(W N None) 2,
    /// Namespace `names[a] = b`. Two cache words.
    StoreName(N R None) 2,
    /// Deletes `names[a]` from the namespace.
    DeleteName(N None None) 0,
    /// `a = ` the namespace (of a class or module body).
    LoadLocals(W None None) 0,

    /// `a = b.names[c]`. Three cache words.
    LoadAttr(W R N) 3,
    /// `a.names[b] = c`. Three cache words.
    StoreAttr(R N R) 3,
    /// `del a.names[b]`.
    DeleteAttr(R N None) 0,
    /// For a call of `b.names[c](...)`: function in `a`, receiver or null in `a+1`. Three cache words.
    LoadMethod(Base R N) 3,
    /// `a = super(b[1], b[2]).names[c]`, where `b[0]` is the value that the name `super` has now.
    /// ext bit 0: two-argument call written out. One cache word.
    LoadSuperAttr(W Base N) 2,
    /// As `LoadMethod`, for `super().names[c](...)`; operands as `LoadSuperAttr`.
    LoadSuperMethod(Base Base N) 2,
    /// Special method number `c` (see [`SpecialUse`]) of `b`: function in `a`, receiver or null in `a+1`.
    LoadSpecial(Base R U) 0,

    /// `a = b[c]`.
    LoadItem(W R R) 0,
    /// `a[b] = c`.
    StoreItem(R R R) 0,
    /// `del a[b]`.
    DeleteItem(R R None) 0,
    /// `a = b[c : c+1]`, bounds in registers `c` and `c+1` (None where absent).
    LoadSlice(W R Base) 0,

    /// `a = b + c`.
    Add(W R R) 0,
    /// `a = b - c`.
    Sub(W R R) 0,
    /// `a = b * c`.
    Mul(W R R) 0,
    /// `a = b / c`.
    TrueDiv(W R R) 0,
    /// `a = b // c`.
    FloorDiv(W R R) 0,
    /// `a = b % c`.
    Mod(W R R) 0,
    /// `a = b ** c`.
    Pow(W R R) 0,
    /// `a = b @ c`.
    MatMul(W R R) 0,
    /// `a = b << c`.
    LShift(W R R) 0,
    /// `a = b >> c`.
    RShift(W R R) 0,
    /// `a = b & c`.
    And(W R R) 0,
    /// `a = b | c`.
    Or(W R R) 0,
    /// `a = b ^ c`.
    Xor(W R R) 0,
    /// `a = (b += c)`.
    InplaceAdd(W R R) 0,
    /// `a = (b -= c)`.
    InplaceSub(W R R) 0,
    /// `a = (b *= c)`.
    InplaceMul(W R R) 0,
    /// `a = (b /= c)`.
    InplaceTrueDiv(W R R) 0,
    /// `a = (b //= c)`.
    InplaceFloorDiv(W R R) 0,
    /// `a = (b %= c)`.
    InplaceMod(W R R) 0,
    /// `a = (b **= c)`.
    InplacePow(W R R) 0,
    /// `a = (b @= c)`.
    InplaceMatMul(W R R) 0,
    /// `a = (b <<= c)`.
    InplaceLShift(W R R) 0,
    /// `a = (b >>= c)`.
    InplaceRShift(W R R) 0,
    /// `a = (b &= c)`.
    InplaceAnd(W R R) 0,
    /// `a = (b |= c)`.
    InplaceOr(W R R) 0,
    /// `a = (b ^= c)`.
    InplaceXor(W R R) 0,
    /// `a = b + c` with the int constant `c`.
    AddInt(W R I) 0,
    /// `a = b - c` with the int constant `c`.
    SubInt(W R I) 0,
    /// `a = (b += c)` with the int constant `c`.
    InplaceAddInt(W R I) 0,
    /// `a = (b -= c)` with the int constant `c`.
    InplaceSubInt(W R I) 0,
    /// `a = -b`.
    Neg(W R None) 0,
    /// `a = +b`.
    Pos(W R None) 0,
    /// `a = ~b`.
    Invert(W R None) 0,
    /// `a = not b`.
    Not(W R None) 0,
    /// `a = b < c`.
    Lt(W R R) 0,
    /// `a = b <= c`.
    Le(W R R) 0,
    /// `a = b == c`.
    Eq(W R R) 0,
    /// `a = b != c`.
    Ne(W R R) 0,
    /// `a = b > c`.
    Gt(W R R) 0,
    /// `a = b >= c`.
    Ge(W R R) 0,
    /// `a = b is c`.
    Is(W R R) 0,
    /// `a = b is not c`.
    IsNot(W R R) 0,
    /// `a = b in c`.
    In(W R R) 0,
    /// `a = b not in c`.
    NotIn(W R R) 0,

    /// Jumps by `bc`, forwards.
    Jump(None J None) 0,
    /// Jumps by `bc`, backwards: a loop's back edge, which spends budget and polls.
    JumpBack(None J None) 0,
    /// Jumps by `bc` if `a` is true.
    JumpIfTrue(R J None) 0,
    /// Jumps by `bc` if `a` is false.
    JumpIfFalse(R J None) 0,
    /// Jumps by `bc` if `a` is None.
    JumpIfNone(R J None) 0,
    /// Jumps by `bc` if `a` is not None.
    JumpIfNotNone(R J None) 0,
    /// Jumps by ext if `a < b` is true (`c` = 1) or false (`c` = 0).
    JumpLt(R R U) 1,
    /// Jumps by ext if the truth of `a <= b` is `c`.
    JumpLe(R R U) 1,
    /// Jumps by ext if the truth of `a == b` is `c`.
    JumpEq(R R U) 1,
    /// Jumps by ext if the truth of `a != b` is `c`.
    JumpNe(R R U) 1,
    /// Jumps by ext if the truth of `a > b` is `c`.
    JumpGt(R R U) 1,
    /// Jumps by ext if the truth of `a >= b` is `c`.
    JumpGe(R R U) 1,
    /// Jumps by ext if the truth of `a is b` is `c`.
    JumpIs(R R U) 1,
    /// Jumps by ext if the truth of `a in b` is `c`.
    JumpIn(R R U) 1,

    /// Prepares registers `a..a+3` to walk `iter(b)` with `ForIter`.
    GetIter(Base R None) 0,
    /// `a = ` the next item of the walk in `b..b+3`, or jumps by ext when it is over.
    ForIter(W Base None) 1,
    /// `a = aiter(b)`.
    GetAIter(W R None) 0,
    /// `a = ` the awaitable of `b.__anext__()`.
    GetANext(W R None) 0,
    /// In the handler of an `async for`: falls through if the exception in `a` is StopAsyncIteration, else re-raises it.
    EndAsyncFor(R None None) 0,
    /// `a = ` the iterator that `yield from b` delegates to.
    GetYieldFromIter(W R None) 0,
    /// `a = iter(b)` as a value: the first iterable of a generator expression, made where the expression stands.
    MakeIter(W R None) 0,

    /// `a = ` tuple of registers `b .. b+c`.
    BuildTuple(W Base U) 0,
    /// `a = ` list of registers `b .. b+c`.
    BuildList(W Base U) 0,
    /// `a = ` set of registers `b .. b+c`.
    BuildSet(W Base U) 0,
    /// `a = ` dict of the `c` pairs from register `b` on.
    BuildMap(W Base U) 0,
    /// `a = ` the strings in registers `b .. b+c` joined.
    BuildString(W Base U) 0,
    /// `a = ` slice of the `c` (2 or 3) registers from `b` on.
    BuildSlice(W Base U) 0,
    /// List `a` appends `b` (a list that only the compiler made: a display or a comprehension).
    ListAppend(R R None) 0,
    /// Set `a` adds `b`.
    SetAdd(R R None) 0,
    /// Dict `a[b] = c`, in a display or comprehension.
    MapAdd(R R R) 0,
    /// List `a` extends by iterable `b`; TypeError "Value after * must be an iterable" if it is none (`c` = 1).
    ListExtend(R R U) 0,
    /// Set `a` takes all of iterable `b`.
    SetUpdate(R R None) 0,
    /// Dict `a` takes all of mapping `b`, later keys win (a display).
    DictUpdate(R R None) 0,
    /// Dict `a` takes all of mapping `b`, TypeError on a key twice; the callee in `c` is named in errors.
    DictMerge(R R R) 0,
    /// `a = tuple(b)` of a list that the compiler made.
    ListToTuple(W R None) 0,
    /// Registers `a .. a+c` = the items of `b`, exactly `c`.
    UnpackSequence(Base R U) 0,
    /// Registers `a ..` = `c` items of `b`, a list of those between, ext items.
    UnpackEx(Base R U) 1,
    /// `a = format(conv(b))`, conversion `c`: 0 none, 1 str, 2 repr, 3 ascii.
    FormatValue(W R U) 0,
    /// `a = format(conv(b), c)` with the spec in register `c`; ext: the conversion.
    FormatSpec(W R R) 1,
    /// `a = string.templatelib.Interpolation(b, b+1, conv, b+2)`: value, expression text, spec; `c` the conversion.
    BuildInterpolation(W Base U) 0,
    /// `a = string.templatelib.Template` of the strings tuple in `b`, the interpolations tuple in `c`.
    BuildTemplate(W R R) 0,

    /// `a = base[b](c arguments)`. One cache word.
    Call(W Base U) 1,
    /// Method call, see the top of the file. One cache word.
    CallMethod(W Base U) 1,
    /// As `Call` with `c` arguments in all, the last of which are named by the tuple constant ext.
    CallKw(W Base U) 1,
    /// As `CallMethod`, keywords as in `CallKw`.
    CallMethodKw(W Base U) 1,
    /// `a = base[b](*base[b+1], **base[b+2])`: an iterable, and a dict if `c` is 1.
    CallEx(W Base U) 0,
    /// Returns `a`.
    Return(R None None) 0,
    /// Returns `consts[a]`.
    ReturnConst(K None None) 0,

    /// `a = ` function of the code constant `b`; from register `c` on, in this order, those that ext says:
    /// bit 0 tuple of defaults, bit 1 dict of keyword defaults, bit 2 `__annotate__` function, bit 3 tuple of cells.
    MakeFunction(W K Base) 1,
    /// `a = builtins.__build_class__`.
    LoadBuildClass(W None None) 0,
    /// `a = intrinsic c(b)`, see [`Intrinsic`].
    Intrinsic(W R U) 0,
    /// `a = intrinsic c(b, b+1)`, see [`Intrinsic`].
    Intrinsic2(W Base U) 0,

    /// `a = __import__(names[b])`; register `c` holds the fromlist (tuple or None); ext: the level.
    ImportName(W N R) 1,
    /// `a = from b import names[c]`.
    ImportFrom(W R N) 0,
    /// `from a import *` into the namespace.
    ImportStar(R None None) 0,

    /// `raise` with `c` operands: 0 the handled exception again, 1 `raise a`, 2 `raise a from b`.
    Raise(R R U) 0,
    /// Makes `b` the handled exception, keeps the former one in `a`.
    PushHandled(W R None) 0,
    /// Makes `a` the handled exception again.
    PopHandled(R None None) 0,
    /// Raises `a` on, with the traceback it has (this frame's line is in it already).
    Reraise(R None None) 0,
    /// `a = ` whether exception `b` matches the class or tuple of classes `c`.
    ExcMatch(W R R) 0,
    /// `except*`: splits exception `b` by `c`: matched part (or None) in `a`, rest (or None) in `a+1`.
    ExcGroupMatch(Base R R) 0,
    /// End of `try/except*`: `a = ` exception to raise (or None) from the original `b` and the list `c` of what handlers raised and left over.
    PrepReraiseStar(W R R) 0,
    /// `a, a+1, a+2 = type(b), b, b.__traceback__`.
    ExcTriple(Base R None) 0,
    /// `a = AssertionError`.
    LoadAssertionError(W None None) 0,

    /// Yields `b`; on resumption `a` = the value sent.
    Yield(W R None) 0,
    /// Sends `c` into iterator `b`: `a = ` what it yields; when it is over, `a = ` its value and jumps by ext.
    Send(W R R) 1,
    /// Yields `b` on behalf of iterator `c` (`yield from`, `await`); on resumption `a` = the value sent.
    /// `throw` and `close` go to the iterator; if that ends it, `b` = its value and control jumps by ext.
    YieldDelegate(W R R) 1,
    /// `a = ` `b` wrapped as an asynchronous generator's own value, to be yielded.
    AsyncGenWrap(W R None) 0,
    /// `a = ` the iterator to await `b` with; `c`: 0 plain, 1 `__aenter__`, 2 `__aexit__` (for the message).
    GetAwaitable(W R U) 0,

    /// `a = ` whether `b` is a sequence for `match`.
    MatchSequence(W R None) 0,
    /// `a = ` whether `b` is a mapping for `match`.
    MatchMapping(W R None) 0,
    /// `a = ` tuple of the values of mapping `b` for the tuple of keys `c`, or None.
    MatchKeys(W R R) 0,
    /// `a = ` tuple of the attributes of `b` as class `c` matches them, or None.
    /// ext: count of positional patterns | index of the constant tuple of keyword names << 32.
    MatchClass(W R R) 1,
    /// `a = len(b)`.
    GetLen(W R None) 0,

    /// Makes sure that the namespace has `__annotations__` (interactive and exec'd simple code).
    SetupAnnotations(None None None) 0,
}

/// What `LoadSpecial` looks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum SpecialUse {
    /// `__enter__` of `with`.
    Enter,
    /// `__exit__` of `with`.
    Exit,
    /// `__aenter__` of `async with`.
    AEnter,
    /// `__aexit__` of `async with`.
    AExit,
}

/// What `Intrinsic` and `Intrinsic2` do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Intrinsic {
    /// Interactive mode: `sys.displayhook(x)`.
    Display,
    /// A StopIteration that left a generator (or a StopAsyncIteration an asynchronous one) becomes RuntimeError.
    StopIterationError,
    /// `TypeVar(name)`.
    TypeVar,
    /// `ParamSpec(name)`.
    ParamSpec,
    /// `TypeVarTuple(name)`.
    TypeVarTuple,
    /// `Generic[*params]` for the tuple of type parameters.
    SubscriptGeneric,
    /// Tuple (name, type params or None, value function) -> TypeAliasType.
    TypeAlias,
    /// 2: TypeVar(name, bound evaluated lazily by the function).
    TypeVarWithBound,
    /// 2: TypeVar(name, constraints evaluated lazily by the function).
    TypeVarWithConstraints,
    /// 2: sets the lazily evaluated default of a type parameter, gives the parameter.
    SetTypeParamDefault,
    /// 2: sets `__type_params__` of a function, gives the function.
    SetFunctionTypeParams,
}

/// Packs an instruction word.
pub const fn pack(op: Op, a: u16, b: u16, c: u16) -> u64 {
    op as u64 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48
}

/// Packs an instruction word with a signed 32-bit number in `bc`.
pub const fn pack_bc(op: Op, a: u16, bc: i32) -> u64 {
    op as u64 | (a as u64) << 16 | (bc as u32 as u64) << 32
}

/// Extension words by operation.
const EXTENSIONS: [u8; Op::COUNT] = {
    let mut words = [0; Op::COUNT];
    let mut i = 0;
    while i < Op::COUNT {
        words[i] = Op::ALL[i].ext_words() as u8;
        i += 1;
    }
    words
};

/// How many extension words follow the instruction word.
#[inline(always)]
pub fn extensions_of(word: u64) -> usize {
    EXTENSIONS[(word & 0xffff) as usize] as usize
}

/// The operation of an instruction word that the compiler made.
pub fn op_of(word: u64) -> Op {
    Op::ALL[(word & 0xffff) as usize]
}

/// Operand `a`.
#[inline(always)]
pub const fn a_of(word: u64) -> usize {
    (word >> 16) as u16 as usize
}
/// Operand `b`.
#[inline(always)]
pub const fn b_of(word: u64) -> usize {
    (word >> 32) as u16 as usize
}
/// Operand `c`.
#[inline(always)]
pub const fn c_of(word: u64) -> usize {
    (word >> 48) as usize
}
/// The signed number in `b` and `c`.
#[inline(always)]
pub const fn bc_of(word: u64) -> i32 {
    (word >> 32) as i32
}
