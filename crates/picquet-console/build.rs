//! Writes the table of the console's files. Vite has compressed them; without a build of it the table is empty.
//!
//! The files are copied, so that a build of the console while this crate is compiled cannot take them away.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../console/dist");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    files(&root, &mut paths)?;
    paths.sort();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut table = String::from("&[\n");
    for (n, path) in paths.iter().enumerate() {
        let copied = |from: &Path, ending: &str| -> Result<String, Box<dyn Error>> {
            let to = out.join(format!("{n}.{ending}"));
            fs::write(&to, fs::read(from)?)?;
            Ok(format!("include_bytes!({:?})", to.display().to_string()))
        };
        // What did not become smaller has no compressed twin.
        let twin = |ending: &str| -> Result<String, Box<dyn Error>> {
            let from = PathBuf::from(format!("{}.{ending}", path.display()));
            if from.exists() { Ok(format!("Some({})", copied(&from, ending)?)) } else { Ok("None".to_owned()) }
        };
        let name = path.strip_prefix(&root)?.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>();
        let (name, plain) = (name.join("/"), copied(path, "plain")?);
        writeln!(table, "File {{ path: {name:?}, plain: {plain}, gzip: {}, brotli: {} }},", twin("gz")?, twin("br")?)?;
    }
    table.push(']');
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// All files below a folder but compressed twins and what is hidden.
fn files(folder: &Path, all: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            files(&path, all)?;
        } else if !hidden && path.extension().is_none_or(|ending| ending != "br" && ending != "gz") {
            all.push(path);
        }
    }
    Ok(())
}
