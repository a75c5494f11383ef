//! Where each name comes from, once all scopes are known.

use super::error::Problem;
use super::intern::{Interner, Sym};
use super::scope::{Access, Scope, ScopeId, ScopeKind, Symbol, SymbolTable, def};
use ruff_text_size::TextRange;

/// Decides the [`Access`] of every symbol. `nonlocals` are the declarations, for the error of one without a binding.
pub fn resolve(
    table: &mut SymbolTable,
    names: &mut Interner,
    nonlocals: &[(ScopeId, Sym, TextRange)],
) -> Result<(), Problem> {
    let special = Special {
        class: names.intern("__class__"),
        classdict: names.intern("__classdict__"),
        conditional: names.intern("__conditional_annotations__"),
    };
    for &(scope, name, range) in nonlocals {
        if !matches!(special.find(table, scope, name), Found::In { .. }) {
            return Err(Problem {
                msg: format!("no binding for nonlocal '{}' found", names.text(name)),
                range,
            });
        }
    }
    for at in 0..table.scopes.len() {
        let id = ScopeId(at as u32);
        let mut index = 0;
        // Passing names through adds symbols only to scopes around, which are done, or to this one, which are final.
        while let Some(&Symbol { name, flags, .. }) = table.scopes[at].symbols.get(index) {
            let access = special.access(table, id, name, flags);
            let scope = &mut table.scopes[at];
            // A scope further in, met earlier through `nonlocal`, may have made it a cell.
            if !(access == Access::Local && scope.symbols[index].access == Access::Cell) {
                scope.symbols[index].access = access;
            }
            if scope.sees_class
                && name != special.classdict
                && matches!(access, Access::Free | Access::GlobalImplicit)
            {
                special.access(table, id, special.classdict, def::USE);
            }
            index += 1;
        }
    }
    for scope in &mut table.scopes {
        scope.walruses.sort_unstable();
        scope
            .freevars
            .sort_by(|&a, &b| names.text(a).cmp(names.text(b)));
        scope
            .class_cells
            .sort_by(|&a, &b| names.text(a).cmp(names.text(b)));
    }
    Ok(())
}

struct Special {
    class: Sym,
    classdict: Sym,
    conditional: Sym,
}

enum Found {
    /// Bound by this scope; the frames between need it in their closures.
    In {
        scope: ScopeId,
        frames: Vec<ScopeId>,
    },
    /// Nowhere; `same_frame`: only inlined comprehensions lie between here and the module.
    Nowhere { same_frame: bool },
}

impl Special {
    fn access(&self, table: &mut SymbolTable, id: ScopeId, name: Sym, flags: u16) -> Access {
        if flags & def::GLOBAL != 0 {
            return Access::GlobalExplicit;
        }
        if flags & def::NONLOCAL == 0 && flags & def::BOUND != 0 {
            return Access::Local;
        }
        match self.find(table, id, name) {
            Found::Nowhere { same_frame: true } => Access::Enclosing,
            Found::Nowhere { same_frame: false } => Access::GlobalImplicit,
            Found::In { frames, .. } if frames.is_empty() => Access::Enclosing,
            Found::In { scope, frames } => {
                let owner = &mut table.scopes[scope.0 as usize];
                if owner.kind == ScopeKind::Class {
                    if !owner.class_cells.contains(&name) {
                        owner.class_cells.push(name);
                    }
                } else if let Some(&at) = owner.index.get(&name) {
                    owner.symbols[at as usize].access = Access::Cell;
                }
                for &frame in &frames {
                    pass_through(&mut table.scopes[frame.0 as usize], name);
                }
                if table.get(id).inlined {
                    Access::Enclosing
                } else {
                    Access::Free
                }
            }
        }
    }

    /// Looks for the scope around `id` that binds `name`.
    fn find(&self, table: &SymbolTable, id: ScopeId, name: Sym) -> Found {
        let mut frames = Vec::new();
        let mut at = id;
        loop {
            let scope = table.get(at);
            if !scope.inlined {
                frames.push(at);
            }
            let Some(parent) = scope.parent else {
                return Found::Nowhere { same_frame: false };
            };
            at = parent;
            let scope = table.get(at);
            match scope.kind {
                ScopeKind::Module => {
                    return Found::Nowhere {
                        same_frame: frames.is_empty(),
                    };
                }
                ScopeKind::Class => {
                    if name == self.class || name == self.classdict || name == self.conditional {
                        return Found::In { scope: at, frames };
                    }
                }
                _ => {
                    let flags = scope.flags(name);
                    if flags & def::GLOBAL != 0 {
                        // Declared global there: global here too. Within its frame, as there.
                        return Found::Nowhere {
                            same_frame: frames.is_empty(),
                        };
                    }
                    if flags & def::NONLOCAL == 0 && flags & def::BOUND != 0 {
                        return Found::In { scope: at, frames };
                    }
                }
            }
        }
    }
}

/// Makes a frame carry a free variable.
fn pass_through(scope: &mut Scope, name: Sym) {
    match scope.index.get(&name) {
        Some(&at) => {
            let symbol = &mut scope.symbols[at as usize];
            if symbol.flags & def::PASS_FREE != 0 {
                return;
            }
            symbol.flags |= def::PASS_FREE;
        }
        None => {
            scope.index.insert(name, scope.symbols.len() as u32);
            scope.symbols.push(Symbol {
                name,
                flags: def::PASS_FREE,
                access: Access::Free,
            });
        }
    }
    scope.freevars.push(name);
}
