//! What all threads of one interpreter share.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::{Arc, OnceLock};

use keelback_stm::Engine;
use parking_lot::Mutex;
use parking_lot::lock_api::{RawMutex as _, RawMutexFair as _};

use super::collect::Tracer;
use super::object::Header;
use super::space::Space;
use super::value::Value;
use super::world::World;
use super::{Thread, world};
use crate::objects::Types;
use crate::objects::intern::Interned;

/// How threads are kept apart (design section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecMode {
    Stm,
    Gil,
    Off,
}

/// Barriers for one thread alone: for measuring what they cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// They look whether an object is shared, which none is, and keep no logs.
    Checks,
    /// All that they do, with objects shared as if there were another thread.
    Full,
}

/// Settings from the command line and the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: ExecMode,
    /// `KEELBACK_CHAOS=N`: every Nth block or so is aborted.
    pub chaos: Option<u64>,
    /// `KEELBACK_GC_STRESS=1`: collect at every safepoint.
    pub gc_stress: bool,
    /// `KEELBACK_NURSERY=N`: so many bytes are allocated at least between two collections.
    pub nursery: usize,
    /// `KEELBACK_BLOCK=N`: fixed budget of a block.
    pub block: Option<u64>,
    /// `KEELBACK_ALONE=checks` or `full`, for `keelback overhead`.
    pub alone: Option<Alone>,
    pub seed: u64,
    pub max_heap: usize,
}

/// Most of what the machine, or the control group, grants.
fn default_max_heap() -> usize {
    // SAFETY: a plain query.
    let physical = unsafe {
        libc::sysconf(libc::_SC_PHYS_PAGES) as usize * libc::sysconf(libc::_SC_PAGESIZE) as usize
    };
    let group = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ]
    .iter()
    .find_map(|p| {
        std::fs::read_to_string(p)
            .ok()?
            .trim()
            .parse::<usize>()
            .ok()
    });
    physical.min(group.unwrap_or(usize::MAX)) / 5 * 4
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            mode: ExecMode::Stm,
            chaos: None,
            gc_stress: false,
            nursery: 32 << 20,
            block: None,
            alone: None,
            seed: 0,
            max_heap: default_max_heap(),
        }
    }
}

/// Objects that own memory outside the heap, and how to let go of it.
#[derive(Default)]
pub struct Drops(Mutex<Vec<(usize, unsafe fn(*mut u8))>>);

impl Drops {
    pub(crate) fn add(&self, address: usize, drop: unsafe fn(*mut u8)) {
        self.0.lock().push((address, drop));
    }
    pub(super) fn run(&self, tracer: &Tracer) {
        self.0.lock().retain(|&(address, drop)| {
            // SAFETY: entries are removed with the object, so this one still has its header.
            let live = tracer.is_marked(unsafe { &*(address as *const Header) });
            if !live {
                // SAFETY: the function was registered for this object's layout, and nobody can reach it.
                unsafe { drop(address as *mut u8) }
            }
            live
        })
    }
}

/// Objects with a `__del__`, and those whose turn it is.
///
/// Any thread may run them, and gets hold of all that they refer to. But an unreachable object that was private to a thread may
/// refer to what that thread is changing or has read in its running block, without any trace in the block's logs. So what the collector finds
/// is set apart, and shared when all threads are between two blocks.
#[derive(Default)]
pub struct Finalizers {
    watched: Mutex<Vec<Value>>,
    /// Found by the collector, perhaps still private.
    found: Mutex<Vec<Value>>,
    due: Mutex<Vec<Value>>,
    pub(crate) any_due: AtomicBool,
}

impl Finalizers {
    /// `v` has a `__del__`.
    pub fn watch(&self, v: Value) {
        self.watched.lock().push(v)
    }
    pub(super) fn after_mark(&self, tracer: &mut Tracer) {
        let mut found = self.found.lock();
        self.watched.lock().retain(|v| {
            let dead = v.header().is_some_and(|h| !tracer.is_marked(h));
            if dead && crate::vm::finalize::has_last_words(*v) {
                found.push(*v);
            }
            !dead
        });
        let due = self.due.lock();
        self.any_due
            .store(!due.is_empty() || !found.is_empty(), SeqCst);
        // They live until they have run.
        tracer.values(&*due);
        tracer.values(&*found);
        tracer.drain();
    }
    /// Has the collector found objects that may be private?
    pub fn any_found(&self) -> bool {
        !self.found.lock().is_empty()
    }
    /// The turn of what was found has come. To be called while no other thread is in a block.
    pub(super) fn release_found(&self, publish: impl Fn(Value)) {
        let mut found = self.found.lock();
        found.iter().copied().for_each(publish);
        self.due.lock().append(&mut found);
    }
    /// Takes those whose `__del__` is to be called. The caller keeps them alive.
    pub fn take_due(&self) -> Vec<Value> {
        self.any_due.store(false, SeqCst);
        std::mem::take(&mut self.due.lock())
    }
    /// Everything that is still watched (for the end of the interpreter).
    pub fn take_all(&self) -> Vec<Value> {
        std::mem::take(&mut self.watched.lock())
    }
}

/// What all threads of one interpreter share.
pub struct Runtime {
    pub space: Space,
    pub world: World,
    pub engine: Arc<Engine>,
    pub settings: Settings,
    pub types: OnceLock<Types>,
    pub interned: Interned,
    /// The strings of one character that are kept.
    pub(crate) chars: OnceLock<crate::objects::string::Chars>,
    /// Values that live as long as the interpreter.
    immortals: Mutex<Vec<Value>>,
    pub finalizers: Finalizers,
    pub drops: Drops,
    pub weak: Mutex<crate::objects::weak::WeakTable>,
    /// Moves on whenever a cached lookup (global, class attribute) may have become wrong.
    pub epoch: AtomicU64,
    /// More than one thread has run: barriers are on in mode `stm`.
    pub parallel: AtomicBool,
    pub(super) claimed: AtomicUsize,
    pub(super) collect_at: AtomicUsize,
    pub(super) live: AtomicUsize,
    pub max_heap: AtomicUsize,
    pub collection_wanted: AtomicBool,
    pub out_of_memory: AtomicBool,
    pub collections: AtomicU64,
    gil: parking_lot::RawMutex,
    pub threads: crate::threads::start::Table,
    /// Things that modules keep per interpreter.
    pub state: crate::objects::SharedState,
}

struct EngineHost;

impl keelback_stm::Host for EngineHost {
    fn pause(&self) {
        crate::vm::with_current_thread(|th| {
            if th.rt.world.wanted().is_some() {
                th.park()
            }
        });
    }
    fn block(&self, wait: &mut dyn FnMut()) {
        let mut done = false;
        crate::vm::with_current_thread(|th| {
            th.blocked(&mut *wait);
            done = true;
        });
        if !done {
            wait()
        }
    }
    fn tag(&self) -> Option<u64> {
        let mut tag = None;
        crate::vm::with_current_thread(|th| tag = Some(th.place_tag()));
        tag
    }
}

impl Runtime {
    /// Makes a runtime, which lives as long as the process.
    pub fn new(settings: Settings) -> &'static Runtime {
        let nursery = settings.nursery;
        let max_heap = settings.max_heap;
        Box::leak(Box::new(Runtime {
            space: Space::new(max_heap),
            world: World::default(),
            engine: Arc::new(Engine::with_host(EngineHost).with_seed(settings.seed)),
            settings,
            types: OnceLock::new(),
            interned: Interned::default(),
            chars: OnceLock::new(),
            immortals: Mutex::default(),
            finalizers: Finalizers::default(),
            drops: Drops::default(),
            weak: Mutex::default(),
            epoch: AtomicU64::new(1),
            parallel: AtomicBool::new(false),
            claimed: AtomicUsize::new(0),
            collect_at: AtomicUsize::new(nursery.min(max_heap / 4)),
            live: AtomicUsize::new(0),
            max_heap: AtomicUsize::new(max_heap),
            collection_wanted: AtomicBool::new(false),
            out_of_memory: AtomicBool::new(false),
            collections: AtomicU64::new(0),
            gil: parking_lot::RawMutex::INIT,
            threads: Default::default(),
            state: Default::default(),
        }))
    }

    /// The built-in classes.
    #[inline(always)]
    pub fn types(&'static self) -> &'static Types {
        self.types.get().expect("the built-in types are made first")
    }

    /// Keeps `v` alive for ever.
    pub fn immortal(&self, v: Value) {
        self.immortals.lock().push(v)
    }

    pub(super) fn take_gil_again(&self, held: bool) {
        if held {
            self.gil.lock();
        }
    }

    pub(super) fn trace_roots(&self, t: &mut Tracer) {
        t.values(&*self.immortals.lock());
        if let Some(types) = self.types.get() {
            types.trace(t);
        }
        self.interned.trace(t);
        self.threads.trace(t);
        self.state.trace(t);
    }
}

impl Thread {
    pub(super) fn take_gil(&mut self) {
        if self.rt.settings.mode == ExecMode::Gil && !self.rt.gil.try_lock() {
            // Counted as stopped while waiting, or a collection could wait for us for ever.
            self.blocked_without_gil(|rt| rt.gil.lock());
        }
    }
    pub(super) fn release_gil(&mut self) -> bool {
        let held = self.rt.settings.mode == ExecMode::Gil;
        if held {
            // SAFETY: a running thread of this mode holds it.
            unsafe { self.rt.gil.unlock() };
        }
        held
    }
    fn blocked_without_gil(&mut self, wait: impl FnOnce(&Runtime)) {
        let rt = self.rt;
        world::outside(self, || wait(rt));
    }
    /// Lets another thread have the lock, in mode `gil`.
    pub fn yield_gil(&mut self) {
        if self.rt.settings.mode == ExecMode::Gil {
            self.vm.since_yield = 0;
            // SAFETY: a running thread of this mode holds it. Handed over to who waits: a plain release would most often leave it to this
            // thread again.
            unsafe { self.rt.gil.unlock_fair() };
            self.blocked_without_gil(|rt| rt.gil.lock());
        }
    }
}
