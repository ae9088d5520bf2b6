//! Completion scripts and manual pages, from the command line's own definition.

use crate::cli::Cli;
use crate::exit::{self, Code, Failure, Outcome};
use clap::CommandFactory;

/// Prints a completion script.
pub fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "picquet", &mut script);
    exit::put(&script);
    Ok(Code::Done)
}

/// Prints a manual page.
pub fn man(command: Option<&str>) -> Outcome {
    let mut root = Cli::command();
    root.build();
    let page = match command {
        None => root,
        Some(name) => root
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::new(Code::Input, format!("there is no command '{name}'")))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    exit::put(&text);
    Ok(Code::Done)
}
