//! A certificate for first use: an authority of one's own, which clients are told to trust, and what it signed.
//!
//! An operator's certificate takes the place of it: `tls.pem` and `tls.key` in the data folder.

use picquet_api::keyring::write_private;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

/// How long the authority is valid, and what it signs. Clients refuse longer ones for servers (CA/Browser Forum).
const CA_DAYS: i64 = 3650;
const SERVER_DAYS: i64 = 397;

/// What a server needs.
pub struct Made {
    /// The certificate with its authority's, PEM.
    pub chain: String,
    /// Its key, PEM.
    pub key: String,
    /// The file that clients are to trust.
    pub ca: PathBuf,
}

/// The certificate of the data folder. The authority is made once; what it signs at every start, for the address, and for
/// other names.
pub fn certificate(folder: &Path, address: SocketAddr, also: &[String]) -> Result<Made, Box<dyn Error>> {
    let ca = folder.canonicalize()?.join("ca.pem");
    if let (Ok(chain), Ok(key)) =
        (fs::read_to_string(folder.join("tls.pem")), fs::read_to_string(folder.join("tls.key")))
    {
        let ca = if ca.exists() { ca } else { folder.canonicalize()?.join("tls.pem") };
        return Ok(Made { chain, key, ca });
    }
    let key_file = folder.join("ca.key");
    let key = match fs::read_to_string(&key_file) {
        Ok(pem) => KeyPair::from_pem(&pem)?,
        Err(_) => {
            let key = KeyPair::generate()?;
            write_private(&key_file, key.serialize_pem().as_bytes())?;
            key
        }
    };
    let now = OffsetDateTime::now_utc();
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "Picquet of this data folder");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.not_before = now - Duration::days(1);
    authority.not_after = now + Duration::days(CA_DAYS);
    if !ca.exists() {
        fs::write(&ca, authority.clone().self_signed(&key)?.pem())?;
    }
    let ca_pem = fs::read_to_string(&ca)?;
    let issuer = Issuer::from_ca_cert_pem(&ca_pem, key)?;
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !address.ip().is_unspecified() && !address.ip().is_loopback() {
        names.push(address.ip().to_string());
    }
    names.extend(also.iter().cloned());
    let mut server = CertificateParams::new(names)?;
    server.distinguished_name.push(DnType::CommonName, "Picquet");
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    server.not_before = now - Duration::days(1);
    server.not_after = now + Duration::days(SERVER_DAYS);
    let server_key = KeyPair::generate()?;
    let signed = server.signed_by(&server_key, &issuer)?;
    Ok(Made { chain: signed.pem() + &ca_pem, key: server_key.serialize_pem(), ca })
}
