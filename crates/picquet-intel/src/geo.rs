//! Where an address is, and whose network it is in.
//!
//! From any databases in MaxMind's format that the operator gives; what country they leave open, from the bundled
//! table of the countries that the registries allotted IPv4 blocks to: a registry's country, not a location.

use crate::countries;
use crate::unpack::gunzip;
use maxminddb::Reader;
use picquet_model::finding::{City, Country, GeoLocation, Organization, RemoteIpDetails};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::OnceLock;

/// What is known of an address. What is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IpInfo {
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// In English.
    pub country_name: Option<String>,
    /// In English.
    pub city: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// Its organization.
    pub as_org: Option<String>,
    /// The provider.
    pub isp: Option<String>,
    /// Who the provider gave the address to.
    pub org: Option<String>,
}

/// Address data.
pub struct Geo {
    readers: Vec<Reader<Vec<u8>>>,
    bundled: bool,
    countries: OnceLock<Countries>,
}

impl Geo {
    /// Knows nothing.
    pub fn empty() -> Self {
        Self { readers: Vec::new(), bundled: false, countries: OnceLock::new() }
    }

    /// The bundled table; it is unpacked at the first look-up.
    pub fn bundled() -> Self {
        Self { bundled: true, ..Self::empty() }
    }

    /// From databases in MaxMind's format: country, city, ASN, ISP, in any number. Of what several know, the first
    /// one counts; where none knows the country, the bundled table does.
    ///
    /// # Errors
    /// One line that says which of them (counted from 1) is no such database.
    pub fn from_mmdb(databases: Vec<Vec<u8>>) -> Result<Self, String> {
        let mut geo = Self::bundled();
        for (i, bytes) in databases.into_iter().enumerate() {
            let reader = Reader::from_source(bytes).map_err(|e| format!("database {}: {e}", i + 1))?;
            geo.readers.push(reader);
        }
        Ok(geo)
    }

    /// What is known of an address.
    pub fn lookup(&self, ip: IpAddr) -> IpInfo {
        let mut info = IpInfo::default();
        for reader in &self.readers {
            // A database that is damaged inside knows nothing of the address.
            if let Ok(found) = reader.lookup(ip)
                && let Ok(Some(record)) = found.decode::<Value>()
            {
                fill(&mut info, &record);
            }
        }
        if info.country_code.is_none()
            && self.bundled
            && let IpAddr::V4(v4) = ip.to_canonical()
        {
            info.country_code = self.countries.get_or_init(Countries::bundled).of(v4.to_bits());
        }
        if info.country_name.is_none() {
            info.country_name = info.country_code.as_deref().and_then(countries::name).map(str::to_owned);
        }
        info
    }
}

impl IpInfo {
    /// As a finding shows a remote address: only what is known.
    pub fn remote_ip_details(self, ip: IpAddr) -> RemoteIpDetails {
        let ip = ip.to_canonical();
        let (v4, v6) = match ip {
            IpAddr::V4(_) => (Some(ip.to_string()), None),
            IpAddr::V6(_) => (None, Some(ip.to_string())),
        };
        let known = self.asn.is_some() || self.as_org.is_some() || self.isp.is_some() || self.org.is_some();
        RemoteIpDetails {
            ip_address_v4: v4,
            ip_address_v6: v6,
            country: (self.country_code.is_some() || self.country_name.is_some())
                .then_some(Country { country_code: self.country_code, country_name: self.country_name }),
            city: self.city.map(|name| City { city_name: Some(name) }),
            geo_location: self.lat.zip(self.lon).map(|(lat, lon)| GeoLocation { lat, lon }),
            organization: known.then_some(Organization {
                asn: self.asn.map(|n| n.to_string()),
                asn_org: self.as_org,
                isp: self.isp,
                org: self.org,
            }),
        }
    }
}

/// Takes what a record has, in the member names of MaxMind (GeoIP2), IPinfo and the ip-location-db project.
fn fill(info: &mut IpInfo, record: &Value) {
    let text = |paths: &[&str]| {
        paths
            .iter()
            .find_map(|p| record.pointer(p)?.as_str())
            .filter(|t| !t.is_empty() && t.len() <= 256)
            .map(str::to_owned)
    };
    let number = |paths: &[&str]| paths.iter().find_map(|p| record.pointer(p)?.as_f64()).filter(|n| n.is_finite());
    let code = |t: &String| t.len() == 2 && t.bytes().all(|b| b.is_ascii_uppercase());
    let set = |slot: &mut Option<String>, value: Option<String>| {
        if slot.is_none() {
            *slot = value;
        }
    };
    let country = text(&["/country/iso_code", "/country_code", "/registered_country/iso_code"])
        .filter(code)
        .or_else(|| text(&["/country"]).filter(code));
    if info.country_code.is_none() && country.is_some() {
        info.country_name = text(&["/country/names/en", "/country_name"]);
        info.country_code = country;
    }
    set(&mut info.city, text(&["/city/names/en", "/city"]));
    let place = number(&["/location/latitude", "/latitude", "/lat"]).zip(number(&[
        "/location/longitude",
        "/longitude",
        "/lng",
        "/lon",
    ]));
    if let (None, Some((lat, lon))) = (info.lat, place) {
        (info.lat, info.lon) = (Some(lat), Some(lon));
    }
    if info.asn.is_none() {
        let plain = number(&["/autonomous_system_number", "/traits/autonomous_system_number", "/asn"]);
        let spelled = text(&["/asn"]).and_then(|t| t.trim_start_matches("AS").parse::<f64>().ok());
        // Checked to be within 32 bits.
        info.asn = plain.or(spelled).filter(|n| *n >= 1.0 && *n <= f64::from(u32::MAX)).map(|n| n as u32);
    }
    set(
        &mut info.as_org,
        text(&[
            "/autonomous_system_organization",
            "/traits/autonomous_system_organization",
            "/as_name",
            "/as_organization",
        ]),
    );
    set(&mut info.isp, text(&["/isp", "/traits/isp"]));
    set(&mut info.org, text(&["/organization", "/traits/organization"]));
}

/// The bundled table: where the country changes, and to which.
struct Countries {
    starts: Vec<u32>,
    codes: Vec<[u8; 2]>,
}

impl Countries {
    fn bundled() -> Self {
        let bytes = gunzip(include_bytes!("../data/country_v4.bin.gz"));
        let mut words = bytes.chunks_exact(4).map(|c| c.try_into().map_or(0, u32::from_le_bytes));
        let n = words.next().unwrap_or(0) as usize;
        let starts: Vec<u32> = words.by_ref().take(n).collect();
        let codes = bytes.get(4 + 4 * n..).unwrap_or_default().chunks_exact(2).map(|c| [c[0], c[1]]).collect();
        Self { starts, codes }
    }

    fn of(&self, ip: u32) -> Option<String> {
        let at = self.starts.partition_point(|&start| start <= ip).checked_sub(1)?;
        let code = self.codes.get(at).filter(|c| c[0] != 0)?;
        Some(String::from_utf8_lossy(code).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_bundled_table_knows_countries() {
        let geo = Geo::bundled();
        let country = |ip: &str| geo.lookup(ip.parse().unwrap()).country_name;
        assert_eq!(country("81.2.69.142").as_deref(), Some("United Kingdom"));
        assert_eq!(country("202.196.224.10").as_deref(), Some("China"));
        assert_eq!(country("10.0.0.1"), None);
        assert_eq!(country("2001:db8::1"), None);
    }

    #[test]
    fn records_of_several_makers_are_read() {
        let mut city = IpInfo::default();
        fill(
            &mut city,
            &json!({"country": {"iso_code": "GB", "names": {"en": "United Kingdom"}}, "city": {"names": {"en": "London"}}, "location": {"latitude": 51.5, "longitude": -0.1}}),
        );
        assert_eq!(
            (city.country_code.as_deref(), city.city.as_deref(), city.lat),
            (Some("GB"), Some("London"), Some(51.5))
        );
        fill(&mut city, &json!({"autonomous_system_number": 20712, "autonomous_system_organization": "A & A"}));
        assert_eq!((city.asn, city.as_org.as_deref()), (Some(20712), Some("A & A")));
        let mut info = IpInfo::default();
        fill(&mut info, &json!({"asn": "AS15169", "as_name": "Google LLC", "country": "US", "country_code": "US"}));
        assert_eq!((info.asn, info.country_code.as_deref()), (Some(15169), Some("US")));
    }

    #[test]
    fn details_hold_only_what_is_known() {
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let details = IpInfo::default().remote_ip_details(ip);
        assert_eq!(details, RemoteIpDetails { ip_address_v4: Some("192.0.2.1".into()), ..RemoteIpDetails::default() });
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_database_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..600), marker: bool) {
            if marker {
                bytes.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
                bytes.extend_from_slice(&[0xe1, 0x4a]);
            }
            if let Ok(geo) = Geo::from_mmdb(vec![bytes]) {
                let _ = geo.lookup("8.8.8.8".parse().unwrap());
            }
        }
    }
}
