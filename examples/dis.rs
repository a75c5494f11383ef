//! Prints the bytecode of a script: `cargo run --example dis -- script.py`.

use keelback::code::{disassemble, verify};
use keelback::compile::{Mode, Options, compile, decode_source};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let source = decode_source(&std::fs::read(&path)?);
        match source.and_then(|source| compile(&source, &Options::new(Mode::Exec, &path))) {
            Ok(compiled) => {
                println!("{}", disassemble(&compiled.code));
                verify(&compiled.code)?;
            }
            Err(err) => println!(
                "{path}:{}:{}: {:?}: {}",
                err.line, err.col, err.kind, err.msg
            ),
        }
    }
    Ok(())
}
