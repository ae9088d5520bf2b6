//! Threat and trusted lists compiled into one matcher; geography, networks and AWS ranges of an address.
//!
//! Bytes in, values out: nothing here reads a file, a clock or the environment, or starts a thread. What is trusted
//! always wins over what is listed.

mod addresses;
pub mod aws_ranges;
mod builder;
mod category;
mod compile;
mod countries;
pub mod domain;
mod feeds;
pub mod geo;
mod hits;
mod indicator;
mod intel;
mod keys;
mod names;
mod parse;
pub mod places;
mod ranges;
mod report;
mod routable;
mod shared;
mod types;
mod unpack;

pub use aws_ranges::{AwsRange, AwsRanges};
pub use builder::{IntelBuilder, MAX_ENTRIES, MAX_THREAT_NAME};
pub use category::{Category, UnknownCategory};
pub use compile::{AddressLists, CompiledNames, NameLists};
pub use domain::{is_public_suffix, known_registrable_domain, registrable_domain};
pub use feeds::{BundledFeed, bundled as bundled_feeds};
pub use geo::{Geo, IpInfo};
pub use hits::{Hit, HitSet};
pub use indicator::{MIN_PREFIX_V4, MIN_PREFIX_V6};
pub use intel::{Bundled, Intel, ListInfo};
pub use parse::MAX_LINE;
pub use report::{Cause, ListFormat, ListReport, MAX_REJECTED, MAX_REJECTED_TEXT, Rejected, UnknownFormat};
pub use shared::SharedIntel;
pub use types::{Surface, finding_type, table_markdown};
