//! Exit codes: documented in README.md and stable.

use std::fmt;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Done, with findings or without.
    Done,
    /// A fault of Picquet's own.
    Internal,
    /// The configuration cannot be used. Usage errors are clap's and give 2.
    Config,
    /// No input could be read, or none of it is a log.
    Input,
    /// Done, but part of the input was lost (with `--strict`).
    Partial,
    /// `--fail-on` was met.
    Met,
    /// Interrupted; what was found until then was written.
    Interrupted,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Done => 0,
            Code::Internal => 1,
            Code::Config => 3,
            Code::Input => 4,
            Code::Partial => 5,
            Code::Met => 10,
            Code::Interrupted => 130,
        })
    }
}

/// Why a command failed: one line, and what to do.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: Code,
    /// What is wrong, and where.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl Failure {
    /// A failure of a kind.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), help: None }
    }

    /// With the next step.
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::new(Code::Internal, e)
    }
}

/// Writes to standard output. Whoever reads may stop early: a closed pipe is no failure, and nothing else can be
/// done about an output that fails.
pub fn put(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = std::io::Write::write_all(&mut out, text).and_then(|()| std::io::Write::flush(&mut out));
}

/// The outcome of a command.
pub type Outcome = Result<Code, Failure>;
