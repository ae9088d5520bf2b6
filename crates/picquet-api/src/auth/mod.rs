//! Who calls, and what they may do.

pub mod keys;
pub mod policy;
pub mod sigv4;

use thiserror::Error;

/// Why a request is not from who it says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthError {
    /// There is no signature.
    #[error("Missing Authentication Token")]
    MissingToken,
    /// The signature is not whole.
    #[error("{0}")]
    IncompleteSignature(String),
    /// The access key is unknown, or its session's token is another.
    #[error("The security token included in the request is invalid.")]
    UnrecognizedClient,
    /// The signature is wrong, or too old.
    #[error("{0}")]
    InvalidSignature(String),
    /// The session is over.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
}

impl AuthError {
    /// The code that SDKs show.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::InvalidSignature(_) => "InvalidSignatureException",
            Self::ExpiredToken => "ExpiredTokenException",
        }
    }
}
