//! VPC flow log records, in the default format of version 2 or in a format with the fields of version 5.

use crate::{ACCOUNT, INTERFACE, NOON, PRIVATE_IP, REGION, time};
use picquet_model::EventTime;

/// One record: one direction of a connection.
#[derive(Clone, Debug)]
pub struct Flow {
    account: String,
    region: String,
    interface: String,
    src: (String, u16),
    dst: (String, u16),
    protocol: u8,
    packets: u64,
    bytes: u64,
    start: EventTime,
    secs: i64,
    action: &'static str,
    flags: Option<u8>,
    v5: Option<Place>,
}

#[derive(Clone, Debug)]
struct Place {
    vpc: String,
    subnet: String,
    instance: String,
    own: String,
}

/// The header line of the default format.
pub const V2_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
pub(crate) const V5_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path";

impl Flow {
    /// TCP from one address and port to another, ten packets and 2,000 bytes, let through, at noon.
    pub fn new(src: (&str, u16), dst: (&str, u16)) -> Self {
        Self {
            account: ACCOUNT.into(),
            region: REGION.into(),
            interface: INTERFACE.into(),
            src: (src.0.into(), src.1),
            dst: (dst.0.into(), dst.1),
            protocol: 6,
            packets: 10,
            bytes: 2000,
            start: time(NOON),
            secs: 10,
            action: "ACCEPT",
            flags: None,
            v5: None,
        }
    }

    /// From the instance of the tests to a remote port.
    pub fn out(remote: &str, port: u16) -> Self {
        Self::new((PRIVATE_IP, 40_001), (remote, port))
    }

    /// From a remote address to a port of the instance.
    pub fn inward(remote: &str, port: u16) -> Self {
        Self::new((remote, 50_001), (PRIVATE_IP, port))
    }

    /// The records of both directions: this one, and one back of the same size.
    pub fn both(self) -> [Self; 2] {
        let back = self.clone().reply();
        [self, back]
    }

    /// The other direction of the connection.
    pub fn reply(mut self) -> Self {
        std::mem::swap(&mut self.src, &mut self.dst);
        // A SYN is answered by a SYN-ACK.
        self.flags = self.flags.map(|f| if f & 18 == 2 { f | 16 } else { f & !16 });
        self
    }

    /// UDP.
    pub fn udp(mut self) -> Self {
        self.protocol = 17;
        self.flags = None;
        self
    }

    /// Of another protocol, by its IANA number.
    pub fn protocol(mut self, number: u8) -> Self {
        self.protocol = number;
        self.flags = None;
        self
    }

    /// Packets and bytes.
    pub fn size(mut self, packets: u64, bytes: u64) -> Self {
        (self.packets, self.bytes) = (packets, bytes);
        self
    }

    /// Refused.
    pub fn reject(mut self) -> Self {
        self.action = "REJECT";
        self
    }

    /// With another client port.
    pub fn client_port(mut self, port: u16) -> Self {
        if self.src.1 >= 32_768 {
            self.src.1 = port
        } else {
            self.dst.1 = port
        }
        self
    }

    /// At another moment, in RFC 3339.
    pub fn at(mut self, text: &str) -> Self {
        self.start = time(text);
        self
    }

    /// So many seconds later.
    pub fn after(mut self, secs: i64) -> Self {
        self.start = EventTime::from_millis(self.start.as_millis() + secs * 1000).expect("a time");
        self
    }

    /// Of another interface.
    pub fn interface(mut self, id: &str) -> Self {
        self.interface = id.into();
        self
    }

    /// In another account.
    pub fn account(mut self, id: &str) -> Self {
        self.account = id.into();
        self
    }

    /// In another region.
    pub fn region(mut self, region: &str) -> Self {
        self.region = region.into();
        self
    }

    /// Of version 5, with VPC, subnet and instance (`-` for none).
    pub fn v5(mut self, vpc: &str, subnet: &str, instance: &str) -> Self {
        let inside = |ip: &str| ip.starts_with("10.") || ip.starts_with("2600:");
        let own = if inside(&self.dst.0) { &self.dst.0 } else { &self.src.0 };
        self.v5 = Some(Place { vpc: vpc.into(), subnet: subnet.into(), instance: instance.into(), own: own.clone() });
        self
    }

    /// Of version 5, in the VPC, subnet and instance of the tests.
    pub fn here(self) -> Self {
        self.v5(crate::VPC, crate::SUBNET, crate::INSTANCE)
    }

    /// TCP flags, which version 5 shows.
    pub fn flags(mut self, flags: u8) -> Self {
        self.flags = Some(flags);
        self
    }

    /// The flags of a whole connection: SYN and FIN of the client, SYN-ACK and FIN of the server, the SYN alone of a
    /// refused one.
    fn usual_flags(&self) -> u8 {
        match (self.protocol, self.action) {
            (6, "REJECT") => 2,
            (6, _) if self.src.1 > self.dst.1 => 3,
            (6, _) => 19,
            _ => 0,
        }
    }

    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    pub(crate) fn header(&self) -> &'static str {
        if self.v5.is_some() { V5_HEADER } else { V2_HEADER }
    }

    pub(crate) fn line(&self) -> String {
        let start = self.start.as_secs();
        let version = if self.v5.is_some() { 5 } else { 2 };
        let (src, dst) = (&self.src, &self.dst);
        let mut line = format!(
            "{version} {} {} {} {} {} {} {} {} {} {start} {} {} OK",
            self.account,
            self.interface,
            src.0,
            dst.0,
            src.1,
            dst.1,
            self.protocol,
            self.packets,
            self.bytes,
            start + self.secs,
            self.action
        );
        if let Some(p) = &self.v5 {
            let kind = if src.0.contains(':') { "IPv6" } else { "IPv4" };
            let direction = if dst.0 == p.own { "ingress" } else { "egress" };
            line += &format!(
                " {} {} {} {} {kind} {} {} {} use1-az1 - - - - {direction} -",
                p.vpc,
                p.subnet,
                p.instance,
                self.flags.unwrap_or(self.usual_flags()),
                src.0,
                dst.0,
                self.region,
            );
        }
        line
    }
}
