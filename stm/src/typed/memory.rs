//! The memory of variables and values: who keeps it, and when it goes.

#[cfg(feature = "harness")]
use std::cell::Cell;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::LazyLock;
use std::sync::atomic::Ordering::*;

use crossbeam_epoch::{Guard, LocalHandle};

use crate::Engine;
use crate::orec::Orec;
use crate::primitive::{
    Arc, AtomicBool, AtomicU64, AtomicUsize, Mutex, fence, lock, thread_locals,
};

static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| {
    let engine = Engine::new().with_epochs();
    engine.set_counting(false);
    Arc::new(engine)
});

/// The engine that all variables share, but for those of a run of the harness.
pub(super) fn engine() -> &'static Arc<Engine> {
    &ENGINE
}

/// An engine, and what was left behind by threads that worked on its variables.
#[cfg(feature = "harness")]
pub(crate) struct Home {
    pub(crate) engine: Arc<Engine>,
    orphans: Mutex<Orphans>,
}

#[cfg(feature = "harness")]
thread_local! {
    /// The one that this thread's variables belong to, if that is not the process'. Without a destructor, so that it is there for all others.
    static HOME: Cell<*const Home> = const { Cell::new(std::ptr::null()) };
}

#[cfg(feature = "harness")]
impl Home {
    pub(crate) fn new(engine: Arc<Engine>) -> Home {
        Home {
            engine,
            orphans: Mutex::new(Orphans::NONE),
        }
    }

    /// From now on this thread works on variables of this engine. It has not used any before.
    ///
    /// # Safety
    /// The home is there until the thread has ended, or has called [`leave`](Home::leave) and uses no variables any more.
    pub(crate) unsafe fn enter(&self) {
        HOME.set(self);
    }

    /// This thread works on variables of the process again.
    pub(crate) fn leave() {
        HOME.set(std::ptr::null());
    }

    fn of_thread<'h>() -> Option<&'h Home> {
        // SAFETY: as `enter` asks for; callers use the reference at once.
        unsafe { HOME.get().as_ref() }
    }
}

/// Calls `f` with the engine that the thread's variables belong to.
pub(super) fn with_engine<R>(f: impl FnOnce(&Arc<Engine>) -> R) -> R {
    #[cfg(feature = "harness")]
    if let Some(home) = Home::of_thread() {
        return f(&home.engine);
    }
    f(engine())
}

thread_locals! {
    lazy static HANDLE: LocalHandle = register()
}

fn register() -> LocalHandle {
    with_engine(|engine| {
        let collector = engine.epochs.as_ref();
        collector.expect("the engine has epochs").register()
    })
}

/// Calls `f` with the thread pinned.
fn pinned<R>(f: impl FnOnce(&Guard) -> R) -> R {
    let guard = HANDLE.try_with(LocalHandle::pin);
    // While the thread's own variables are being destroyed there is no handle any more.
    f(&guard.unwrap_or_else(|_| register().pin()))
}

/// Destroys what waits for it, as far as no running block may still look at it. What other threads have retired, and not handed on yet, stays; and so
/// do some that have come back to a thread that is busy with others.
///
/// There is no need to call it: it happens by itself, some blocks later. Tests and programs that report their memory may want it now.
///
/// ```
/// use std::sync::Arc;
/// use keelback_stm::{reclaim, TVar};
///
/// let value = Arc::new(());
/// drop(TVar::new(value.clone()));
/// while Arc::strong_count(&value) > 1 {
///     reclaim(); // as soon as no transaction that ran then is left
/// }
/// ```
pub fn reclaim() {
    for _ in 0..8 {
        hand_over();
        pinned(|guard| guard.flush());
        destroy_some(usize::MAX);
    }
}

/// Something to be destroyed, whose type has been forgotten.
pub(super) struct Garbage {
    what: *mut (),
    /// How large it is, apart from what it refers to.
    bytes: usize,
    destroy: unsafe fn(*mut ()),
}

// SAFETY: what it refers to is `Send`, as `of_box` and `Handle` ask for.
unsafe impl Send for Garbage {}

impl Garbage {
    /// # Safety
    /// `address` came from `Box<T>::into_raw`, and nobody else destroys it.
    pub(super) unsafe fn of_box<T: Send>(address: *mut T) -> Garbage {
        unsafe fn destroy<T>(what: *mut ()) {
            // SAFETY: as `of_box` asks for.
            drop(unsafe { Box::from_raw(what as *mut T) });
        }
        Garbage {
            what: address as *mut (),
            bytes: size_of::<T>(),
            destroy: destroy::<T>,
        }
    }

    /// Destroys it now: nobody can be looking at it.
    pub(super) fn destroy(self) {
        // SAFETY: the contract of the constructor.
        unsafe { (self.destroy)(self.what) }
    }
}

/// What a thread has retired, on its way to be destroyed.
///
/// It goes to the epochs by the batch, so that most retirements cost no more than a push. When a batch comes back, some blocks later, it is
/// destroyed a few at a time, by a thread that retires as much: an allocator is at its best with memory that comes back as it goes.
///
/// No destructor runs inside the epochs' own code, nor inside another one that we have called: what a destructor retires waits its turn. So it takes no more
/// stack to destroy a million variables, each of which holds the last handle of the next, than to destroy one.
struct Limbo {
    /// What is not in a batch yet, and how many bytes that is.
    new: Vec<Garbage>,
    new_bytes: usize,
    /// What nobody can be looking at any more.
    ready: Vec<Garbage>,
    /// The thread has retired something since the last batch came back: it will take care of the next one, too.
    active: bool,
    /// Something of `ready` is being destroyed.
    destroying: bool,
}

/// The most that a batch has: how many, and how many bytes. So much may stay in a thread that does nothing, twice.
const BATCH: (usize, usize) = (128, 1 << 15);

impl Limbo {
    const EMPTY: Limbo = Limbo {
        new: Vec::new(),
        new_bytes: 0,
        ready: Vec::new(),
        active: false,
        destroying: false,
    };
}

impl Drop for Limbo {
    fn drop(&mut self) {
        // The thread ends.
        with_orphans(|orphans| {
            orphans.new.append(&mut self.new);
            orphans.ready.append(&mut self.ready);
        });
    }
}

thread_locals! {
    static LIMBO: RefCell<Limbo> = RefCell::new(Limbo::EMPTY)
}

/// What threads have left behind that have ended, or do not write: for the next one that does.
struct Orphans {
    new: Vec<Garbage>,
    ready: Vec<Garbage>,
}

static ORPHANS: Mutex<Orphans> = Mutex::new(Orphans::NONE);

/// Whether there may be any, for who would rather not lock.
static ARE_ORPHANS: AtomicBool = AtomicBool::new(false);

impl Orphans {
    const NONE: Orphans = Orphans {
        new: Vec::new(),
        ready: Vec::new(),
    };

    fn note(&self) {
        // Relaxed: who comes too early comes again.
        ARE_ORPHANS.store(!self.new.is_empty() || !self.ready.is_empty(), Relaxed);
    }
}

impl Drop for Orphans {
    /// Those of a home, whose threads have all ended.
    fn drop(&mut self) {
        let (new, ready) = (
            std::mem::take(&mut self.new),
            std::mem::take(&mut self.ready),
        );
        new.into_iter().chain(ready).for_each(Garbage::destroy);
    }
}

/// Calls `f` with those of the engine that the thread's variables belong to.
fn with_orphans<R>(f: impl FnOnce(&mut Orphans) -> R) -> R {
    #[cfg(feature = "harness")]
    if let Some(home) = Home::of_thread() {
        // For other engines it is a hint, and may be wrong.
        ARE_ORPHANS.store(true, Relaxed);
        return f(&mut lock(&home.orphans));
    }
    let mut orphans = lock(&ORPHANS);
    let result = f(&mut orphans);
    orphans.note();
    result
}

/// Destroys all of them once each block that runs now has ended.
pub(super) fn retire_all(mut garbage: impl Iterator<Item = Garbage>) {
    let full = LIMBO.try_with(|limbo| {
        let limbo = &mut *limbo.borrow_mut();
        limbo.active = true;
        for g in garbage.by_ref() {
            limbo.new_bytes += g.bytes;
            limbo.new.push(g);
        }
        limbo.new.len() >= BATCH.0 || limbo.new_bytes >= BATCH.1
    });
    match full {
        Ok(false) => {}
        Ok(true) => {
            hand_over();
            // For those who drop variables and run no transactions.
            destroy_some(BATCH.0);
        }
        // The thread ends.
        Err(_) => with_orphans(|orphans| orphans.new.extend(garbage)),
    }
}

/// Gives to the epochs what the thread has retired, and what was left behind.
#[inline(never)]
fn hand_over() {
    let batch = LIMBO.try_with(|limbo| {
        let limbo = &mut *limbo.borrow_mut();
        limbo.new_bytes = 0;
        std::mem::take(&mut limbo.new)
    });
    let mut batch = batch.unwrap_or_default();
    if ARE_ORPHANS.load(Relaxed) {
        with_orphans(|orphans| batch.append(&mut orphans.new));
    }
    if batch.is_empty() {
        return;
    }
    pinned(|guard| {
        // SAFETY: all of it is `Send`, and refers to nothing on this stack.
        unsafe { guard.defer_unchecked(move || make_ready(batch)) };
        // The epochs count batches, not what is in them, and would keep hundreds of them.
        guard.flush();
    });
}

/// Nobody can be looking at a batch any more.
fn make_ready(mut batch: Vec<Garbage>) {
    let _ = LIMBO.try_with(|limbo| {
        let limbo = &mut *limbo.borrow_mut();
        if !std::mem::take(&mut limbo.active) {
            return;
        }
        if limbo.ready.is_empty() {
            std::mem::swap(&mut limbo.ready, &mut batch);
        } else {
            limbo.ready.append(&mut batch);
        }
        if limbo.new.capacity() == 0 {
            // An empty one, with room.
            std::mem::swap(&mut limbo.new, &mut batch);
        }
    });
    if !batch.is_empty() {
        with_orphans(|orphans| orphans.ready.append(&mut batch));
    }
}

/// Destroys so many of those that nobody can be looking at any more. Calls destructors, which are the user's.
#[inline]
pub(super) fn destroy_some(most: usize) {
    /// Also when a destructor panics.
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            let _ = LIMBO.try_with(|limbo| limbo.borrow_mut().destroying = false);
        }
    }
    let take_orphans = ARE_ORPHANS.load(Relaxed);
    let begun = LIMBO.try_with(|limbo| {
        let limbo = &mut *limbo.borrow_mut();
        if take_orphans {
            with_orphans(|orphans| limbo.ready.append(&mut orphans.ready));
        }
        let begin = !limbo.destroying && !limbo.ready.is_empty();
        limbo.destroying |= begin;
        begin
    });
    if begun.ok() != Some(true) {
        return;
    }
    let _done = Done;
    for _ in 0..most {
        match LIMBO.try_with(|limbo| limbo.borrow_mut().ready.pop()) {
            Ok(Some(garbage)) => garbage.destroy(),
            _ => return,
        }
    }
}

/// What a variable consists of. The version word comes first, so that its address is the header's.
#[repr(C)]
pub(super) struct Header {
    pub(super) orec: Orec,
    /// The value, or the address of its box.
    pub(super) word: AtomicU64,
    handles: AtomicUsize,
    /// Destroys value and header.
    destroy: unsafe fn(*mut ()),
}

/// One of the handles of a variable: as `Arc`, but what it refers to outlives the last handle until the blocks that run then have ended.
pub(super) struct Handle(NonNull<Header>);

// SAFETY: a header is made of atomics. What its word refers to is the business of `TVar`.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    /// A new variable. `destroy` is called with the address of the header when that has become unreachable.
    pub(super) fn new(word: u64, destroy: unsafe fn(*mut ())) -> Handle {
        let header = Header {
            orec: Orec::shared(0),
            word: AtomicU64::new(word),
            handles: AtomicUsize::new(1),
            destroy,
        };
        Handle(NonNull::from(Box::leak(Box::new(header))))
    }

    /// A handle of the variable that this version word belongs to, unless its last one has gone.
    ///
    /// # Safety
    /// It is the version word of a [`Header`], which has not been freed: the calling thread has been pinned since a time when there was a handle.
    pub(super) unsafe fn again(orec: *const Orec) -> Option<Handle> {
        let header = NonNull::new(orec as *mut Header)?;
        // SAFETY: as the caller says.
        let handles = unsafe { &(*header.as_ptr()).handles };
        // Relaxed: as in `clone`; the memory is there anyway.
        let one_more = |n: usize| (n > 0).then_some(n + 1);
        handles.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(Handle(header))
    }

    /// Whether both are handles of one variable.
    pub(super) fn same(&self, other: &Handle) -> bool {
        self.0 == other.0
    }

    pub(super) fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }
}

impl std::ops::Deref for Handle {
    type Target = Header;
    #[inline(always)]
    fn deref(&self) -> &Header {
        // SAFETY: while there is a handle there is the header.
        unsafe { self.0.as_ref() }
    }
}

impl Clone for Handle {
    fn clone(&self) -> Handle {
        // Relaxed: as for `Arc`, a new handle comes from one that is there.
        self.handles.fetch_add(1, Relaxed);
        Handle(self.0)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Release, and acquire by the last one: all uses come before the destruction.
        if self.handles.fetch_sub(1, Release) == 1 {
            fence(Acquire);
            // A block that runs now, ours perhaps, may have it in its logs.
            retire_all(std::iter::once(Garbage {
                what: self.0.as_ptr() as *mut (),
                bytes: size_of::<Header>(),
                destroy: self.destroy,
            }));
        }
    }
}

/// Frees a header: for the functions given to [`Handle::new`].
///
/// # Safety
/// `header` is what such a function was called with. It is called once.
pub(super) unsafe fn free_header(header: *mut ()) -> u64 {
    // SAFETY: it was a box in `Handle::new`.
    let header = unsafe { Box::from_raw(header as *mut Header) };
    header.word.load(Relaxed)
}

/// Whether a value of this type stands in the data word itself.
///
/// Only types all of whose bytes are always initialised may: padding would be read as part of a number.
#[inline(always)]
pub(super) fn in_word<T: 'static>() -> bool {
    use std::any::TypeId;
    let id = TypeId::of::<T>();
    macro_rules! any_of {
        ($($t:ty),*) => { $(id == TypeId::of::<$t>())||* };
    }
    any_of!(
        u8,
        u16,
        u32,
        u64,
        usize,
        i8,
        i16,
        i32,
        i64,
        isize,
        f32,
        f64,
        bool,
        char,
        ()
    )
}

/// The word for a value of a type that is [`in_word`].
#[inline(always)]
pub(super) fn to_word<T: 'static>(value: T) -> u64 {
    debug_assert!(in_word::<T>());
    let value = ManuallyDrop::new(value);
    let mut bytes = [0u8; 8];
    // SAFETY: the types of `in_word` have at most 8 bytes, all of them initialised.
    unsafe {
        std::ptr::copy_nonoverlapping(
            (&raw const value).cast::<u8>(),
            bytes.as_mut_ptr(),
            size_of::<T>(),
        );
    }
    u64::from_ne_bytes(bytes)
}

/// The value for a word that [`to_word`] made of this type.
///
/// # Safety
/// It did.
#[inline(always)]
pub(super) unsafe fn from_word<T: 'static>(word: u64) -> T {
    debug_assert!(in_word::<T>());
    let bytes = word.to_ne_bytes();
    // SAFETY: the first bytes are those of a value of this type, as the caller says.
    unsafe { std::ptr::read_unaligned(bytes.as_ptr().cast::<T>()) }
}
