//! What is measured: generated CloudTrail, flow and DNS logs, and recorded CloudTrail repeated, all gzip level 6.

use super::decompress::files;
use crate::args::root;
use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use picquet_testkit::Random;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files to measure, and the least share of decompression's speed that a scan of them must have.
pub struct Corpus {
    /// Its name.
    pub name: &'static str,
    /// Where it lies.
    pub folder: PathBuf,
    /// The share that must be reached, in percent.
    pub bar: f64,
    /// The share that is aimed at.
    pub goal: f64,
}

/// Generated kinds: the name, the generator's shares, bar and goal.
const KINDS: [(&str, &str, f64, f64); 3] =
    [("cloudtrail", "1,0,0", 25.0, 45.0), ("flow", "0,1,0", 15.0, 30.0), ("dns", "0,0,1", 12.0, 25.0)];

/// Makes what is not there yet.
pub fn all(data: Option<&Path>, mb: u64, work: &Path) -> Result<Vec<Corpus>> {
    let mut all = Vec::new();
    for (name, mix, bar, goal) in KINDS {
        let folder = work.join(format!("{name}-{mb}mb-{}", if data.is_some() { "genlogs" } else { "world" }));
        if !folder.join("done").exists() {
            eprintln!("generating {name}, {mb} MB ...");
            generate(data, name, mix, mb, &folder)?;
            fs::write(folder.join("done"), "")?;
        }
        all.push(Corpus { name, folder: folder.join("AWSLogs"), bar, goal });
    }
    if let Some(data) = data {
        let folder = work.join(format!("recorded-{mb}mb"));
        if !folder.join("done").exists() {
            eprintln!("repeating recorded CloudTrail ...");
            repeat(&data.join("cloudtrail"), &folder, mb * 1_000_000)?;
            fs::write(folder.join("done"), "")?;
        }
        all.push(Corpus { name: "recorded cloudtrail", folder: folder.join("AWSLogs"), bar: 20.0, goal: 35.0 });
    }
    Ok(all)
}

fn generate(data: Option<&Path>, name: &str, mix: &str, mb: u64, folder: &Path) -> Result<()> {
    let mut python = Command::new("python3");
    match data {
        Some(data) => {
            python.arg(data.join("../tools/genlogs.py")).args(["--days", "8", "--level", "6", "--seed", "1"]);
            python.args(["--mb", &mb.to_string(), "--mix", mix]).arg("--out").arg(folder);
        }
        None => {
            python.arg(root().join("tests/e2e/world/scale.py")).args([name, &mb.to_string()]).arg(folder);
        }
    }
    let output = python.output().context("failed to start python3")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Writes recorded files again and again. A digit of every event id is another in each round, so that nothing is a
/// copy of anything.
fn repeat(from: &Path, to: &Path, bytes: u64) -> Result<()> {
    let mut texts = Vec::new();
    for file in files(from)? {
        let mut text = Vec::new();
        MultiGzDecoder::new(&fs::read(&file)?[..]).read_to_end(&mut text)?;
        texts.push((file.strip_prefix(from)?.to_owned(), text));
    }
    let mut written = 0_u64;
    for round in 0_u64.. {
        for (name, text) in &mut texts {
            renumber(text, round);
            let path = to.join("AWSLogs").join(format!("round-{round:04}")).join(name);
            fs::create_dir_all(path.parent().context("a file has a folder")?)?;
            let mut packer = GzEncoder::new(Vec::new(), Compression::new(6));
            packer.write_all(text)?;
            fs::write(path, packer.finish()?)?;
            written += text.len() as u64;
        }
        if written >= bytes {
            break;
        }
    }
    Ok(())
}

/// Gives the event ids their first eight digits by round and place.
fn renumber(text: &mut [u8], round: u64) {
    const KEY: &[u8] = b"\"eventID\"";
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| find(rest, KEY)) {
        at += found + KEY.len();
        let Some(open) = text[at..].iter().position(|b| *b == b'"') else { return };
        let start = at + open + 1;
        let id = format!("{:08x}", Random(round << 32 | at as u64).number() as u32);
        if let Some(digits) = text.get_mut(start..start + 8) {
            digits.copy_from_slice(id.as_bytes());
        }
        at = start;
    }
}

fn find(text: &[u8], key: &[u8]) -> Option<usize> {
    text.windows(key.len()).position(|w| w == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_change_and_nothing_else() {
        let text = br#"{"eventID": "aaaaaaaa-1","x":1,"eventID":"bbbbbbbb-2"}"#;
        let mut other = text.to_vec();
        renumber(&mut other, 3);
        assert_eq!(other.len(), text.len());
        assert!(other != text && other.ends_with(b"-2\"}") && find(&other, b"\"x\":1").is_some());
    }
}
