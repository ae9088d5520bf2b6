//! The API with a million findings in its store: 20 kinds of queries, beside findings that keep coming.

use crate::args::root;
use crate::postgres::{self, Server};
use anyhow::{Context, Result, bail, ensure};
use picquet_store::{Location, Store, StoreError, findings};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The account that the findings are of; `tools/bench-api.py` asks as it.
const ACCOUNT: &str = "111122223333";
/// Findings of one transaction.
const BATCH: u32 = 500;
/// Milliseconds of 90 days, over which the findings are spread.
const SPAN_MILLIS: i64 = 90 * 86_400_000;
/// 2026-11-01T00:00:00Z.
const END_MILLIS: i64 = 1_793_491_200_000;

const COUNTRIES: [&str; 4] = ["Germany", "Brazil", "Japan", "Canada"];
const PORTS: [u16; 4] = [22, 80, 443, 3389];

/// What a PostgreSQL server is given besides its defaults: a tenth of what a machine of the benchmark has.
const SERVER: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=4GB"];

/// Makes the store if it is not there, and measures.
pub fn run(bin: &Path, work: &Path, count: u32, store: &str) -> Result<bool> {
    let name = match store {
        "sqlite" => format!("api-{count}"),
        "postgres" => format!("api-{count}-postgres"),
        _ => bail!("--store takes: sqlite, postgres"),
    };
    let data = work.join(name);
    fs::create_dir_all(&data)?;
    let embedded = work.join(format!("api-{count}"));
    if !embedded.join("done").exists() {
        println!("writing {count} findings ...");
        fs::create_dir_all(&embedded)?;
        fill(Location::File(embedded.join("picquet.db")), count)?;
        fs::write(embedded.join("done"), "")?;
    }
    let programs = postgres::programs();
    let server = if store == "postgres" {
        let programs = programs.as_ref().context("there is no PostgreSQL on this machine")?;
        Some(Server::start(programs, &data.join("cluster"), &SERVER)?)
    } else {
        None
    };
    let url = server.as_ref().map(Server::url);
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    if let (Some(server), Some(programs), Some(url)) = (&server, &programs, &url)
        && !data.join("done").exists()
    {
        println!("copying them to PostgreSQL ...");
        Store::open(url.parse::<Location>()?)?;
        let mut copy = Command::new(&python);
        copy.arg(root().join("tools/bench-copy.py")).arg(embedded.join("picquet.db")).arg(url);
        ensure!(copy.status()?.success(), "the findings cannot be copied");
        // What the server does by itself, some time after so much was written.
        server.tidy(programs)?;
        fs::write(data.join("done"), "")?;
    }
    let mut command = Command::new(python);
    command
        .arg(root().join("tools/bench-api.py"))
        .args(["--data-dir".as_ref(), data.as_os_str(), "--bin".as_ref(), bin.as_os_str()])
        .args(["--detector", &detector(), "--account", ACCOUNT]);
    if let Some(url) = &url {
        command.env("PICQUET_STORE", url);
    }
    Ok(command.status().context("python3")?.success())
}

fn detector() -> String {
    picquet_model::ids::detector_id(ACCOUNT, "us-east-1")
}

fn fill(location: Location, count: u32) -> Result<()> {
    let store = Store::open(location)?;
    let detector = detector();
    let types = picquet_model::catalogue::all();
    ensure!(!types.is_empty(), "the catalogue is empty");
    for first in (0..count).step_by(BATCH as usize) {
        store.write::<_, StoreError>(|sql| {
            for n in first..count.min(first + BATCH) {
                let row = &types[(hash(n, 1) % types.len() as u64) as usize];
                findings::put(sql, &detector, &finding(&detector, n, count, &row.name, row.severity, &row.resource))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A number that looks random and is the same every time (SplitMix64).
fn hash(n: u32, salt: u64) -> u64 {
    let mut z = (u64::from(n) << 8 | salt).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn finding(detector: &str, n: u32, count: u32, kind: &str, severity: f64, resource: &str) -> Value {
    let pick = |salt: u64, of: u64| hash(n, salt) % of;
    let time = |millis: i64| {
        let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
    };
    let updated = END_MILLIS - SPAN_MILLIS + SPAN_MILLIS / i64::from(count) * i64::from(n);
    let user = format!("user-{}", pick(2, 2000));
    let instance = format!("i-{:017x}", pick(3, 20_000));
    let remote = json!({
        "ipAddressV4": format!("198.{}.{}.{}", 18 + pick(4, 2), pick(5, 256), pick(6, 256)),
        "country": { "countryName": COUNTRIES[pick(7, 4) as usize] },
        "organization": { "asn": (64_512 + pick(8, 500)).to_string(), "asnOrg": format!("Net {}", pick(8, 500)) },
    });
    let resource = match resource {
        "AccessKey" => json!({ "resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": format!("AKIA{:016}", pick(2, 2000)), "userName": user, "userType": "IAMUser",
            "principalId": format!("AIDA{:016}", pick(2, 2000)) } }),
        "S3Bucket" => json!({ "resourceType": "S3Bucket",
            "s3BucketDetails": [{ "name": format!("bucket-{}", pick(9, 3000)), "type": "Destination" }],
            "accessKeyDetails": { "userName": user, "userType": "IAMUser" } }),
        _ => json!({ "resourceType": "Instance", "instanceDetails": {
            "instanceId": instance, "instanceType": "m5.large", "imageId": format!("ami-{}", pick(10, 40)),
            "tags": [{ "key": "Team", "value": format!("team-{}", pick(11, 30)) }],
            "networkInterfaces": [{ "vpcId": format!("vpc-{}", pick(12, 20)), "subnetId": format!("subnet-{}", pick(13, 60)),
                "privateIpAddress": format!("10.0.{}.{}", pick(14, 256), pick(15, 256)) }] } }),
    };
    json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws",
        "id": format!("{:032x}", u128::from(hash(n, 0)) << 64 | u128::from(n)), "arn": "arn:aws:guardduty", "type": kind,
        "severity": severity, "title": format!("Finding {n}"), "description": "A finding of the benchmark.",
        "createdAt": time(updated - 3_600_000), "updatedAt": time(updated), "resource": resource,
        "service": {
            "serviceName": "guardduty", "detectorId": detector, "archived": pick(16, 4) == 0, "count": 1 + pick(17, 50),
            "eventFirstSeen": time(updated - 3_600_000), "eventLastSeen": time(updated), "resourceRole": "TARGET",
            "action": { "actionType": "NETWORK_CONNECTION", "networkConnectionAction": {
                "connectionDirection": "INBOUND", "protocol": "TCP", "remoteIpDetails": remote,
                "localPortDetails": { "port": PORTS[pick(18, 4) as usize] },
                "remotePortDetails": { "port": 1024 + pick(19, 60_000) } } },
            "additionalInfo": { "type": "default", "value": "{\"threatListName\":\"list\"}" },
        },
    })
}
