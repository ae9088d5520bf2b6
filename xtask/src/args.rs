//! The few options that the commands take.

use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Words after the command, taken one by one; what is left at the end is a mistake.
pub struct Args(Vec<String>);

impl Args {
    /// All words after the command.
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let equals = format!("{name}=");
        let Some(at) = self.0.iter().position(|w| w == name || w.starts_with(&equals)) else { return Ok(None) };
        let word = self.0.remove(at);
        if let Some(value) = word.strip_prefix(&equals) {
            return Ok(Some(value.to_owned()));
        }
        ensure!(at < self.0.len(), "{name} needs a value");
        Ok(Some(self.0.remove(at)))
    }

    /// The value of an option that is a number.
    pub fn number(&mut self, name: &str) -> Result<Option<u64>> {
        self.value(name)?.map(|v| v.parse().with_context(|| format!("{name} {v}: not a number"))).transpose()
    }

    /// The next word that is no option.
    pub fn word(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Ends the command line.
    pub fn end(self) -> Result<()> {
        ensure!(self.0.is_empty(), "what is {:?}?", self.0.join(" "));
        Ok(())
    }

    /// The binary of `--bin`; the release build when left out, which is then built first.
    pub fn binary(&mut self) -> Result<PathBuf> {
        if let Some(path) = self.value("--bin")? {
            return PathBuf::from(&path).canonicalize().with_context(|| format!("--bin {path}"));
        }
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let built = Command::new(cargo).args(["build", "--release", "--package", "picquet"]).status()?;
        ensure!(built.success(), "failed to build picquet");
        Ok(root().join("target/release/picquet"))
    }

    /// The folder of `--data`.
    pub fn data(&mut self) -> Result<Option<PathBuf>> {
        self.value("--data")?
            .map(|path| PathBuf::from(&path).canonicalize().with_context(|| format!("--data {path}")))
            .transpose()
    }
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), std::path::Path::to_path_buf)
}
