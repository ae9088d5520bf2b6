//! The values of one row before they are a record: what text and Parquet have in common.

use super::plan::Field;
use super::{FlowRecord, Verdict};
use picquet_model::EventTime;
use std::net::IpAddr;

/// What a row is.
// A record lives on the stack for the length of one call; a box would cost more than the move.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub(crate) enum Row<'a> {
    /// A flow.
    Flow(FlowRecord<'a>),
    /// Nothing flowed in the interval.
    NoData,
    /// The interval's flows could not be recorded (AWS: an internal limit or error).
    SkipData,
}

/// `log-status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// The format has no such column, or `-`.
    #[default]
    Unsaid,
    Ok,
    NoData,
    SkipData,
}

/// The fields of one row; what is absent or `-` is `None` or 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Values<'a> {
    pub version: u64,
    pub account: Option<&'a str>,
    pub interface: Option<&'a str>,
    pub src: Option<IpAddr>,
    pub dst: Option<IpAddr>,
    pub packet_src: Option<IpAddr>,
    pub packet_dst: Option<IpAddr>,
    pub src_port: u64,
    pub dst_port: u64,
    pub protocol: u64,
    pub packets: u64,
    pub bytes: u64,
    pub start: Option<u64>,
    pub end: Option<u64>,
    pub verdict: Option<Verdict>,
    pub status: Status,
    pub vpc: Option<&'a str>,
    pub subnet: Option<&'a str>,
    pub instance: Option<&'a str>,
    pub tcp_flags: Option<u64>,
    pub region: Option<&'a str>,
    pub src_service: Option<&'a str>,
    pub dst_service: Option<&'a str>,
    pub ingress: Option<bool>,
}

impl<'a> Values<'a> {
    /// Takes a number, or its absence.
    #[inline(always)]
    pub fn number(&mut self, field: Field, value: Option<u64>) {
        match field {
            Field::Version => self.version = value.unwrap_or(0),
            Field::SrcPort => self.src_port = value.unwrap_or(0),
            Field::DstPort => self.dst_port = value.unwrap_or(0),
            Field::Protocol => self.protocol = value.unwrap_or(0),
            Field::Packets => self.packets = value.unwrap_or(0),
            Field::Bytes => self.bytes = value.unwrap_or(0),
            Field::Start => self.start = value,
            Field::End => self.end = value,
            Field::TcpFlags => self.tcp_flags = value,
            _ => {}
        }
    }

    /// Takes an address, or its absence.
    #[inline(always)]
    pub fn address(&mut self, field: Field, value: Option<IpAddr>) {
        match field {
            Field::Src => self.src = value,
            Field::Dst => self.dst = value,
            Field::PacketSrc => self.packet_src = value,
            Field::PacketDst => self.packet_dst = value,
            _ => {}
        }
    }

    /// Takes a word that is not `-`. False where it is none of those that the field may have.
    #[inline(always)]
    pub fn word(&mut self, field: Field, value: &'a str) -> bool {
        match field {
            Field::Account => self.account = Some(value),
            Field::Interface => self.interface = Some(value),
            Field::Vpc => self.vpc = Some(value),
            Field::Subnet => self.subnet = Some(value),
            Field::Instance => self.instance = Some(value),
            Field::Region => self.region = Some(value),
            Field::SrcService => self.src_service = Some(value),
            Field::DstService => self.dst_service = Some(value),
            Field::Action => match value {
                "ACCEPT" => self.verdict = Some(Verdict::Accept),
                "REJECT" => self.verdict = Some(Verdict::Reject),
                _ => return false,
            },
            Field::Status => match value {
                "OK" => self.status = Status::Ok,
                "NODATA" => self.status = Status::NoData,
                "SKIPDATA" => self.status = Status::SkipData,
                _ => return false,
            },
            Field::Direction => match value {
                "ingress" => self.ingress = Some(true),
                "egress" => self.ingress = Some(false),
                _ => return false,
            },
            _ => {}
        }
        true
    }

    /// The row, checked. `account` is that of the object's key, for rows that do not name one.
    #[inline(always)]
    pub fn finish(&self, account: &'a str) -> Result<Row<'a>, &'static str> {
        let interface_src = self.src.or(self.packet_src);
        let interface_dst = self.dst.or(self.packet_dst);
        match self.status {
            Status::NoData => return Ok(Row::NoData),
            Status::SkipData => return Ok(Row::SkipData),
            // A format without log-status: a row without addresses is one of the two.
            Status::Unsaid if interface_src.is_none() && interface_dst.is_none() => return Ok(Row::NoData),
            Status::Unsaid | Status::Ok => {}
        }
        let (Some(interface_src), Some(interface_dst)) = (interface_src, interface_dst) else {
            return Err(if interface_src.is_none() { bad(Field::Src) } else { bad(Field::Dst) });
        };
        let start = time(self.start).ok_or(bad(Field::Start))?;
        let end = match self.end {
            None => start,
            end => time(end).ok_or(bad(Field::End))?,
        };
        if end < start {
            return Err("end is before start");
        }
        Ok(Row::Flow(FlowRecord {
            version: match self.version {
                0 => 2,
                version => u8::try_from(version).map_err(|_| bad(Field::Version))?,
            },
            // AWS writes `unknown` for interfaces that one of its services made.
            account_id: self.account.filter(|&id| id != "unknown").unwrap_or(account),
            region: self.region,
            interface_id: self.interface.unwrap_or_default(),
            src: self.packet_src.unwrap_or(interface_src),
            dst: self.packet_dst.unwrap_or(interface_dst),
            src_port: u16::try_from(self.src_port).map_err(|_| bad(Field::SrcPort))?,
            dst_port: u16::try_from(self.dst_port).map_err(|_| bad(Field::DstPort))?,
            protocol: u8::try_from(self.protocol).map_err(|_| bad(Field::Protocol))?,
            packets: self.packets,
            bytes: self.bytes,
            start,
            end,
            verdict: self.verdict,
            vpc_id: self.vpc,
            subnet_id: self.subnet,
            instance_id: self.instance,
            tcp_flags: match self.tcp_flags {
                None => None,
                Some(flags) => Some(u8::try_from(flags).map_err(|_| bad(Field::TcpFlags))?),
            },
            interface_src,
            interface_dst,
            ingress: self.ingress,
            src_aws_service: self.src_service,
            dst_aws_service: self.dst_service,
        }))
    }
}

#[inline]
fn time(secs: Option<u64>) -> Option<EventTime> {
    EventTime::from_secs(i64::try_from(secs?).ok()?)
}

/// Why a field cannot be read, as it is reported.
#[cold]
pub(super) fn bad(field: Field) -> &'static str {
    match field {
        Field::Version => "version is no number from 1 to 255",
        Field::Src => "srcaddr is missing or no address",
        Field::Dst => "dstaddr is missing or no address",
        Field::PacketSrc => "pkt-srcaddr is no address",
        Field::PacketDst => "pkt-dstaddr is no address",
        Field::SrcPort => "srcport is no port",
        Field::DstPort => "dstport is no port",
        Field::Protocol => "protocol is no number from 0 to 255",
        Field::Packets => "packets is no number below 2^64",
        Field::Bytes => "bytes is no number below 2^64",
        Field::Start => "start is missing or no time",
        Field::End => "end is no time",
        Field::Action => "action is neither ACCEPT nor REJECT",
        Field::Status => "log-status is none of OK, NODATA, SKIPDATA",
        Field::TcpFlags => "tcp-flags is no number from 0 to 255",
        Field::Direction => "flow-direction is neither ingress nor egress",
        _ => "a field is empty",
    }
}
