//! The GuardDuty HTTPS API: every operation of the service model, for unmodified AWS clients.
//!
//! ```text
//! http      a request: its body within limits, who it is from (auth), what it is for (api-model's router)
//! wire      all members of the request in one object, parsed and validated
//! dispatch  generated: the handler of each operation
//! handlers  one module a group of resources; they work in one transaction of the store (call)
//! ```

pub mod above;
pub mod audit;
pub mod auth;
mod beyond;
pub mod call;
mod coding;
mod console;
mod criteria;
mod dispatch;
pub mod error;
pub mod features;
mod handlers;
pub mod http;
pub mod hunting;
pub mod intake;
pub mod keyring;
mod limits;
pub mod lists;
mod named;
pub mod operation;
mod org_features;
mod page;
pub mod resources;
mod samples;
mod session;
mod span;
mod strict;
mod sts;
#[cfg(test)]
mod testing;
mod wire;

use audit::Audit;
use auth::policy::Policies;
use keyring::Keyring;
use limits::Limits;
use operation::Operation;
use page::Pager;
use picquet_store::Store;
use std::sync::{Arc, OnceLock};

/// What the operator chose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Accept what emulators accept and AWS refuses.
    pub lenient: bool,
    /// Folders from which lists may be read.
    pub list_folders: Vec<std::path::PathBuf>,
    /// How lists in buckets are read.
    pub buckets: Option<lists::Buckets>,
    /// How many calls a second each access key may make; no limit when there is none.
    pub calls_a_second: Option<std::num::NonZeroU32>,
    /// The management account of the organization that the accounts of the store are in. Without one, it is the account
    /// that first designates a delegated administrator.
    pub management_account: Option<String>,
    /// Whether clients come over TLS, so that browsers are told to keep cookies to it.
    pub tls: bool,
}

/// The API.
pub struct Api {
    store: Arc<Store>,
    keyring: Keyring,
    pager: Pager,
    policies: Policies,
    limits: Limits,
    audit: Option<Audit>,
    options: Options,
    operation: OnceLock<Arc<dyn Operation>>,
}

impl Api {
    /// On a store, with its keys.
    pub fn new(store: Arc<Store>, keyring: Keyring, options: Options, audit: Option<Audit>) -> Self {
        let pager = Pager::new(keyring.pages());
        Self {
            store,
            keyring,
            pager,
            policies: Policies::default(),
            limits: Limits::new(options.calls_a_second),
            audit,
            options,
            operation: OnceLock::new(),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The keys.
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    pub(crate) const fn pager(&self) -> &Pager {
        &self.pager
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The audit log, if there is one.
    pub const fn audit(&self) -> Option<&Audit> {
        self.audit.as_ref()
    }

    pub(crate) const fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Says which process it is that serves this; only the first one counts.
    pub fn set_operation(&self, operation: Arc<dyn Operation>) {
        let _ = self.operation.set(operation);
    }

    pub(crate) fn operation(&self) -> Option<&dyn Operation> {
        self.operation.get().map(AsRef::as_ref)
    }

    /// What the operator chose.
    pub const fn options(&self) -> &Options {
        &self.options
    }
}
