//! The prompt on a terminal: editing, completion, Ctrl-C, Ctrl-D.
#![cfg(unix)]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use support::keelback;

/// A prompt on a terminal of its own.
struct Prompt {
    child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Prompt {
    fn start(history: &str, coloured: bool) -> Prompt {
        let (mut ours, mut theirs) = (0, 0);
        let null = std::ptr::null_mut();
        // SAFETY: two places for descriptors, and nothing else is given.
        let opened =
            unsafe { libc::openpty(&mut ours, &mut theirs, null, null.cast(), null.cast()) };
        assert_eq!(opened, 0, "no terminal to be had");
        // SAFETY: they have just been opened, and belong to nobody else.
        let (ours, theirs) = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) };
        let end = || Stdio::from(theirs.try_clone().expect("descriptors to spare"));
        let mut command = keelback();
        command
            .env("TERM", "xterm")
            .env("NO_COLOR", if coloured { "" } else { "1" })
            .env("KEELBACK_HISTORY", history)
            .stdin(end())
            .stdout(end())
            .stderr(end());
        // SAFETY: both calls are allowed between fork and exec. The terminal becomes the process', so that Ctrl-C is for it.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY as _, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("it starts");
        drop((command, theirs));
        let keys = File::from(ours);
        let mut output = keys.try_clone().expect("descriptors to spare");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                if sender.send(bytes[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut prompt = Prompt {
            child,
            keys,
            screen,
            seen: String::new(),
        };
        prompt.wait_for(">>> ");
        prompt
    }

    fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.seen.contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("no {text:?} in {:?}", self.seen),
            }
        }
    }

    /// Types this, and waits for that to appear, and for a prompt after it.
    fn type_in(&mut self, keys: &str, expected: &str) {
        self.seen.clear();
        self.keys.write_all(keys.as_bytes()).expect("it reads");
        self.wait_for(expected);
        let rest = self.seen.split_off(self.seen.find(expected).unwrap_or(0));
        self.seen = rest;
        self.wait_for(">>> ");
    }
}

impl Drop for Prompt {
    /// Also when the test fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn statements_are_edited_completed_and_interrupted() {
    let history = std::env::temp_dir().join(format!("keelback-history-{}", std::process::id()));
    let mut prompt = Prompt::start(history.to_str().expect("UTF-8"), false);
    prompt.type_in("x = 41\r", "x = 41");
    prompt.type_in("x + 1\r", "\n42\r");
    prompt.type_in("_ * 2\r", "\n84\r");
    prompt.type_in("def f(n):\r    return n * 3\r\r", "return");
    prompt.type_in("f(5)\r", "\n15\r");
    prompt.type_in("import math\r", "math");
    prompt.type_in("math.fact\t(5)\r", "\n120\r");
    prompt.type_in("1 / 0\r", "ZeroDivisionError");
    prompt.type_in("\r", "\n");
    // A line that is given up, and a statement that runs.
    prompt.type_in("abc\u{3}", "KeyboardInterrupt");
    prompt.type_in(":stats\r", "blocks and aborts on");
    prompt.type_in("x\r", "0 aborts");
    prompt.seen.clear();
    prompt
        .keys
        .write_all(b"while True: pass\r\r")
        .expect("it reads");
    thread::sleep(Duration::from_millis(500));
    prompt.type_in("\u{3}", "KeyboardInterrupt");
    // The last one again.
    prompt.type_in("f(2)\r", "\n6\r");
    prompt.type_in("\u{1b}[A\r", "\n6\r");
    prompt.keys.write_all(b"\x04").expect("it reads");
    assert!(prompt.child.wait().expect("it ends").success());
    let written = std::fs::read_to_string(&history).expect("a history");
    assert!(
        written.contains("x = 41") && written.contains("return n * 3"),
        "{written}"
    );
    let _ = std::fs::remove_file(&history);
}

#[test]
fn attributes_are_completed() {
    let mut prompt = Prompt::start("", false);
    prompt.type_in("s = 'abc'; 1\r", "\n1\r");
    prompt.type_in("s.upp\t()\r", "\n'ABC'\r");
    prompt.type_in("import os; 2\r", "\n2\r");
    prompt.type_in("os.path.basen\t('a/b')\r", "\n'b'\r");
    prompt.type_in("str.isdec\t('1')\r", "\nTrue\r");
    // Of its class, of its own, of a module's class; and nothing of a script's runs meanwhile.
    prompt.type_in(
        "class A:\r    def hello(self): return 7\r    @property\r    def p(self): print('ran')\r    def __dir__(self): print('ran')\r\r",
        // The editor has taken it.
        "\u{1b}[?2004l",
    );
    prompt.type_in("a = A(); a.number = 8; 4\r", "\n4\r");
    prompt.type_in("a.hel\t()\r", "\n7\r");
    prompt.type_in("a.num\t\r", "\n8\r");
    assert!(!prompt.seen.contains("ran\r"), "{}", prompt.seen);
    prompt.type_in("import datetime; 3\r", "\n3\r");
    prompt.type_in("datetime.date.fromord\t(1)\r", "datetime.date(1, 1, 1)");
}

#[test]
fn tracebacks_have_colours() {
    let mut prompt = Prompt::start("", true);
    prompt.type_in("def f(): return 1 + nix\r\r", "nix");
    prompt.seen.clear();
    prompt.keys.write_all(b"f()\r").expect("it reads");
    prompt.wait_for(
        "File \u{1b}[35m\"<python-input-0>\"\u{1b}[0m, line \u{1b}[35m1\u{1b}[0m, in \u{1b}[35mf\u{1b}[0m\r\n    def f(): return 1 + \u{1b}[1;31mnix\u{1b}[0m\r\n",
    );
    prompt.wait_for("\u{1b}[1;35mNameError\u{1b}[0m: \u{1b}[35mname 'nix' is not defined\u{1b}[0m");
}
