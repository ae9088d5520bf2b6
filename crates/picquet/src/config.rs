//! `picquet config`: shows and checks the settings.

use crate::cli::{ConfigArgs, ConfigCommand};
use crate::exit::{Code, Failure, Outcome};
use picquet_detect::Tuning;
use std::fs;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ConfigArgs) -> Outcome {
    match &args.command {
        ConfigCommand::Show { config } => {
            let tuning = load(config.as_deref())?;
            let text = toml::to_string_pretty(&tuning).map_err(|e| Failure::new(Code::Internal, e))?;
            match config {
                Some(path) => sayln!("# In effect with {}; what it leaves out is the default.", path.display()),
                None => sayln!("# The defaults. docs/settings.md says what each one means."),
            }
            say!("{text}");
        }
        ConfigCommand::Check { file } => {
            load(Some(file))?;
            sayln!("{}: no mistakes found", file.display());
        }
    }
    Ok(Code::Done)
}

/// Reads the settings, or takes the defaults.
pub fn load(path: Option<&Path>) -> Result<Tuning, Failure> {
    let Some(path) = path else { return Ok(Tuning::default()) };
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::new(Code::Config, format!("cannot read {}: {e}", path.display())))?;
    Tuning::from_toml(&text).map_err(|e| {
        Failure::new(Code::Config, format!("{}: {e}", path.display()))
            .help("`picquet config show` prints all settings with their defaults")
    })
}
