//! VPC Flow Logs, versions 2 to the newest (AWS, "Flow log records").

pub(crate) mod digits;
mod pages;
pub(crate) mod parquet;
pub mod plan;
pub(crate) mod text;
pub(crate) mod values;

use picquet_model::EventTime;
use std::net::IpAddr;

/// What the security groups and network ACLs did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Let through.
    Accept,
    /// Refused.
    Reject,
}

/// One flow of one aggregation interval and direction. A field that the log does not carry, or writes as
/// `-`, is `None` or 0.
#[derive(Clone, Debug)]
pub struct FlowRecord<'a> {
    /// The version that the record states, 2 where the format leaves it out.
    pub version: u8,
    /// Owner of the interface; from the record, else from the object's key.
    pub account_id: &'a str,
    /// The region that the record states (version 4 and later), else `None`.
    pub region: Option<&'a str>,
    /// `eni-...`; empty where the format leaves it out.
    pub interface_id: &'a str,
    /// Source address of the packet, else of the interface: `pkt-srcaddr` where present, else `srcaddr`.
    pub src: IpAddr,
    /// Destination address, as `src`.
    pub dst: IpAddr,
    /// Source port; 0 for protocols without.
    pub src_port: u16,
    /// Destination port; 0 for protocols without.
    pub dst_port: u16,
    /// IANA protocol number.
    pub protocol: u8,
    /// Packets in the interval.
    pub packets: u64,
    /// Bytes in the interval.
    pub bytes: u64,
    /// First packet's second.
    pub start: EventTime,
    /// Last packet's second.
    pub end: EventTime,
    /// Accepted or refused; `None` where the log does not say.
    pub verdict: Option<Verdict>,
    /// `vpc-...`.
    pub vpc_id: Option<&'a str>,
    /// `subnet-...`.
    pub subnet_id: Option<&'a str>,
    /// `i-...`; `None` for interfaces that belong to no instance.
    pub instance_id: Option<&'a str>,
    /// TCP flags seen, OR-ed over the interval: FIN 1, SYN 2, RST 4, SYN-ACK 18.
    pub tcp_flags: Option<u8>,
    /// The interface's own address on the source side (`srcaddr`) when `src` is `pkt-srcaddr`.
    pub interface_src: IpAddr,
    /// The interface's own address on the destination side.
    pub interface_dst: IpAddr,
    /// `ingress` is true: seen from the interface (version 5).
    pub ingress: Option<bool>,
    /// `pkt-src-aws-service`.
    pub src_aws_service: Option<&'a str>,
    /// `pkt-dst-aws-service`.
    pub dst_aws_service: Option<&'a str>,
}
