//! Flow logs of made-up interfaces, as AWS delivers them.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use picquet_testkit::connections::Row;
use picquet_testkit::{Random, V2_HEADER};
use std::fs;
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// The account of all interfaces.
pub const ACCOUNT: &str = "111122223333";

const V5: &str = "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id flow-direction";

/// TCP flags as flow logs have them: a SYN-ACK's acknowledgement shows, others do not.
pub mod flags {
    /// The end of a direction.
    pub const FIN: u8 = 1;
    /// What a client begins with.
    pub const SYN: u8 = 2;
    /// A refusal.
    pub const RST: u8 = 4;
    /// What a server begins with.
    pub const SYN_ACK: u8 = 18;
}

/// An instance with one interface.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its number, which its names are made of.
    pub number: usize,
    /// Its private address.
    pub ip: Ipv4Addr,
}

impl Host {
    /// The interface's name.
    pub fn interface(&self) -> String {
        format!("eni-0{:016x}", 0xfeed_0000 + self.number)
    }

    /// The instance's name.
    pub fn instance(&self) -> String {
        format!("i-0{:016x}", 0xcafe_0000 + self.number)
    }
}

/// Writes rows as the objects of their hours, those of an object in a random order. The rows' seconds count from 1970,
/// their interfaces are those of the hosts.
pub fn write(folder: &Path, name: &str, hosts: &[Host], mut rows: Vec<Row>, version: u32) -> Result<()> {
    rows.sort_by_key(|r| r.start.div_euclid(3600));
    let inner = folder.join(format!("AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1"));
    fs::create_dir_all(&inner)?;
    let mut random = Random(rows.len() as u64);
    for hour in rows.chunk_by_mut(|a, b| a.start.div_euclid(3600) == b.start.div_euclid(3600)) {
        random.shuffle(hour);
        let Some(number) = hour.first().map(|r| r.start.div_euclid(3600)) else { continue };
        let path: PathBuf = inner.join(format!("{ACCOUNT}_vpcflowlogs_us-east-1_fl-0_{name}_{number}.log.gz"));
        let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
        writeln!(out, "{V2_HEADER}{}", if version == 5 { format!(" {V5}") } else { String::new() })?;
        for row in hour {
            line(&mut out, &hosts[row.interface], row, version)?;
        }
        out.finish()?.flush()?;
    }
    Ok(())
}

fn line(out: &mut impl Write, host: &Host, r: &Row, version: u32) -> Result<()> {
    write!(
        out,
        "{version} {ACCOUNT} {} {} {} {} {} {} {} {} {} {} {} OK",
        host.interface(),
        r.src.0,
        r.dst.0,
        r.src.1,
        r.dst.1,
        r.protocol,
        r.packets,
        r.bytes,
        r.start,
        r.end.max(r.start + 1),
        if r.accepted { "ACCEPT" } else { "REJECT" }
    )?;
    if version == 5 {
        let direction = if r.dst.0 == host.ip { "ingress" } else { "egress" };
        write!(
            out,
            " vpc-0a1b2c3d4e5f60718 subnet-0a1b2c3d4e5f60718 {} {} IPv4 {} {} us-east-1 use1-az1 {direction}",
            host.instance(),
            if r.protocol == 6 { r.flags } else { 0 },
            r.src.0,
            r.dst.0
        )?;
    }
    writeln!(out)?;
    Ok(())
}
