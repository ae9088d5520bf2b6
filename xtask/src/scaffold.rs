//! `cargo xtask new-detector PURPOSE NAME TYPE`: a detector that compiles, its test, its row, and the lines to add.

use crate::args::{Args, root};
use crate::tidy::catalogue;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

const SOURCE: &str = include_str!("../templates/detector.rs.txt");
const TEST: &str = include_str!("../templates/detector_test.rs.txt");
const USAGE: &str = "give PURPOSE, NAME and TYPE, as in: \
                     new-detector exfiltration snapshot_shared Exfiltration:IAMUser/AnomalousBehavior";

/// Writes the files.
pub fn run(mut args: Args) -> Result<bool> {
    let purpose = args.word().context(USAGE)?;
    let name = args.word().context(USAGE)?;
    let finding_type = args.word().context(USAGE)?;
    args.end()?;
    for word in [&purpose, &name] {
        let fits = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        ensure!(fits && word.starts_with(|c: char| c.is_ascii_lowercase()), "{word}: use snake_case");
    }
    let rows = catalogue()?;
    let row = rows.iter().find(|row| row.name == finding_type);
    let row = row.with_context(|| format!("{finding_type}: no such row in crates/picquet-model/catalogue; add it"))?;
    ensure!(row.detector.is_empty(), "{finding_type}: {} raises it already", row.detector);

    let label = name.replace('_', "-");
    let detect = root().join("crates/picquet-detect");
    let folder = detect.join("src/detectors").join(&purpose);
    let source = folder.join(format!("{name}.rs"));
    let test = detect.join(format!("tests/detectors/{name}.rs"));
    for path in [&source, &test] {
        ensure!(!path.exists(), "{} exists", path.display());
    }
    let fill = |template: &str| {
        let text = template.replace("MODULE", &format!("{purpose}::{name}")).replace("NAME", &label);
        text.replace("TYPE", &finding_type).replace("SEVERITY", &row.severity)
    };
    write(&source, &fill(SOURCE))?;
    write(&test, &fill(TEST))?;
    write(&row.file, &row.raised_by(&label)?)?;

    println!("\nNow add, in crates/picquet-detect:");
    let mut lines = vec![(format!("src/detectors/{purpose}/mod.rs"), format!("pub mod {name};"))];
    if !folder.join("mod.rs").exists() {
        lines[0].1 += "   (a new file: it begins with a `//!` line)";
        lines.push(("src/detectors/mod.rs".into(), format!("pub mod {purpose};")));
    }
    lines.push(("src/detectors/mod.rs".into(), format!("&{purpose}::{name}::META,   in DETECTORS")));
    lines.push(("src/detectors/mod.rs".into(), format!("&{purpose}::{name}::Rule,   in RULES")));
    lines.push(("tests/detectors/main.rs".into(), format!("mod {name};")));
    lines.push(("tests/detectors/main.rs".into(), format!("(\"{label}\", {name}::attack),   in ATTACKS")));
    let width = lines.iter().map(|(file, _)| file.len()).max().unwrap_or_default();
    for (file, line) in lines {
        println!("  {file:width$}   {line}");
    }
    println!("\nThen: cargo test -p picquet-detect --test detectors {name}");
    println!(
        "It is red only for want of a snapshot. Write the rule and its tests in place of the TODOs, and accept the"
    );
    println!("snapshot when it is right: the same command with INSTA_UPDATE=always. Now these are green:");
    println!(
        "cargo test -p picquet-detect, cargo xtask tidy. Last, say in the row's `trigger` what raises the type, and"
    );
    println!("plant an event that does in tests/e2e/world, its type in tests/e2e/test_types.py.");
    Ok(true)
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))?;
    println!("wrote {}", path.strip_prefix(root()).unwrap_or(path).display());
    Ok(())
}
