//! AWS's services as Picquet uses them: buckets, queues, and whatever else is called with the same access.

pub mod bucket;
pub mod post;
pub mod queue;
pub mod walk;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::SharedCredentialsProvider;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;
use std::time::Duration;

/// How a service is reached. Without any of it, AWS's standard chain says it: environment, profiles, web identity,
/// container, instance.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Hash)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The region.
    pub region: Option<String>,
    /// Another address than AWS's, for services that speak the same protocol.
    pub endpoint: Option<String>,
    /// A role to take on, such as one in another account.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for (IAM user guide, "external ID").
    pub external_id: Option<String>,
}

/// What may go wrong with a call.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallError {
    /// What was asked for is not there.
    #[error("{0}")]
    Gone(String),
    /// It is not allowed; asking again does not help until somebody changes that.
    #[error("{0}")]
    Denied(String),
    /// It did not work this time.
    #[error("{0}")]
    Failed(String),
}

/// How long a server may be silent before a call is tried again; one that waits for messages of a queue takes up to 20
/// seconds (SQS developer guide, "long polling"). Without it a call whose connection is lost would wait forever.
const SILENCE: Duration = Duration::from_secs(60);

/// The configuration of clients. Nothing is connected to yet; credentials are looked for with the first call.
pub async fn config(access: &Access) -> SdkConfig {
    let client = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().read_timeout(SILENCE).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(client).timeout_config(timeouts);
    if let Some(region) = &access.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let base = loader.load().await;
    let mut config = base.clone().into_builder();
    if let Some(role) = &access.role_arn {
        let mut provider = AssumeRoleProvider::builder(role).session_name("picquet").configure(&base);
        if let Some(id) = &access.external_id {
            provider = provider.external_id(id);
        }
        config = config.credentials_provider(SharedCredentialsProvider::new(provider.build().await));
    }
    if let Some(endpoint) = &access.endpoint {
        config = config.endpoint_url(endpoint);
    }
    config.build()
}

/// Tells apart what the caller treats differently, and says what AWS said.
pub fn failure<E>(e: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = e.raw_response().map(|response| response.status().as_u16());
    let code = e.as_service_error().and_then(ProvideErrorMetadata::code);
    let said = match (code, e.as_service_error().and_then(ProvideErrorMetadata::message)) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        // The cause is at the end of a chain of them.
        _ => DisplayErrorContext(e).to_string(),
    };
    let said: String = said.chars().take(500).collect();
    match (status, code) {
        (_, Some("NoSuchKey" | "NoSuchVersion")) => CallError::Gone(said),
        (Some(404), None) => CallError::Gone(said),
        (Some(401 | 403), _) => CallError::Denied(said),
        _ => CallError::Failed(said),
    }
}
