//! Flow log lines.

use super::digits;
use super::plan::{Field, Plan};
use super::values::{Row, Values, bad};
use std::net::IpAddr;

const FEWER: &str = "the flow line has fewer fields than its format";
const MORE: &str = "the flow line has more fields than its format";

/// Reads one line, without its newline, in the order of the plan. `account` is that of the object's key.
#[inline(always)]
pub(crate) fn parse<'a>(line: &'a str, plan: &Plan, account: &'a str) -> Result<Row<'a>, &'static str> {
    let mut scan = Scan { text: line, pos: 0 };
    let mut values = Values::default();
    if plan.is_default() {
        scan.default_v2(&mut values)?;
    } else {
        for &field in plan.columns() {
            scan.field(field, &mut values)?;
        }
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
    /// [`Self::field`] for each column of the default format, so that the compiler sees each field's kind: the
    /// same code as for any other format, without its branches.
    #[inline(always)]
    fn default_v2(&mut self, values: &mut Values<'a>) -> Result<(), &'static str> {
        self.field(Field::Version, values)?;
        self.field(Field::Account, values)?;
        self.field(Field::Interface, values)?;
        self.field(Field::Src, values)?;
        self.field(Field::Dst, values)?;
        self.field(Field::SrcPort, values)?;
        self.field(Field::DstPort, values)?;
        self.field(Field::Protocol, values)?;
        self.field(Field::Packets, values)?;
        self.field(Field::Bytes, values)?;
        self.field(Field::Start, values)?;
        self.field(Field::End, values)?;
        self.field(Field::Action, values)?;
        self.field(Field::Status, values)
    }

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
    use crate::FlowRecord;
    use crate::flow::Verdict;

    fn flow<'a>(line: &'a str, plan: &Plan) -> FlowRecord<'a> {
        match parse(line, plan, "999988887777").unwrap() {
            Row::Flow(record) => record,
            other => panic!("{other:?}"),
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
            ("10.0.0.1", "10.0.0", "srcaddr"),
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
            (" OK", " OK x", "more"),
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
