//! `picquet`: open, self-hosted threat detection for AWS.

/// As `print!`, but a reader that stops early is no failure.
macro_rules! say {
    ($($arg:tt)*) => { $crate::exit::put(format!($($arg)*).as_bytes()) };
}

/// As `println!`, but a reader that stops early is no failure.
macro_rules! sayln {
    ($($arg:tt)*) => { $crate::exit::put((format!($($arg)*) + "\n").as_bytes()) };
}

mod cli;
mod config;
mod doctor;
mod exit;
mod explain;
mod feeds;
mod lists;
mod pages;
mod scan;
mod serve;
mod status;
mod store;
mod user;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let done = match cli.command {
        cli::Command::Scan(args) => scan::run(&args),
        cli::Command::Explain(args) => explain::run(&args),
        cli::Command::Lists(args) => lists::run(&args),
        cli::Command::Feeds(args) => feeds::run(&args),
        cli::Command::Config(args) => config::run(&args),
        cli::Command::Serve(args) => serve::run(&args),
        cli::Command::User(args) => user::run(&args),
        cli::Command::Store(args) => store::run(&args),
        cli::Command::Status(args) => status::run(&args),
        cli::Command::Doctor(args) => doctor::run(&args),
        cli::Command::Completions { shell } => pages::completions(shell),
        cli::Command::Man { command } => pages::man(command.as_deref()),
    };
    match done {
        Ok(code) => code.into(),
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            if let Some(help) = failure.help {
                eprintln!("help: {help}");
            }
            failure.code.into()
        }
    }
}
