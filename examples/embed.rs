//! Python inside a Rust program: an order book whose rules are a script.
//!
//!     cargo run --example embed
//!
//! Four Rust threads call the script at once; each order is one transaction, and a script that does not end is stopped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keelback::Vm;
use keelback::embed::{Error, Sandbox};

const RULES: &str = "
import market

stock = {'apple': 1000, 'pear': 1000}
sold = []

def order(customer, what, n):
    if stock[what] < n:
        raise ValueError(f'only {stock[what]} of {what} left')
    stock[what] -= n
    sold.append((customer, what, n))
    return n * market.price(what)
";

fn main() -> Result<(), Error> {
    let asked = std::sync::Arc::new(AtomicU64::new(0));
    let counter = std::sync::Arc::clone(&asked);
    let vm = Vm::builder()
        .threads(4)
        .max_heap(256 << 20)
        .retry_policy("default")
        .module("market", move |m| {
            m.pure_function("price", move |what: String| {
                counter.fetch_add(1, Ordering::Relaxed);
                match what.as_str() {
                    "apple" => Ok(0.5),
                    "pear" => Ok(0.75),
                    other => Err(format!("no price for {other}")),
                }
            })
        })
        .build()?;
    vm.run(RULES)?;

    let start = Instant::now();
    let revenue: f64 = std::thread::scope(|scope| {
        let customers = ["ann", "bob", "cas", "dee"];
        let running = customers.map(|name| {
            let vm = vm.clone();
            scope.spawn(move || -> Result<f64, Error> {
                let mut spent = 0.0;
                for i in 0..100 {
                    let what = if i % 2 == 0 { "apple" } else { "pear" };
                    // The stock and the list of sales change as one step, or not at all.
                    spent += vm.atomically(|scope| scope.call::<f64>("order", (name, what, 2)))?;
                }
                Ok(spent)
            })
        });
        running
            .into_iter()
            .map(|t| t.join().expect("no panic"))
            .sum::<Result<f64, Error>>()
    })?;
    let (apples, pears, sales) =
        vm.eval::<(i64, i64, usize)>("stock['apple'], stock['pear'], len(sold)")?;
    println!(
        "{sales} sales for {revenue}, {apples} apples and {pears} pears left, in {:.0?}",
        start.elapsed()
    );
    assert_eq!((apples, pears, sales), (600, 600, 400));
    assert!(
        asked.load(Ordering::Relaxed) >= 400,
        "blocks that ran again have asked again"
    );

    // An exception takes all of its transaction back.
    let refused = vm.atomically(|scope| {
        scope.call::<f64>("order", ("eve", "apple", 600))?;
        scope.call::<f64>("order", ("eve", "pear", 601))
    });
    println!("refused: {}", refused.expect_err("there are not so many"));
    assert_eq!(vm.eval::<i64>("stock['apple']")?, 600);

    // What does not end is stopped from outside.
    let interrupter = vm.interrupter();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            interrupter.interrupt();
        });
        let stopped = vm
            .run("while True:\n    try:\n        while True: pass\n    except BaseException: pass");
        println!("stopped: {}", stopped.expect_err("it never ends by itself"));
    });

    // A script that is not trusted computes, and nothing else.
    let guest = Vm::builder()
        .sandbox(Sandbox::new().modules(&["math"]))
        .time_limit(Duration::from_millis(200))
        .max_heap(64 << 20)
        .build()?;
    println!(
        "guest: {}",
        guest.eval::<f64>("__import__('math').sqrt(2)")?
    );
    for source in [
        "open('/etc/passwd')",
        "import os",
        "sum(iter(int, 1))",
        "[0] * 10**9",
    ] {
        let refused = guest.run(source).expect_err("this is not for guests");
        println!("guest: {source}: {refused}");
    }
    Ok(())
}
