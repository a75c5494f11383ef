//! The special method names, numbered. Each class has a table of what they resolve to.

macro_rules! specials {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A special method name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Sp { $($name),* }
        impl Sp {
            pub const ALL: &'static [Sp] = &[$(Sp::$name),*];
            pub const COUNT: usize = Self::ALL.len();
            /// The name, `__add__` and so on.
            pub const fn name(self) -> &'static str {
                match self { $(Sp::$name => $text),* }
            }
            pub fn from_name(name: &str) -> Option<Sp> {
                match name { $($text => Some(Sp::$name),)* _ => None }
            }
        }
    };
}

specials! {
    New "__new__", Init "__init__", Del "__del__", Call "__call__",
    Repr "__repr__", Str "__str__", Format "__format__", Bytes "__bytes__", Hash "__hash__", Bool "__bool__",
    Lt "__lt__", Le "__le__", Eq "__eq__", Ne "__ne__", Gt "__gt__", Ge "__ge__",
    GetAttribute "__getattribute__", GetAttr "__getattr__", SetAttr "__setattr__", DelAttr "__delattr__", Dir "__dir__",
    Get "__get__", Set "__set__", Delete "__delete__", SetName "__set_name__",
    InitSubclass "__init_subclass__", Prepare "__prepare__", MroEntries "__mro_entries__",
    InstanceCheck "__instancecheck__", SubclassCheck "__subclasscheck__", ClassGetItem "__class_getitem__",
    Len "__len__", LengthHint "__length_hint__", GetItem "__getitem__", SetItem "__setitem__", DelItem "__delitem__",
    Missing "__missing__", Iter "__iter__", Next "__next__", Reversed "__reversed__", Contains "__contains__",
    Add "__add__", Sub "__sub__", Mul "__mul__", MatMul "__matmul__", TrueDiv "__truediv__", FloorDiv "__floordiv__",
    Mod "__mod__", DivMod "__divmod__", Pow "__pow__", LShift "__lshift__", RShift "__rshift__", And "__and__",
    Xor "__xor__", Or "__or__",
    RAdd "__radd__", RSub "__rsub__", RMul "__rmul__", RMatMul "__rmatmul__", RTrueDiv "__rtruediv__",
    RFloorDiv "__rfloordiv__", RMod "__rmod__", RDivMod "__rdivmod__", RPow "__rpow__", RLShift "__rlshift__",
    RRShift "__rrshift__", RAnd "__rand__", RXor "__rxor__", ROr "__ror__",
    IAdd "__iadd__", ISub "__isub__", IMul "__imul__", IMatMul "__imatmul__", ITrueDiv "__itruediv__",
    IFloorDiv "__ifloordiv__", IMod "__imod__", IPow "__ipow__", ILShift "__ilshift__", IRShift "__irshift__",
    IAnd "__iand__", IXor "__ixor__", IOr "__ior__",
    Neg "__neg__", Pos "__pos__", Abs "__abs__", Invert "__invert__", Complex "__complex__", Int "__int__",
    Float "__float__", Index "__index__", Round "__round__", Trunc "__trunc__", Floor "__floor__", Ceil "__ceil__",
    Enter "__enter__", Exit "__exit__", Await "__await__", AIter "__aiter__", ANext "__anext__",
    AEnter "__aenter__", AExit "__aexit__", Buffer "__buffer__", Fspath "__fspath__",
}
