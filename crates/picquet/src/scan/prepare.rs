//! Lists, address data, inventory and settings: what detectors look things up in.

use super::intel;
use super::keep::StoredList;
use crate::cli::WorldArgs;
use crate::config;
use crate::exit::{Code, Failure};
use picquet_detect::reduce::FactMap;
use picquet_detect::{Env, learn};
use picquet_intel::{AwsRanges, Geo};
use picquet_model::EventTime;
use picquet_source::read_small;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::sync::Arc;

const MAX_INVENTORY: u64 = 512 << 20;
/// City databases have some 100 MB.
const MAX_GEOIP: u64 = 1 << 30;

/// Builds the environment, with lists of the store, and puts the given inventory into `facts`.
pub fn environment(
    input: &WorldArgs,
    window: Option<(EventTime, EventTime)>,
    stored: Vec<StoredList>,
    facts: &mut FactMap,
    quiet: bool,
) -> Result<Env, Failure> {
    let tuning = config::load(input.config.as_deref())?;
    // Map seeds must not be guessable by who writes the logs; the standard library's are random per process.
    let seed = RandomState::new().build_hasher().finish();
    let intel = intel::load(input, stored, seed, quiet)?;
    for file in &input.inventory {
        let bytes = read(file, MAX_INVENTORY, "inventory")?;
        learn::from_describe(&bytes, |_| Some(input.default_region.clone()), facts).map_err(|e| {
            Failure::new(Code::Config, format!("cannot use the inventory {}: {e}", file.display()))
                .help("give the JSON of `aws ec2 describe-instances` or `aws ec2 describe-network-interfaces`")
        })?;
    }
    Ok(Env {
        intel: Arc::new(intel),
        geo: Arc::new(geo(input)?),
        aws: Arc::new(aws_ranges(input)?),
        tuning: Arc::new(tuning),
        seed,
        default_region: input.default_region.as_str().into(),
        default_account: input.default_account.as_str().into(),
        window,
    })
}

fn geo(input: &WorldArgs) -> Result<Geo, Failure> {
    if input.geoip.is_empty() {
        return Ok(Geo::bundled());
    }
    let databases = input.geoip.iter().map(|file| read(file, MAX_GEOIP, "database")).collect::<Result<Vec<_>, _>>()?;
    Geo::from_mmdb(databases)
        .map_err(|e| Failure::new(Code::Config, format!("--geoip: {e}")).help("give files in MaxMind's format (.mmdb)"))
}

fn aws_ranges(input: &WorldArgs) -> Result<AwsRanges, Failure> {
    let Some(file) = &input.aws_ranges else { return Ok(AwsRanges::bundled()) };
    let bytes = read(file, MAX_INVENTORY, "AWS ranges")?;
    AwsRanges::from_ip_ranges_json(&bytes)
        .map_err(|e| Failure::new(Code::Config, format!("cannot use {}: {e}", file.display())))
}

/// Reads a file that is held in memory as a whole.
pub(super) fn read(file: &Path, max: u64, what: &str) -> Result<Vec<u8>, Failure> {
    read_small(file, max)
        .map_err(|e| Failure::new(Code::Config, format!("cannot read the {what} {}: {e}", file.display())))
}
