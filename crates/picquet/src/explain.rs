//! `picquet explain`
use crate::cli::ExplainArgs;
use crate::exit::{Code, Outcome};

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Outcome {
    let _ = args;
    Ok(Code::Done)
}
