//! What a contributor runs: `cargo xtask eval | train | bench | codegen | postgres | tidy | new-detector`.
//!
//! Each command is one module. They work on a built `picquet` binary or on the sources, but for what cannot be seen from
//! outside: the model of generated names is trained and measured with the code that ships, and so is who opened a
//! connection.

mod args;
mod bench;
mod codegen;
mod dga;
mod eval;
mod gz;
mod postgres;
mod scaffold;
mod scanner;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND
  eval --data DIR [--bin PATH] [--mb N] [--seeds N,N]  quality on labelled and planted logs
       [--only PART]                         cloudtrail, flow, initiator, behaviour, dns, dga,
                                             anomaly or planted
  train dga --data DIR                       the model of generated names, its card and its curves
  bench [--data DIR] [--mb N] [--bin PATH]   speed and memory against decompression alone
       [--only entities]                     memory at a million interfaces, and principals
       [--only api] [--findings N] [--store postgres]
                                             the API's queries with a million findings in its store
  codegen [--check]                          the API's types, validators and router from its model
  postgres COMMAND...                        a command beside a PostgreSQL server of its own, for tests
  tidy                                       house rules that no compiler checks
  new-detector PURPOSE NAME TYPE             a detector, its test and its row from a template";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command; false when what it measures misses a bar.
fn run() -> Result<bool> {
    let mut words = std::env::args().skip(1);
    let command = words.next();
    let mut args = args::Args::new(words.collect());
    match command.as_deref() {
        Some("train") if args.word().as_deref() == Some("dga") => dga::train(args),
        Some("eval") => eval::run(args),
        Some("bench") => bench::run(args),
        Some("codegen") => codegen::run(args),
        Some("postgres") => postgres::run(args),
        Some("tidy") => tidy::run(args),
        Some("new-detector") => scaffold::run(args),
        _ => bail!("no such command\n{USAGE}"),
    }
}
