//! A bank with a bug, and the harness that finds it.
//!
//!     cargo run -p keelback-stm --example bank
//!
//! A transfer looks first whether there is enough, and then moves the money, each of them safe and sound in a transaction of its own. What can go
//! wrong is in the gap between the two, and it takes two transfers from one account, and bad luck, to see it.

#[cfg(feature = "harness")]
mod bank {
    use std::fmt;

    use keelback_stm::harness::Test;
    use keelback_stm::{Res, TVar, Tx, atomically};

    struct Bank {
        accounts: Vec<TVar<i64>>,
    }

    impl Bank {
        fn new() -> Bank {
            let account = |name: &str| TVar::new(100).named(name);
            Bank {
                accounts: ["Ada", "Bob", "Eve"].map(account).into(),
            }
        }

        fn move_money(&self, tx: &mut Tx, from: usize, to: usize, amount: i64) -> Res<()> {
            self.accounts[from].modify(tx, |n| n - amount)?;
            self.accounts[to].modify(tx, |n| n + amount)
        }

        /// The bug: the check is outside the transaction.
        fn transfer(&self, from: usize, to: usize, amount: i64) -> bool {
            if self.accounts[from].get() < amount {
                return false;
            }
            atomically(|tx| self.move_money(tx, from, to, amount));
            true
        }

        /// As it should be.
        fn transfer_safely(&self, from: usize, to: usize, amount: i64) -> bool {
            atomically(|tx| {
                if self.accounts[from].read(tx)? < amount {
                    return Ok(false);
                }
                self.move_money(tx, from, to, amount)?;
                Ok(true)
            })
        }

        fn balances(&self) -> Vec<i64> {
            atomically(|tx| self.accounts.iter().map(|a| a.read(tx)).collect())
        }
    }

    impl fmt::Debug for Bank {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.balances().fmt(f)
        }
    }

    /// The whole test: a state, an operation, what must hold.
    fn test(transfer: fn(&Bank, usize, usize, i64) -> bool) -> Test<Bank> {
        Test::new(Bank::new)
            .operation(
                "transfer",
                (0..3usize, 0..3usize, 1..100i64),
                move |bank, (from, to, amount)| transfer(bank, from, to, amount),
            )
            .always("all the money is there", |bank| {
                bank.balances().iter().sum::<i64>() == 300
            })
            .always("no account is overdrawn", |bank| {
                bank.balances().iter().all(|&n| n >= 0)
            })
    }

    pub fn main() {
        match test(Bank::transfer).check() {
            Err(report) => println!("With the check outside the transaction:\n\n{report}\n"),
            Ok(tried) => {
                eprintln!("The bug was not found: {tried:?}");
                std::process::exit(1);
            }
        }
        match test(Bank::transfer_safely).check() {
            Ok(tried) => println!(
                "With the check inside: nothing wrong in {} programs.",
                tried.cases
            ),
            Err(report) => {
                eprintln!("With the check inside: {report}");
                std::process::exit(1);
            }
        }
    }
}

#[cfg(feature = "harness")]
fn main() {
    bank::main();
}

/// The harness is a feature: once more, with it.
#[cfg(not(feature = "harness"))]
fn main() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let again = ["run", "--features", "harness", "--example", "bank"];
    let status = std::process::Command::new(cargo)
        .args(again)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    std::process::exit(status.code().unwrap_or(1));
}
