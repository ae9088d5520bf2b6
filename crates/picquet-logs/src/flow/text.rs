//! Flow log lines.

use super::plan::{Field, Plan};
use super::values::{Row, Values, bad};
use super::{FlowRecord, Verdict, digits};
use picquet_model::EventTime;
use std::net::IpAddr;

const FEWER: &str = "the flow line has fewer fields than its format";
const MORE: &str = "the flow line has more fields than its format";

/// A line of the default format with all its fields, IPv4 and nothing else to be said about it: nearly all lines
/// are. Every other line, also a faulty one, is `None` and left to [`parse`], which agrees on these.
#[inline(always)]
pub(crate) fn plain_v2(line: &str) -> Option<FlowRecord<'_>> {
    let bytes = line.as_bytes();
    // `2 `, the twelve digits of an account, a space: `-` and `unknown` are for the general way.
    let (account, account_end) = (2, 14);
    if bytes.first_chunk::<2>() != Some(b"2 ") || bytes.get(account_end) != Some(&b' ') {
        return None;
    }
    let interface_end = digits::space(bytes, account_end + 1);
    let (src, at) = digits::ipv4(bytes, interface_end + 1)?;
    let (dst, at) = digits::ipv4(bytes, at + 1)?;
    let (src_port, at) = digits::number(bytes, at + 1)?;
    let (dst_port, at) = digits::number(bytes, at + 1)?;
    let (protocol, at) = digits::number(bytes, at + 1)?;
    let (packets, at) = digits::number(bytes, at + 1)?;
    let (count, at) = digits::number(bytes, at + 1)?;
    let (start, at) = digits::number(bytes, at + 1)?;
    let (end, at) = digits::number(bytes, at + 1)?;
    let verdict = match bytes.get(at..)? {
        b" ACCEPT OK" => Verdict::Accept,
        b" REJECT OK" => Verdict::Reject,
        _ => return None,
    };
    let (account_id, interface_id) = (line.get(account..account_end)?, line.get(account_end + 1..interface_end)?);
    if account_id.contains(' ') || interface_id.len() < 2 || end < start {
        return None;
    }
    Some(FlowRecord {
        version: 2,
        account_id,
        region: None,
        interface_id,
        src: IpAddr::V4(src),
        dst: IpAddr::V4(dst),
        src_port: u16::try_from(src_port).ok()?,
        dst_port: u16::try_from(dst_port).ok()?,
        protocol: u8::try_from(protocol).ok()?,
        packets,
        bytes: count,
        start: EventTime::from_secs(i64::try_from(start).ok()?)?,
        end: EventTime::from_secs(i64::try_from(end).ok()?)?,
        verdict: Some(verdict),
        vpc_id: None,
        subnet_id: None,
        instance_id: None,
        tcp_flags: None,
        interface_src: IpAddr::V4(src),
        interface_dst: IpAddr::V4(dst),
        ingress: None,
        src_aws_service: None,
        dst_aws_service: None,
    })
}

/// Reads one line, without its newline, in the order of the plan. `account` is that of the object's key.
#[inline(always)]
pub(crate) fn parse<'a>(line: &'a str, plan: &Plan, account: &'a str) -> Result<Row<'a>, &'static str> {
    let mut scan = Scan { text: line, pos: 0 };
    let mut values = Values::default();
    for &field in plan.columns() {
        scan.field(field, &mut values)?;
    }
    if scan.pos <= line.len() {
        return Err(MORE);
    }
    values.finish(account)
}

/// A position in a line: before a field, or one behind the line's end.
struct Scan<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Scan<'a> {
    /// Reads one field and the space behind it.
    #[inline(always)]
    fn field(&mut self, field: Field, values: &mut Values<'a>) -> Result<(), &'static str> {
        if self.pos > self.text.len() {
            return Err(FEWER);
        }
        match field {
            Field::Version
            | Field::SrcPort
            | Field::DstPort
            | Field::Protocol
            | Field::Packets
            | Field::Bytes
            | Field::Start
            | Field::End
            | Field::TcpFlags => match self.number() {
                Some(value) => values.number(field, value),
                None => return Err(bad(field)),
            },
            Field::Src | Field::Dst | Field::PacketSrc | Field::PacketDst => match self.address() {
                Some(value) => values.address(field, value),
                None => return Err(bad(field)),
            },
            _ => {
                let word = self.word();
                if word.is_empty() || (word != "-" && !values.word(field, word)) {
                    return Err(bad(field));
                }
            }
        }
        Ok(())
    }

    /// The bytes up to the next space or the end.
    #[inline(always)]
    fn word(&mut self) -> &'a str {
        let start = self.pos;
        let end = digits::space(self.text.as_bytes(), start);
        self.pos = end + 1;
        &self.text[start..end]
    }

    /// A decimal number below 2^64; `Some(None)` for `-`.
    #[inline(always)]
    fn number(&mut self) -> Option<Option<u64>> {
        match digits::number(self.text.as_bytes(), self.pos) {
            Some((value, end)) => {
                self.pos = end + 1;
                Some(Some(value))
            }
            None => self.odd_number(),
        }
    }

    #[cold]
    fn odd_number(&mut self) -> Option<Option<u64>> {
        match self.word() {
            "-" => Some(None),
            // `u64::from_str` would take a sign.
            word if word.bytes().all(|b| b.is_ascii_digit()) => word.parse().ok().map(Some),
            _ => None,
        }
    }

    /// An address; `Some(None)` for `-`.
    #[inline(always)]
    fn address(&mut self) -> Option<Option<IpAddr>> {
        match digits::ipv4(self.text.as_bytes(), self.pos) {
            Some((ip, end)) => {
                self.pos = end + 1;
                Some(Some(IpAddr::V4(ip)))
            }
            None => self.odd_address(),
        }
    }

    #[cold]
    fn odd_address(&mut self) -> Option<Option<IpAddr>> {
        match self.word() {
            "-" => Some(None),
            word => word.parse().ok().map(|ip| Some(IpAddr::V6(ip))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow<'a>(line: &'a str, plan: &Plan) -> FlowRecord<'a> {
        match parse(line, plan, "999988887777").unwrap() {
            Row::Flow(record) => record,
            other => panic!("{other:?}"),
        }
    }

    /// What the quick way and the general way make of a line must be the same.
    fn both(line: &str) -> bool {
        let Some(record) = plain_v2(line) else { return false };
        let general = parse(line, &Plan::default_v2(), "999988887777");
        assert_eq!(format!("{:?}", Ok::<_, &str>(Row::Flow(record))), format!("{general:?}"), "{line}");
        true
    }

    #[test]
    fn the_quick_way_agrees_with_the_general_way() {
        let good = "2 111122223333 eni-0a 10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 ACCEPT OK";
        assert!(both(good));
        for (from, to) in [
            ("2 1", "20 1"),
            ("2 1", "02 "),
            ("111122223333", "unknown"),
            ("111122223333", "-"),
            ("111122223333", ""),
            ("eni-0a", "-"),
            ("eni-0a", ""),
            ("10.0.0.1", "::1"),
            ("10.0.0.2", "10.0.0.02"),
            (" 1 2 ", " 70000 2 "),
            (" 1 2 ", " - - "),
            (" 6 3 ", " 300 3 "),
            (" 5 6 ", " 7 6 "),
            (" OK", " NODATA"),
            (" OK", " OK "),
            ("ACCEPT", "-"),
            ("eni-0a", "é"),
            ("2 1", "2  1"),
            (" 3 4 ", " 18446744073709551615 18446744073709551616 "),
        ] {
            let line = good.replacen(from, to, 1);
            for end in 0..=line.len() {
                if let Some(cut) = line.get(..end) {
                    both(cut);
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_agrees_on_anything(fields in proptest::collection::vec("-|OK|ACCEPT|REJECT|[0-9]{1,12}|([0-9]{1,3}\\.){3}[0-9]{1,3}|eni-[0-9a-f]{1,17}", 0..16)) {
            both(&fields.join(" "));
            both(&format!("2 111122223333 eni-0a 10.0.0.1 10.0.0.2 {}", fields.join(" ")));
        }
    }

    #[test]
    fn reads_the_default_format() {
        let r = flow(
            "2 111122223333 eni-0a 172.31.16.139 2001:db8::1 20641 22 6 20 4249 1418530010 1418530070 REJECT OK",
            &Plan::default_v2(),
        );
        assert_eq!((r.version, r.account_id, r.interface_id), (2, "111122223333", "eni-0a"));
        assert_eq!((r.src.to_string(), r.dst.to_string()), ("172.31.16.139".into(), "2001:db8::1".into()));
        assert_eq!((r.src_port, r.dst_port, r.protocol, r.packets, r.bytes), (20641, 22, 6, 20, 4249));
        assert_eq!((r.start.as_secs(), r.end.as_secs()), (1_418_530_010, 1_418_530_070));
        assert_eq!((r.verdict, r.region, r.tcp_flags), (Some(Verdict::Reject), None, None));
        assert_eq!(r.interface_src, r.src);
    }

    #[test]
    fn prefers_the_packet_address_where_there_is_one() {
        let plan = Plan::header("pkt-srcaddr srcaddr start dstaddr pkt-dstaddr account-id").unwrap().unwrap();
        let r = flow("203.0.113.9 10.0.0.1 7 10.0.0.2 - unknown", &plan);
        assert_eq!((r.src.to_string(), r.interface_src.to_string()), ("203.0.113.9".into(), "10.0.0.1".into()));
        assert_eq!((r.dst.to_string(), r.interface_dst.to_string()), ("10.0.0.2".into(), "10.0.0.2".into()));
        assert_eq!((r.account_id, r.end, r.version, r.verdict), ("999988887777", r.start, 2, None));
    }

    #[test]
    fn knows_rows_without_data() {
        for (line, skip) in [
            ("2 111122223333 eni-0a - - - - - - - 1431280876 1431280934 - NODATA", false),
            ("2 111122223333 eni-0a - - - - - - - 1431280876 1431280934 - SKIPDATA", true),
        ] {
            let got = parse(line, &Plan::default_v2(), "").unwrap();
            assert!(matches!((&got, skip), (Row::NoData, false) | (Row::SkipData, true)), "{got:?}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        let good = "2 111122223333 eni-0a 10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 ACCEPT OK";
        assert!(parse(good, &Plan::default_v2(), "").is_ok());
        for (from, to, cause) in [
            ("10.0.0.1", "10.0.0.256", "srcaddr"),
            ("10.0.0.1", "010.0.0.1", "srcaddr"),
            ("10.0.0.1", "-", "srcaddr"),
            ("10.0.0.2", "1.2.3.4.5", "dstaddr"),
            ("10.0.0.2", "fe80::1%eth0", "dstaddr"),
            (" 1 2 ", " 65536 2 ", "srcport"),
            (" 1 2 ", " 1 18446744073709551616 ", "dstport"),
            (" 1 2 ", " 1 +2 ", "dstport"),
            (" 6 3 ", " 256 3 ", "protocol"),
            (" 3 4 ", " 18446744073709551616 4 ", "packets"),
            (" 3 4 ", " 3 NaN ", "bytes"),
            (" 5 6 ", " - 6 ", "start"),
            (" 5 6 ", " 99999999999999 6 ", "start"),
            (" 5 6 ", " 7 6 ", "end is before start"),
            ("ACCEPT", "accept", "action"),
            (" OK", " ok", "log-status"),
            (" OK", "", "fewer"),
            (" OK", " OK ", "more"),
            ("eni-0a", "", "empty"),
        ] {
            let line = good.replace(from, to);
            let got = parse(&line, &Plan::default_v2(), "").unwrap_err();
            assert!(got.contains(cause), "{line}: {got}");
        }
        let widest = good.replace(" 3 4 ", " 18446744073709551615 0 ").replace(" 6 ", " - ");
        assert_eq!(flow(&widest, &Plan::default_v2()).packets, u64::MAX);
    }
}
