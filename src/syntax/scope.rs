//! The symbol table: which names each scope binds, and where the others come from.

use super::intern::{FastMap, Sym};

/// Index of a scope in [`SymbolTable::scopes`]; parents have smaller numbers than their children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    ListComp,
    SetComp,
    DictComp,
    GenExpr,
    /// The `__annotate__` function of a module, class or function.
    Annotations,
    /// The implicit function around a generic function, class or `type` alias.
    TypeParams,
    /// The value of a `type` alias.
    TypeAlias,
    /// The bound, constraints or default of a type parameter.
    TypeVar,
}

impl ScopeKind {
    /// A comprehension or generator expression.
    pub fn is_comprehension(self) -> bool {
        matches!(
            self,
            ScopeKind::ListComp | ScopeKind::SetComp | ScopeKind::DictComp | ScopeKind::GenExpr
        )
    }
    /// Has local variables in registers.
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }
    /// One of the scopes that PEP 695 and 649 introduced.
    pub fn is_annotation_like(self) -> bool {
        matches!(
            self,
            ScopeKind::Annotations
                | ScopeKind::TypeParams
                | ScopeKind::TypeAlias
                | ScopeKind::TypeVar
        )
    }
}

/// What is known of a name in a scope.
pub mod def {
    pub const USE: u16 = 1;
    pub const LOCAL: u16 = 2;
    pub const PARAM: u16 = 4;
    pub const GLOBAL: u16 = 8;
    pub const NONLOCAL: u16 = 16;
    pub const ANNOTATED: u16 = 32;
    /// Deleted somewhere (`del`, or the end of `except ... as`), so it may be unbound after having been bound.
    pub const DELETED: u16 = 64;
    pub const TYPE_PARAM: u16 = 128;
    /// A scope further in reads it through this one, which has it not.
    pub const PASS_FREE: u16 = 256;
    /// The target of a comprehension's `for`.
    pub const COMP_TARGET: u16 = 512;
    pub const BOUND: u16 = LOCAL | PARAM | TYPE_PARAM;
}

/// How a name is reached from its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Bound here (in a module or class: in the namespace).
    Local,
    /// Bound here and used by a scope further in.
    Cell,
    /// Bound by an enclosing function.
    Free,
    /// Declared `global`.
    GlobalExplicit,
    /// Bound nowhere around.
    GlobalImplicit,
    /// As in the enclosing scope, with which this inlined comprehension shares the frame.
    Enclosing,
}

/// A name in a scope.
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    pub name: Sym,
    pub flags: u16,
    pub access: Access,
}

/// One scope.
pub struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<ScopeId>,
    pub name: Sym,
    pub symbols: Vec<Symbol>,
    pub index: FastMap<Sym, u32>,
    /// Parameters in register order.
    pub params: Vec<Sym>,
    /// Names taken from the closure, sorted.
    pub freevars: Vec<Sym>,
    /// `__class__`, `__classdict__` and `__conditional_annotations__` where a class body provides them.
    pub class_cells: Vec<Sym>,
    /// A comprehension that runs in the frame of the scope around it (PEP 709).
    pub inlined: bool,
    /// An annotation or type scope directly in a class: looks into the namespace of the class first.
    pub sees_class: bool,
    /// Inside some function.
    pub nested: bool,
    pub is_async: bool,
    pub has_yield: bool,
    /// The class whose name mangles private names.
    pub private: Option<Sym>,
    /// Offsets of the assignment expressions that bind in this frame, ascending.
    pub walruses: Vec<u32>,
    /// Attributes assigned to `self` in the methods of a class.
    pub static_attributes: std::collections::BTreeSet<String>,
    /// The `__annotate__` scope of a module or class.
    pub annotations: Option<ScopeId>,
    pub conditional_annotations: bool,
}

impl Scope {
    /// The symbol of a name, if the scope knows it.
    pub fn symbol(&self, name: Sym) -> Option<&Symbol> {
        self.index.get(&name).map(|&at| &self.symbols[at as usize])
    }
    /// Its flags, 0 if unknown.
    pub fn flags(&self, name: Sym) -> u16 {
        self.symbol(name).map_or(0, |symbol| symbol.flags)
    }
}

/// Which part of a node a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Part {
    Body,
    TypeParams,
    Annotations,
    Bound,
    Default,
    Value,
}

/// Identifies a node by its address: the tree does not move while it is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeKey(usize, Part);

impl NodeKey {
    /// The key of a part of a node.
    pub fn new<T>(node: &T, part: Part) -> Self {
        NodeKey(std::ptr::from_ref(node) as usize, part)
    }
    /// The key of the annotations of the module.
    pub const MODULE_ANNOTATIONS: NodeKey = NodeKey(0, Part::Annotations);
}

/// All scopes of a compilation.
pub struct SymbolTable {
    pub scopes: Vec<Scope>,
    pub by_node: FastMap<NodeKey, ScopeId>,
}

impl SymbolTable {
    /// A scope.
    pub fn get(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }
    /// The scope of a part of a node. The builder made one for every node that the compiler asks for.
    pub fn of<T>(&self, node: &T, part: Part) -> ScopeId {
        self.by_node[&NodeKey::new(node, part)]
    }
}

/// Applies name mangling: `__x` in class `C` is `_C__x`.
pub fn mangle(class: Option<&str>, name: &str) -> Option<String> {
    let class = class?;
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return None;
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return None;
    }
    Some(format!("_{class}{name}"))
}
