//! `picquet config`: shows and checks the settings.

use crate::cli::{ConfigArgs, ConfigCommand};
use crate::exit::{Code, Failure, Outcome};
use picquet_detect::Tuning;
use picquet_feeds::Feed;
use picquet_publish::settings::Publish;
use picquet_source::aws::Access;
use picquet_watch::settings::{self, Source, Watch};
use serde::Deserialize;
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
            operation(Some(file))?;
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
    detection(&text).map_err(|e| {
        Failure::new(Code::Config, format!("{}: {e}", path.display()))
            .help("`picquet config show` prints all settings with their defaults")
    })
}

/// The settings of detection in the text of a file, whatever else it tells.
///
/// # Errors
/// What is wrong, with its line.
pub fn detection(text: &str) -> Result<Tuning, String> {
    Tuning::from_toml(&split(text).1)
}

/// What `picquet serve` is told beside the settings of detection, in the same file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operation {
    /// Where logs come from.
    pub source: Vec<Source>,
    /// How patient detection is.
    pub watch: Watch,
    /// Where findings go.
    pub publish: Vec<Publish>,
    /// How the buckets are reached that detectors export their findings to.
    pub destinations: Access,
    /// Feeds that are kept fresh.
    pub feed: Vec<Feed>,
    /// The machine that it runs on.
    pub machine: Machine,
}

/// The machine that `picquet serve` runs on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// What it costs a month, by the operator's bill, in US dollars.
    pub dollars_per_month: Option<f64>,
}

/// The names of its tables.
const OPERATION: [&str; 6] = ["source", "watch", "publish", "destinations", "feed", "machine"];

/// Reads what `picquet serve` is told, or takes the defaults.
pub fn operation(path: Option<&Path>) -> Result<Operation, Failure> {
    let Some(path) = path else { return Ok(Operation::default()) };
    let bad = |e: &dyn std::fmt::Display| Failure::new(Code::Config, format!("{}: {e}", path.display()));
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::new(Code::Config, format!("cannot read {}: {e}", path.display())))?;
    let (operation, _) = split(&text);
    let operation: Operation = toml::from_str(&operation).map_err(|e| bad(&e.to_string().trim_end()))?;
    settings::check(&operation.source, &operation.watch).map_err(|e| bad(&e))?;
    picquet_publish::settings::check(&operation.publish).map_err(|e| bad(&e))?;
    picquet_feeds::settings::check(&operation.feed).map_err(|e| bad(&e))?;
    if operation.machine.dollars_per_month.is_some_and(|dollars| !(0.0..1e9).contains(&dollars)) {
        return Err(bad(&"[machine] dollars_per_month must be from 0 to 1e9"));
    }
    Ok(operation)
}

/// The text of the tables of [`Operation`], and the text of all others; what belongs to the other one is empty lines, so
/// that mistakes are reported with the lines of the file.
fn split(text: &str) -> (String, String) {
    let (mut operation, mut detection) = (String::new(), String::new());
    let mut is_operation = false;
    for line in text.lines() {
        if let Some(name) = line.trim_start().strip_prefix('[').map(|rest| rest.trim_start_matches('[').trim_start()) {
            let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                is_operation = OPERATION.contains(&name.as_str());
            }
        }
        let (to, other) =
            if is_operation { (&mut operation, &mut detection) } else { (&mut detection, &mut operation) };
        to.push_str(line);
        to.push('\n');
        other.push('\n');
    }
    (operation, detection)
}

#[cfg(test)]
mod document;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_tells_detection_and_operation() {
        let text = "[detection]\napi_behavior = false\n[[source]]\nname = \"a\"\nfolder = \"/x\"\n\n[watch]\nslack = \"5m\"\n\
                    [types.\"Recon:EC2/Portscan\"]\nallow = [\n  \"10.0.0.0/8\",\n]\n";
        let (operation, detection) = split(text);
        let operation: Operation = toml::from_str(&operation).unwrap();
        assert_eq!((operation.source.len(), operation.watch.slack.as_secs()), (1, 300));
        assert!(!Tuning::from_toml(&detection).unwrap().detection.api_behavior);
        assert_eq!(detection.lines().count(), text.lines().count());
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("picquet.toml");
        fs::write(&file, "[detection]\n\n[[source]]\nname = \"a\"\nfoldr = \"/x\"\n").unwrap();
        let failure = operation(Some(&file)).unwrap_err();
        assert!(failure.message.contains("line 3") && failure.message.contains("foldr"), "{}", failure.message);
        fs::write(&file, "[[source]]\nname = \"a\"\n").unwrap();
        assert!(operation(Some(&file)).unwrap_err().message.contains("needs a bucket or a folder"));
    }
}
