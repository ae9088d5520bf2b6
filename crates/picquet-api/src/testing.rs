//! Handlers called as requests would, on a store of their own.

use crate::call::Call;
use crate::dispatch::dispatch;
use crate::error::ApiError;
use crate::keyring::Keyring;
use crate::lists::Fetch;
use crate::{Api, Options};
use jiff::Timestamp;
use picquet_api_model::{Operation, ROUTES};
use picquet_store::{Location, Sql, Store};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// The account that calls when none is named.
pub const ACCOUNT: &str = "111122223333";
/// The region that calls are for.
pub const REGION: &str = "us-east-1";

/// A store in a file of a test's folder, or with `PICQUET_TEST_STORE` (`cargo xtask postgres`) in a schema of its own.
fn location(folder: &Path) -> Location {
    static MADE: AtomicI64 = AtomicI64::new(0);
    let Ok(url) = std::env::var("PICQUET_TEST_STORE") else { return Location::File(folder.join("picquet.db")) };
    let (now, n) = (Timestamp::now().as_nanosecond(), MADE.fetch_add(1, Ordering::Relaxed));
    format!("{url}&schema=t{}_{n}_{now}", std::process::id()).parse().unwrap()
}

/// An API with an empty store. Its clock moves on by a second with every call.
pub struct Bench {
    pub api: Api,
    clock: AtomicI64,
    _folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// As the operator chose.
    pub fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(location(folder.path())).unwrap());
        let keyring = Keyring::open(&folder.path().join("key")).unwrap();
        let api = Api::new(store, keyring, options, None);
        // 2026-01-01T00:00:00Z
        Self { api, clock: AtomicI64::new(1_767_225_600), _folder: folder }
    }

    pub fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.call_as(ACCOUNT, REGION, operation, input)
    }

    pub fn call_as(&self, account: &str, region: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.call_with(account, region, operation, input).map(|(output, _)| output)
    }

    /// With the work that begins after the call.
    pub fn call_with(
        &self,
        account: &str,
        region: &str,
        operation: &str,
        input: Value,
    ) -> Result<(Value, Vec<Fetch>), ApiError> {
        let operation = named(operation);
        let now = Timestamp::from_second(self.clock.fetch_add(1, Ordering::Relaxed)).unwrap();
        self.api.store().write(|sql: &mut dyn Sql| {
            let mut call = Call { api: &self.api, sql, account, user: "tester", region, now, after: Vec::new() };
            let reply = dispatch(operation, &mut call, input)?;
            let body = if reply.body.is_empty() { Value::Null } else { serde_json::from_str(&reply.body).unwrap() };
            Ok((body, call.after))
        })
    }

    /// A new detector's id.
    pub fn detector(&self) -> String {
        let made = self.call("CreateDetector", serde_json::json!({ "enable": true })).unwrap();
        made["detectorId"].as_str().unwrap().to_owned()
    }
}

fn named(operation: &str) -> Operation {
    ROUTES.iter().find(|route| route.name == operation).unwrap_or_else(|| panic!("no operation {operation}")).operation
}
