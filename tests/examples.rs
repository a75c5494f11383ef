//! The examples print the same with one thread and with many, and on CPython.

mod support;

use std::path::{Path, PathBuf};
use support::{keelback, run};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

/// What an example prints on standard output.
fn output(name: &str, arguments: &[&str]) -> String {
    let done = run(keelback().arg(example(name)).args(arguments), b"");
    done.expect_code(0).out()
}

#[test]
fn wordcount_counts_the_same_with_any_number_of_threads() {
    let folder = example("");
    let folder = folder.to_str().expect("the repository's path is UTF-8");
    let alone = output("wordcount.py", &["-t", "1", folder]);
    assert!(alone.contains(" words, "), "{alone}");
    assert_eq!(alone.lines().count(), 11, "{alone}");
    for threads in ["2", "4", "7"] {
        assert_eq!(output("wordcount.py", &["-t", threads, folder]), alone);
    }
}

#[test]
fn wordcount_of_a_known_text() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("known.txt");
    std::fs::write(
        &path,
        "One fish, two fish;\nred_fish blue fish.\n\nÉtude été — one!\n",
    )
    .expect("writable");
    let expected = "\
10 words, 7 different, in 1 files
       3  fish
       2  one
       1  blue
       1  red_fish
       1  two
       1  étude
       1  été
";
    assert_eq!(
        output("wordcount.py", &["-t", "2", path.to_str().expect("UTF-8")]),
        expected
    );
}

#[test]
fn feeds_are_all_read() {
    let expected = "\
960 unread entries in 24 feeds
  Meadow visits orchard & kernel
  Snake leaves snake & orchard
  River crosses kernel & kernel
";
    for threads in ["1", "2", "5"] {
        assert_eq!(
            output("feeds.py", &["-t", threads, "3"]),
            expected,
            "{threads} threads"
        );
    }
}

#[test]
fn bank_keeps_its_total() {
    let printed = output("bank.py", &["300"]);
    assert!(
        printed.ends_with(", total 100000 as at the start\n"),
        "{printed}"
    );
}
