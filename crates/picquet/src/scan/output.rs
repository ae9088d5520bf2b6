//! Writes findings to standard output and to files.

use crate::cli::{Color, ScanArgs};
use crate::exit::{Code, Failure};
use picquet_model::Finding;
use picquet_report::{Format, Options, Summary, render, summary_text};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// A file to write, checked before anything is read.
pub struct Target {
    path: PathBuf,
    format: Format,
}

/// The files of `--output`. What cannot be written is said before the work and not after.
pub fn targets(args: &ScanArgs) -> Result<Vec<Target>, Failure> {
    args.output
        .iter()
        .map(|path| {
            let format = Format::from_path(path).or(args.format).ok_or_else(|| {
                Failure::new(Code::Config, format!("--output {}: no format has this ending", path.display()))
                    .help("use .json, .ndjson, .csv, .html, .txt, .asff.json or .ocsf.json, or give --format")
            })?;
            if path.is_file() && !args.force {
                return Err(Failure::new(Code::Config, format!("--output {}: the file exists", path.display()))
                    .help("give --force to write over it"));
            }
            if !folder(path).is_dir() {
                return Err(Failure::new(
                    Code::Config,
                    format!("--output {}: there is no folder {}", path.display(), folder(path).display()),
                ));
            }
            Ok(Target { path: path.clone(), format })
        })
        .collect()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes everything.
pub fn write(args: &ScanArgs, targets: &[Target], findings: &[Finding], summary: &Summary) -> Result<(), Failure> {
    for target in targets {
        let failed = |e: &dyn std::fmt::Display| {
            Failure::new(Code::Internal, format!("cannot write {}: {e}", target.path.display()))
        };
        // What a link points to is written, and the link stays.
        let path = target.path.canonicalize().unwrap_or_else(|_| target.path.clone());
        let options = Options { width: Some(200), verbose: args.verbose, ..Options::default() };
        let put = |file: &std::fs::File| {
            let mut out = BufWriter::new(file);
            render(target.format, findings, summary, &options, &mut out).and_then(|()| out.flush())
        };
        // A pipe or a device is written into: a file in its place would be the end of it.
        if path.exists() && !path.is_file() {
            let device = std::fs::OpenOptions::new().write(true).open(&path).map_err(|e| failed(&e))?;
            put(&device).map_err(|e| failed(&e))?;
            continue;
        }
        let new = tempfile::Builder::new().permissions(mode()).tempfile_in(folder(&path)).map_err(|e| failed(&e))?;
        put(new.as_file()).map_err(|e| failed(&e))?;
        new.persist(&path).map_err(|e| failed(&e))?;
    }
    let terminal = io::stdout().is_terminal();
    let format = args.format.unwrap_or(if terminal { Format::Table } else { Format::Ndjson });
    let mut options = Options { verbose: args.verbose, ..Options::default() };
    options.color = color(args.color, terminal);
    options.width = terminal_size::terminal_size().map(|(w, _)| w.0);
    let mut out = BufWriter::new(io::stdout().lock());
    let written = render(format, findings, summary, &options, &mut out).and_then(|()| out.flush());
    match written {
        // Whoever reads has seen enough: `picquet scan ... | head` is no failure.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
        other => other?,
    }
    if !args.quiet {
        options.color = color(args.color, io::stderr().is_terminal());
        eprint!("{}", summary_text(summary, &options));
        for target in targets {
            eprintln!("Wrote {}", target.path.display());
        }
    }
    Ok(())
}

/// Reports are for the user's eyes, with the usual permissions of a new file.
#[cfg(unix)]
fn mode() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}

fn color(when: Color, terminal: bool) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}
