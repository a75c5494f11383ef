//! Runs a program of several threads once, and listens: on threads of the system with random interruptions, or step by step as a schedule says.
//!
//! Each run has an engine of its own, so that nothing else in the process has a part in it, and its own clock. Under `shuttle` the same program with the same schedule
//! does the same, step by step: time is counted in steps, random choices come from the seed, and addresses are hashed by the order in which they
//! were first met.
//!
//! A run always ends. When every thread that is left sleeps in `retry`, nobody can wake it: it is *cut off*, which is no failure. When there is no end in
//! sight after very many steps, the run is *stuck*, which is one.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, Once};
use std::time::{Duration, Instant};

use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use super::history::{Event, History};
use super::schedule::{Schedule, Turns};
use crate::probe::{Check, Probe, What, under};
use crate::typed::Home;
use crate::{Engine, Policy};

/// What lets threads run at the same time.
///
/// ```
/// use keelback_stm::harness::{EngineTest, Executor};
/// EngineTest::new().executor(Executor::Shuttle).cases(5).run();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executor {
    /// One at a time, step by step, as the schedule says: repeatable.
    Shuttle,
    /// Threads of the system, which give way at random moments.
    Threads,
}

/// How to run a program.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) executor: Executor,
    pub(super) schedule: Schedule,
    pub(super) policy: Option<Policy>,
    /// A check of the engine that is switched off.
    pub(super) off: Option<Check>,
}

/// How a thread ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// It slept, and nobody was left to wake it.
    Asleep,
    /// There was no end in sight.
    Stuck,
    Panicked(String),
}

/// A run that is over.
pub(super) struct Ran<R> {
    pub(super) history: History,
    pub(super) ends: Vec<End>,
    /// What came after the threads; `None` if that panicked, or there was nothing to ask.
    pub(super) last: Result<R, String>,
}

/// Steps, or a tenth of milliseconds, after which a run is stuck.
const STUCK: u64 = 300_000;

/// Unwinds a thread that sleeps for ever.
struct CutOff;
/// Unwinds a thread of a run without an end.
struct NoEnd;

fn end_of(result: Result<(), Box<dyn Any + Send>>) -> End {
    match result {
        Ok(()) => End::Done,
        Err(panic) if panic.is::<CutOff>() => End::Asleep,
        Err(panic) if panic.is::<NoEnd>() => End::Stuck,
        Err(panic) => End::Panicked(message(&*panic)),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

thread_local! {
    /// Whether panics of this thread are caught and told of later.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the panics of a run from being printed: hundreds of them come while a failure is made smaller, and the report has the last one.
fn be_quiet(executor: Executor) {
    static HOOK: Once = Once::new();
    static SHUTTLE: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                hook(info);
            }
        }));
    });
    if executor == Executor::Shuttle {
        SHUTTLE.call_once(|| {
            let hook = std::panic::take_hook();
            // This installs a hook of shuttle's, which would tell of each panic that is caught, and of others that are none of its business.
            Runner::new(Turns::new(&Schedule::default(), Rc::default()), config()).run(|| ());
            std::panic::set_hook(hook);
        });
    }
    QUIET.set(true);
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::None;
    config.silence_warnings = true;
    config
}

/// A thread's part of a run.
pub(super) type Body<S> = Box<dyn FnOnce(&S) + Send>;

/// Makes a state, lets all bodies run on it at the same time, and then `last`.
pub(super) fn run<S, R>(
    plan: &Plan,
    first: impl FnOnce() -> S + Send + 'static,
    bodies: Vec<Body<S>>,
    last: impl FnOnce(&S) -> R + Send + 'static,
) -> Ran<R>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
{
    let engine = Engine::new().with_epochs().with_seed(plan.schedule.seed);
    if let Some(policy) = &plan.policy {
        engine.set_policy(Arc::clone(policy));
    }
    let home = Home::new(Arc::new(engine));
    match plan.executor {
        Executor::Shuttle => by_turns(plan, &home, first, bodies, last),
        Executor::Threads => at_once(plan, &home, first, bodies, last),
    }
}

/// Knows when all threads that are left sleep, and nobody can wake them.
///
/// A thread that has just been woken sleeps for the others until it runs. So notifications are counted, and each sleeper says up to which one it has looked, and
/// found that it was not meant: only when all have looked since the last one, no one is left who could make another.
struct Sleepers {
    notifications: AtomicU64,
    threads: Mutex<Threads>,
}

struct Threads {
    alive: usize,
    /// Those asleep without a limit, and up to which notification they have looked.
    asleep: HashMap<usize, u64>,
}

impl Sleepers {
    fn new(alive: usize) -> Sleepers {
        Sleepers {
            notifications: AtomicU64::new(0),
            threads: Mutex::new(Threads {
                alive,
                asleep: HashMap::new(),
            }),
        }
    }

    /// Sleeps until `done`. Unwinds if that will never be.
    fn sleep(&self, thread: usize, done: &dyn Fn() -> bool, pause: &dyn Fn()) {
        loop {
            let seen = self.notifications.load(SeqCst);
            if done() {
                self.threads.lock().unwrap().asleep.remove(&thread);
                return;
            }
            {
                let mut threads = self.threads.lock().unwrap();
                threads.asleep.insert(thread, seen);
                let now = self.notifications.load(SeqCst);
                let all = threads.asleep.len() == threads.alive;
                if all && threads.asleep.values().all(|&seen| seen == now) {
                    threads.asleep.remove(&thread);
                    threads.alive -= 1;
                    drop(threads);
                    resume_unwind(Box::new(CutOff));
                }
            }
            pause();
        }
    }

    /// A thread has ended.
    fn ended(&self, end: &End) {
        // Who was cut off is counted already.
        if *end != End::Asleep {
            self.threads.lock().unwrap().alive -= 1;
        }
    }

    /// What comes after the threads.
    fn last(&self) {
        self.threads.lock().unwrap().alive = 1;
    }
}

/// The probe for all tasks of a run under `shuttle`.
struct ByTurns {
    start: Instant,
    steps: Cell<u64>,
    /// Has no value of interest: looking at it is where shuttle lets others run.
    step: shuttle::sync::atomic::AtomicBool,
    random: Cell<u64>,
    places: RefCell<HashMap<usize, usize>>,
    events: RefCell<Vec<Event>>,
    off: Option<Check>,
    sleepers: Sleepers,
}

/// The next number of SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn drawn(state: &Cell<u64>) -> u64 {
    let mut s = state.get();
    let number = split_mix(&mut s);
    state.set(s);
    number
}

impl ByTurns {
    fn task() -> usize {
        usize::from(shuttle::current::me())
    }
}

impl Probe for ByTurns {
    fn point(&self) {
        self.steps.set(self.steps.get() + 1);
        self.step.load(SeqCst);
    }

    fn pause(&self) {
        // Time goes faster for those who wait.
        self.steps.set(self.steps.get() + 10);
        if self.steps.get() > 10 * STUCK {
            resume_unwind(Box::new(NoEnd));
        }
        shuttle::thread::yield_now();
    }

    fn sleep(&self, done: &dyn Fn() -> bool, limit: Option<Duration>) {
        let Some(limit) = limit else {
            return self.sleepers.sleep(Self::task(), done, &|| self.pause());
        };
        let end = self.now() + limit;
        while !done() && self.now() < end {
            self.pause();
        }
    }

    fn notified(&self) {
        self.sleepers.notifications.fetch_add(1, SeqCst);
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_micros(self.steps.get())
    }

    fn random(&self) -> u64 {
        drawn(&self.random)
    }

    fn place(&self, address: usize) -> usize {
        let mut places = self.places.borrow_mut();
        let next = places.len() * 64;
        *places.entry(address).or_insert(next)
    }

    fn has_tasks(&self) -> bool {
        true
    }

    fn is_off(&self, check: Check) -> bool {
        self.off == Some(check)
    }

    fn tell(&self, what: What) {
        if let What::Made { var, .. } = what {
            // Perhaps the address of one that is gone, which depends on the allocator.
            self.places.borrow_mut().remove(&var);
            self.place(var);
        }
        let mut events = self.events.borrow_mut();
        events.push(Event {
            order: self.steps.get(),
            thread: Self::task(),
            what,
        });
    }
}

fn by_turns<S, R>(
    plan: &Plan,
    home: &Home,
    first: impl FnOnce() -> S + Send + 'static,
    bodies: Vec<Body<S>>,
    last: impl FnOnce(&S) -> R + Send + 'static,
) -> Ran<R>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
{
    type Outcome<R> = (Vec<End>, Result<R, String>);
    be_quiet(Executor::Shuttle);
    let probe = Rc::new(ByTurns {
        start: Instant::now(),
        steps: Cell::new(0),
        step: shuttle::sync::atomic::AtomicBool::new(false),
        random: Cell::new(plan.schedule.seed),
        places: RefCell::default(),
        events: RefCell::default(),
        off: plan.off,
        sleepers: Sleepers::new(bodies.len()),
    });
    let started = Rc::new(Cell::new(false));
    let outcome: Arc<Mutex<Option<Outcome<R>>>> = Arc::default();
    // What the main task needs, and may take once. It never leaves this thread of the system, but shuttle cannot know.
    let parts = SameThread(RefCell::new(Some((
        first,
        bodies,
        last,
        Rc::clone(&probe),
        Rc::clone(&started),
    ))));
    let result = Arc::clone(&outcome);
    // SAFETY: the home is there until we return, and we leave it before. All tasks are over by then, their own values included.
    unsafe { home.enter() };
    let main = move || {
        let (first, bodies, last, probe, started) = parts.take();
        let state = match catch_unwind(AssertUnwindSafe(first)) {
            Ok(state) => Arc::new(state),
            Err(panic) => {
                *result.lock().unwrap() = Some((vec![], Err(message(&*panic))));
                return;
            }
        };
        let alive = SameThread(RefCell::new(Some(Rc::clone(&probe))));
        let alive = Arc::new(alive);
        let threads: Vec<_> = bodies
            .into_iter()
            .map(|body| {
                let (state, alive) = (Arc::clone(&state), Arc::clone(&alive));
                shuttle::thread::spawn(move || {
                    let end = end_of(catch_unwind(AssertUnwindSafe(|| body(&state))));
                    alive.with(|p| p.sleepers.ended(&end));
                    end
                })
            })
            .collect();
        started.set(true);
        let ends = threads.into_iter().map(|t| match t.join() {
            Ok(end) => end,
            Err(panic) => End::Panicked(message(&*panic)),
        });
        let ends: Vec<End> = ends.collect();
        started.set(false);
        let last = if ends.contains(&End::Stuck) {
            Err("the threads did not come to an end".to_owned())
        } else {
            probe.sleepers.last();
            catch_unwind(AssertUnwindSafe(|| last(&state))).map_err(|p| message(&*p))
        };
        *result.lock().unwrap() = Some((ends, last));
    };
    let runner = Runner::new(Turns::new(&plan.schedule, started), config());
    let ran = catch_unwind(AssertUnwindSafe(|| {
        under(Rc::clone(&probe) as Rc<dyn Probe>, || runner.run(main))
    }));
    Home::leave();
    QUIET.set(false);
    let outcome = outcome.lock().unwrap().take();
    let (ends, last) = match (ran, outcome) {
        (Ok(_), Some(outcome)) => outcome,
        (Err(panic), _) => (vec![], Err(message(&*panic))),
        (Ok(_), None) => (vec![], Err("the run did not come to an end".to_owned())),
    };
    let events = probe.events.take();
    Ran {
        history: History::new(events),
        ends,
        last,
    }
}

/// Something that shuttle hands from one task to another, which all run in one thread of the system.
struct SameThread<T>(RefCell<Option<T>>);

// SAFETY: `Runner::run` calls its closure, and all tasks, in the thread that has called it.
unsafe impl<T> Send for SameThread<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for SameThread<T> {}

impl<T> SameThread<T> {
    fn take(&self) -> T {
        let value = self.0.borrow_mut().take();
        value.expect("the program runs once")
    }

    fn with(&self, f: impl FnOnce(&T)) {
        if let Some(value) = &*self.0.borrow() {
            f(value);
        }
    }
}

/// What the threads of a run share.
struct Race {
    order: AtomicU64,
    sleepers: Sleepers,
    started: AtomicBool,
    start: Instant,
}

/// The probe of one thread of the system.
struct AtOnce {
    race: Arc<Race>,
    thread: usize,
    random: Cell<u64>,
    events: RefCell<Vec<Event>>,
    off: Option<Check>,
}

impl AtOnce {
    fn no_end(&self) -> bool {
        self.race.start.elapsed() > Duration::from_micros(100 * STUCK)
    }
}

impl Probe for AtOnce {
    fn point(&self) {
        if !self.race.started.load(SeqCst) {
            return;
        }
        match drawn(&self.random) % 128 {
            0 => std::thread::sleep(Duration::from_micros(drawn(&self.random) % 60)),
            1..=5 => std::thread::yield_now(),
            6..=20 => {
                for _ in 0..drawn(&self.random) % 200 {
                    std::hint::spin_loop();
                }
            }
            _ => {}
        }
    }

    fn pause(&self) {
        if self.no_end() {
            resume_unwind(Box::new(NoEnd));
        }
        std::thread::yield_now();
    }

    fn sleep(&self, done: &dyn Fn() -> bool, limit: Option<Duration>) {
        let Some(limit) = limit else {
            let sleepers = &self.race.sleepers;
            return sleepers.sleep(self.thread, done, &|| self.pause());
        };
        let end = Instant::now() + limit;
        while !done() && Instant::now() < end {
            self.pause();
        }
    }

    fn notified(&self) {
        self.race.sleepers.notifications.fetch_add(1, SeqCst);
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn random(&self) -> u64 {
        drawn(&self.random)
    }

    fn place(&self, address: usize) -> usize {
        address
    }

    fn has_tasks(&self) -> bool {
        false
    }

    fn is_off(&self, check: Check) -> bool {
        self.off == Some(check)
    }

    fn tell(&self, what: What) {
        let event = Event {
            order: self.race.order.fetch_add(1, SeqCst),
            thread: self.thread,
            what,
        };
        self.events.borrow_mut().push(event);
    }
}

/// Runs `f` in a new thread, and waits for its end: that of the thread's own values included, which the end of a scope would not wait for.
fn in_a_thread(f: impl FnOnce() + Send) {
    std::thread::scope(|scope| wait_for(scope.spawn(f)));
}

fn wait_for(thread: std::thread::ScopedJoinHandle<'_, ()>) {
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

fn at_once<S, R>(
    plan: &Plan,
    home: &Home,
    first: impl FnOnce() -> S + Send + 'static,
    bodies: Vec<Body<S>>,
    last: impl FnOnce(&S) -> R + Send + 'static,
) -> Ran<R>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
{
    be_quiet(Executor::Threads);
    let race = Arc::new(Race {
        order: AtomicU64::new(0),
        sleepers: Sleepers::new(bodies.len()),
        started: AtomicBool::new(false),
        start: Instant::now(),
    });
    let events: Mutex<Vec<Event>> = Mutex::default();
    let seed = plan.schedule.seed;
    // Each part in a thread of its own, which belongs to this run from its beginning to its end: values of the thread included.
    let part = |thread: usize, f: &mut dyn FnMut()| {
        let probe = Rc::new(AtOnce {
            race: Arc::clone(&race),
            thread,
            random: Cell::new(seed.wrapping_mul(31).wrapping_add(thread as u64)),
            events: RefCell::default(),
            off: plan.off,
        });
        QUIET.set(true);
        // SAFETY: the home is there until we return, and we wait for the end of each thread, its own values included.
        unsafe { home.enter() };
        under(Rc::clone(&probe) as Rc<dyn Probe>, || {
            f();
        });
        events
            .lock()
            .unwrap()
            .append(&mut probe.events.borrow_mut());
    };
    let mut state = Err("the run did not begin".to_owned());
    in_a_thread(|| {
        let mut first = Some(first);
        part(0, &mut || {
            let first = first.take().expect("it is called once");
            state = catch_unwind(AssertUnwindSafe(first)).map_err(|p| message(&*p));
        });
    });
    let mut ends: Vec<End> = vec![End::Done; bodies.len()];
    let mut result = Err("the threads did not come to an end".to_owned());
    match &state {
        Err(panic) => result = Err(panic.clone()),
        Ok(state) => {
            let start = Barrier::new(bodies.len());
            race.started.store(true, SeqCst);
            std::thread::scope(|scope| {
                let mut threads = vec![];
                for (i, (body, end)) in bodies.into_iter().zip(&mut ends).enumerate() {
                    let (part, start, race) = (&part, &start, &race);
                    let mut body = Some(body);
                    threads.push(scope.spawn(move || {
                        start.wait();
                        part(i + 1, &mut || {
                            let body = body.take().expect("it is called once");
                            *end = end_of(catch_unwind(AssertUnwindSafe(|| body(state))));
                            race.sleepers.ended(end);
                        });
                    }));
                }
                threads.into_iter().for_each(wait_for);
            });
            race.started.store(false, SeqCst);
            if !ends.contains(&End::Stuck) {
                race.sleepers.last();
                in_a_thread(|| {
                    let mut last = Some(last);
                    part(0, &mut || {
                        let last = last.take().expect("it is called once");
                        let done = catch_unwind(AssertUnwindSafe(|| last(state)));
                        result = done.map_err(|p| message(&*p));
                    });
                });
            }
        }
    }
    // Its variables belong to this run's engine.
    in_a_thread(|| {
        let mut state = Some(state);
        part(0, &mut || drop(state.take()));
    });
    QUIET.set(false);
    let mut events = events.into_inner().unwrap();
    events.sort_by_key(|e| e.order);
    Ran {
        history: History::new(events),
        ends,
        last: result,
    }
}
