//! Where a test's store is: a file, or with `PICQUET_TEST_STORE` (`cargo xtask postgres`) a schema of its own there.

use picquet_store::{Location, Store, StoreError};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

pub struct Place {
    location: Location,
    _folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let location = match std::env::var("PICQUET_TEST_STORE") {
            Ok(url) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
                let n = MADE.fetch_add(1, Ordering::Relaxed);
                format!("{url}&schema=t{}_{n}_{now}", std::process::id()).parse().unwrap()
            }
            Err(_) => Location::File(folder.path().join("picquet.db")),
        };
        Self { location, _folder: folder }
    }

    pub fn location(&self) -> Location {
        self.location.clone()
    }

    pub fn open(&self) -> Result<Store, StoreError> {
        Store::open(self.location())
    }
}
