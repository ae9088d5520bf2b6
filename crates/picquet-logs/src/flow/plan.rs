//! The columns of a flow log, from its header line.
//!
//! Names are those of AWS, "Flow log records", versions 2 to 10. A custom format may hold any of them in any
//! order; names that say nothing to Picquet, or that AWS adds later, are columns that are stepped over.

/// What a column holds, as far as Picquet reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `version`
    Version,
    /// `account-id`
    Account,
    /// `interface-id`
    Interface,
    /// `srcaddr`
    Src,
    /// `dstaddr`
    Dst,
    /// `srcport`
    SrcPort,
    /// `dstport`
    DstPort,
    /// `protocol`
    Protocol,
    /// `packets`
    Packets,
    /// `bytes`
    Bytes,
    /// `start`
    Start,
    /// `end`
    End,
    /// `action`
    Action,
    /// `log-status`
    Status,
    /// `vpc-id`
    Vpc,
    /// `subnet-id`
    Subnet,
    /// `instance-id`
    Instance,
    /// `tcp-flags`
    TcpFlags,
    /// `pkt-srcaddr`
    PacketSrc,
    /// `pkt-dstaddr`
    PacketDst,
    /// `region`
    Region,
    /// `pkt-src-aws-service`
    SrcService,
    /// `pkt-dst-aws-service`
    DstService,
    /// `flow-direction`
    Direction,
    /// Anything else.
    Ignored,
}

use Field::*;

/// The names that Picquet reads.
const READ: [(&str, Field); 24] = [
    ("version", Version),
    ("account-id", Account),
    ("interface-id", Interface),
    ("srcaddr", Src),
    ("dstaddr", Dst),
    ("srcport", SrcPort),
    ("dstport", DstPort),
    ("protocol", Protocol),
    ("packets", Packets),
    ("bytes", Bytes),
    ("start", Start),
    ("end", End),
    ("action", Action),
    ("log-status", Status),
    ("vpc-id", Vpc),
    ("subnet-id", Subnet),
    ("instance-id", Instance),
    ("tcp-flags", TcpFlags),
    ("pkt-srcaddr", PacketSrc),
    ("pkt-dstaddr", PacketDst),
    ("region", Region),
    ("pkt-src-aws-service", SrcService),
    ("pkt-dst-aws-service", DstService),
    ("flow-direction", Direction),
];

/// The names of AWS that are stepped over: a header may begin with one of them.
const STEPPED_OVER: [&str; 18] = [
    "type",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "traffic-path",
    "ecs-cluster-arn",
    "ecs-cluster-name",
    "ecs-container-instance-arn",
    "ecs-container-instance-id",
    "ecs-container-id",
    "ecs-second-container-id",
    "ecs-service-name",
    "ecs-task-definition-arn",
    "ecs-task-arn",
    "ecs-task-id",
    "reject-reason",
    "resource-id",
    "encryption-status",
];

/// The names that only Transit Gateway flow logs have (AWS, "Transit Gateway Flow Log records").
const TRANSIT_GATEWAY: [&str; 4] = ["resource-type", "tgw-id", "tgw-attachment-id", "tgw-src-vpc-id"];

/// The default format: the fields of version 2 in the order of AWS's table.
const DEFAULT_V2: [Field; 14] =
    [Version, Account, Interface, Src, Dst, SrcPort, DstPort, Protocol, Packets, Bytes, Start, End, Action, Status];

impl Field {
    /// The field of a name, as text logs write it (`account-id`) or as Parquet does (`account_id`).
    pub fn named(name: &str) -> Self {
        READ.iter().find(|(known, _)| same_name(known, name)).map_or(Ignored, |(_, field)| *field)
    }
}

/// Whether two names are equal; `_` stands for `-`.
fn same_name(known: &str, name: &str) -> bool {
    known.len() == name.len() && known.bytes().zip(name.bytes()).all(|(k, n)| k == n || (k == b'-' && n == b'_'))
}

/// Where the fields stand in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    columns: Vec<Field>,
    default: bool,
}

impl Plan {
    /// The default format, version 2.
    pub fn default_v2() -> Self {
        Self { columns: DEFAULT_V2.to_vec(), default: true }
    }

    /// From the names of the columns. The error says what is missing to make anything of such a log.
    pub fn new<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<Self, &'static str> {
        if names.clone().any(|name| TRANSIT_GATEWAY.iter().any(|known| same_name(known, name))) {
            return Err("Transit Gateway flow log: not supported");
        }
        let columns: Vec<Field> = names.map(Field::named).collect();
        let has = |field| columns.contains(&field);
        if !has(Src) && !has(PacketSrc) {
            return Err("flow log without srcaddr or pkt-srcaddr: not supported");
        }
        if !has(Dst) && !has(PacketDst) {
            return Err("flow log without dstaddr or pkt-dstaddr: not supported");
        }
        if !has(Start) {
            return Err("flow log without start: not supported");
        }
        let default = columns == DEFAULT_V2;
        Ok(Self { columns, default })
    }

    /// From a header line; `None` where the line is no header. Files may be concatenated, so that a header may
    /// stand anywhere.
    pub fn header(line: &str) -> Option<Result<Self, &'static str>> {
        // Data lines leave here, most at their first byte: nearly all fields hold digits.
        let names = line.split_ascii_whitespace();
        let mut known = false;
        for name in names.clone() {
            let mut bytes = name.bytes();
            if !bytes.next().is_some_and(|b| b.is_ascii_lowercase())
                || !bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                return None;
            }
            known |= is_known(name);
        }
        known.then(|| Self::new(names))
    }

    /// The columns in their order.
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Whether this is the default format, whose plain lines are read by their own code.
    pub fn is_default(&self) -> bool {
        self.default
    }
}

fn is_known(name: &str) -> bool {
    READ.iter().any(|(known, _)| *known == name) || STEPPED_OVER.contains(&name) || TRANSIT_GATEWAY.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start \
                      end action log-status";

    #[test]
    fn knows_headers_from_data() {
        assert_eq!(Plan::header(V2), Some(Ok(Plan::default_v2())));
        let custom = Plan::header("future-field type pkt-dstaddr start srcaddr").unwrap().unwrap();
        assert_eq!(custom.columns(), [Ignored, Ignored, PacketDst, Start, Src]);
        assert!(!custom.is_default());
        for data in [
            "2 111122223333 eni-0 10.0.0.1 10.0.0.2 1 2 6 1 1 1 1 ACCEPT OK",
            "eni-0a ingress 10.0.0.1",
            "unknown eni-0a",
            "- -",
            "",
            "hello world",
            "vpc-id-1 subnet",
        ] {
            assert_eq!(Plan::header(data), None, "{data}");
        }
    }

    #[test]
    fn says_why_a_format_cannot_be_used() {
        for (header, cause) in [
            ("version resource-type account-id tgw-id srcaddr dstaddr start", "Transit Gateway"),
            ("dstaddr start", "srcaddr"),
            ("srcaddr start", "dstaddr"),
            ("srcaddr pkt-dstaddr end", "start"),
        ] {
            let got = Plan::header(header).unwrap().unwrap_err();
            assert!(got.contains(cause), "{header}: {got}");
        }
    }

    #[test]
    fn takes_the_names_of_parquet() {
        assert_eq!(Field::named("pkt_src_aws_service"), SrcService);
        assert_eq!(Field::named("account-id"), Account);
        assert_eq!(Field::named("account.id"), Ignored);
    }
}
