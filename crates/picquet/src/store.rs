//! `picquet store`: checks, copies and restores the store.

use crate::cli::{DataArgs, StoreArgs, StoreCommand};
use crate::exit::{Code, Failure, Outcome};
use crate::serve::data::{STORE, alone, failed, location};
use picquet_store::{Location, Store};
use std::fs;
use std::path::Path;

/// Runs the command.
pub fn run(args: &StoreArgs) -> Outcome {
    match &args.command {
        StoreCommand::Check { data } => {
            let store = open(data)?;
            let faults = store.check().map_err(failed)?;
            if faults.is_empty() {
                sayln!("{}: whole", store.location());
                return Ok(Code::Done);
            }
            faults.iter().for_each(|fault| sayln!("{fault}"));
            let help = match store.location() {
                Location::File(_) => "restore a backup: picquet store restore FILE",
                Location::Postgres(_) => "restore a backup with pg_restore",
            };
            Err(Failure::new(Code::Input, "the store is damaged").help(help))
        }
        StoreCommand::Backup { file, data } => {
            of_file(data, "backup", "pg_dump --format=custom --file=FILE URL copies it, also while it is used")?;
            if file.exists() {
                return Err(Failure::new(Code::Config, format!("{} is there already", file.display())));
            }
            open(data)?.backup(file).map_err(failed)?;
            sayln!(
                "wrote {}; secrets in it need the key file {} to be read",
                file.display(),
                data.data_dir.join("key").display()
            );
            Ok(Code::Done)
        }
        StoreCommand::Restore { file, data, force } => {
            let help = "stop `picquet serve`; pg_restore --clean --if-exists --dbname=URL FILE puts a copy back";
            of_file(data, "restore", help)?;
            restore(file, &data.data_dir, *force)
        }
    }
}

/// Files are copied here; what is in PostgreSQL its own tools copy, which know all of it.
fn of_file(data: &DataArgs, what: &str, help: &str) -> Result<(), Failure> {
    match location(&data.data_dir, data.store.as_deref())? {
        Location::File(_) => Ok(()),
        Location::Postgres(_) => {
            let why = format!("`picquet store {what}` is for the store in a file, and this one is in PostgreSQL");
            Err(Failure::new(Code::Config, why).help(help))
        }
    }
}

/// A store that is there.
fn open(data: &DataArgs) -> Result<Store, Failure> {
    let location = location(&data.data_dir, data.store.as_deref())?;
    if let Location::File(path) = &location
        && !path.is_file()
    {
        return Err(Failure::new(Code::Input, format!("there is no store {}", path.display()))
            .help("--data-dir names the folder that `picquet serve` uses"));
    }
    Store::open(location).map_err(failed)
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
    let _alone = alone(folder)?;
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
