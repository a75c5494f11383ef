//! The table of `--stats`.

use keelback_stm::{Cause, Counters};

use crate::heap::Thread;

/// Prints the counters of the transactions of each thread to standard error.
pub fn print(th: &Thread) {
    let mut rows: Vec<(String, Counters)> = th.rt.state.ended_threads.lock().clone();
    rows.insert(0, ("main".to_string(), *th.txn.stats()));
    let mut total = Counters::default();
    for (_, c) in &rows {
        total.add(c);
    }
    if rows.len() > 1 {
        rows.push(("total".to_string(), total));
    }
    eprintln!(
        "{:<16} {:>10} {:>10} {:>10} {:>9} {:>9} {:>11} {:>9} {:>9}",
        "thread",
        "blocks",
        "commits",
        "read-only",
        "aborts",
        "lost work",
        "irrevocable",
        "reads/c",
        "writes/c"
    );
    for (name, c) in &rows {
        let per = |n: u64| {
            if c.commits == 0 {
                0.0
            } else {
                n as f64 / c.commits as f64
            }
        };
        eprintln!(
            "{:<16} {:>10} {:>10} {:>10} {:>9} {:>9} {:>11} {:>9.1} {:>9.1}",
            name,
            c.blocks,
            c.commits,
            c.read_only_commits,
            c.aborts_total(),
            c.lost_work,
            c.irrevocable,
            per(c.reads),
            per(c.writes)
        );
    }
    let causes: Vec<String> = Cause::ALL
        .iter()
        .filter(|c| total.aborts_by(**c) > 0)
        .map(|c| format!("{} {}", c.name(), total.aborts_by(*c)))
        .collect();
    if !causes.is_empty() {
        eprintln!("aborts by cause: {}", causes.join(", "));
    }
}
