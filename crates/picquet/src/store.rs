//! `picquet store`: checks, copies and restores the store.

use crate::cli::{StoreArgs, StoreCommand};
use crate::exit::{Code, Failure, Outcome};
use crate::serve::data::{STORE, failed};
use picquet_store::Store;
use std::fs;
use std::path::Path;

/// Runs the command.
pub fn run(args: &StoreArgs) -> Outcome {
    match &args.command {
        StoreCommand::Check { data } => {
            let store = open(&data.data_dir)?;
            let faults = store.check().map_err(failed)?;
            if faults.is_empty() {
                sayln!("{}: whole", data.data_dir.join(STORE).display());
                return Ok(Code::Done);
            }
            faults.iter().for_each(|fault| sayln!("{fault}"));
            Err(Failure::new(Code::Input, "the store is damaged").help("restore a backup: picquet store restore FILE"))
        }
        StoreCommand::Backup { file, data } => {
            if file.exists() {
                return Err(Failure::new(Code::Config, format!("{} is there already", file.display())));
            }
            open(&data.data_dir)?.backup(file).map_err(failed)?;
            sayln!(
                "wrote {}; secrets in it need the key file {} to be read",
                file.display(),
                data.data_dir.join("key").display()
            );
            Ok(Code::Done)
        }
        StoreCommand::Restore { file, data, force } => restore(file, &data.data_dir, *force),
    }
}

/// A store that is there.
fn open(folder: &Path) -> Result<Store, Failure> {
    let path = folder.join(STORE);
    if !path.is_file() {
        return Err(Failure::new(Code::Input, format!("there is no store {}", path.display()))
            .help("--data-dir names the folder that `picquet serve` uses"));
    }
    Store::open(&path).map_err(failed)
}

fn restore(file: &Path, folder: &Path, force: bool) -> Outcome {
    let target = folder.join(STORE);
    if target.exists() && !force {
        return Err(Failure::new(Code::Config, format!("{} is there already", target.display()))
            .help("--force puts the backup in its place; stop `picquet serve` first"));
    }
    // A copy that cannot be opened, or is not whole, must not take the place of anything.
    let copy = folder.join(".restoring.db");
    fs::create_dir_all(folder)?;
    fs::copy(file, &copy).map_err(|e| Failure::new(Code::Input, format!("cannot read {}: {e}", file.display())))?;
    let checked = Store::open(&copy).and_then(|store| store.check());
    for leftover in ["-wal", "-shm"] {
        let _ = fs::remove_file(folder.join(format!(".restoring.db{leftover}")));
    }
    match checked {
        Ok(faults) if faults.is_empty() => {}
        Ok(_) | Err(_) => {
            let _ = fs::remove_file(&copy);
            return Err(Failure::new(Code::Input, format!("{} is no whole store", file.display())));
        }
    }
    // What the old one had not yet folded in belongs to it alone.
    for leftover in ["-wal", "-shm"] {
        let _ = fs::remove_file(folder.join(format!("{STORE}{leftover}")));
    }
    fs::rename(&copy, &target)?;
    sayln!("restored {}", target.display());
    Ok(Code::Done)
}
