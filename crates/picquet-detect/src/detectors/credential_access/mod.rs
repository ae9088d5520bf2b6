//! Credentials in the wrong hands.

pub mod compromised_credentials;
