//! Calls of services that Picquet asks one thing of: a signed POST of JSON. Their SDK crates are large, and would be
//! built for a single operation each.

use super::{Access, CallError, config};
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use std::time::{Duration, SystemTime};

/// How long a service may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer that is read.
const LONGEST: u64 = 4 << 20;

/// A service in a region.
#[derive(Clone)]
pub struct Service {
    config: SdkConfig,
    name: &'static str,
    url: String,
    region: String,
    agent: ureq::Agent,
}

/// A call.
pub struct Post {
    /// The path.
    pub path: &'static str,
    /// What is asked for, where the path does not say it (`X-Amz-Target`).
    pub target: Option<&'static str>,
    /// The content type.
    pub kind: &'static str,
    /// The body.
    pub body: String,
}

impl Service {
    /// A service by its name in signatures and host names.
    ///
    /// # Errors
    /// When no region is configured.
    pub async fn new(access: &Access, name: &'static str, prefix: &str) -> Result<Self, CallError> {
        let config = config(access).await;
        let region = config.region().map(ToString::to_string);
        let region = region.ok_or_else(|| CallError::Denied("no region is configured".into()))?;
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let url = access.endpoint.clone().unwrap_or_else(|| format!("https://{prefix}.{region}.{suffix}"));
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        Ok(Self { config, name, url: url.trim_end_matches('/').to_owned(), region, agent })
    }

    /// Signs and sends; returns the answer's body.
    ///
    /// # Errors
    /// When there are no credentials, no answer, or another one than success.
    pub async fn post(&self, post: Post) -> Result<String, CallError> {
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| CallError::Denied("there are no credentials".into()))?;
        let credentials = provider.provide_credentials().await.map_err(|e| {
            CallError::Denied(format!("there are no credentials: {}", aws_sdk_s3::error::DisplayErrorContext(&e)))
        })?;
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| CallError::Failed(e.to_string()))?;
        let url = format!("{}{}", self.url, post.path);
        let mut headers = vec![("content-type", post.kind)];
        headers.extend(post.target.map(|target| ("x-amz-target", target)));
        let body = SignableBody::Bytes(post.body.as_bytes());
        let request = SignableRequest::new("POST", &url, headers.iter().copied(), body)
            .map_err(|e| CallError::Failed(e.to_string()))?;
        let signed = sign(request, &params.into()).map_err(|e| CallError::Failed(e.to_string()))?;
        let (instructions, _) = signed.into_parts();
        let mut request = self.agent.post(&url);
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        let sent = tokio::task::spawn_blocking(move || {
            let mut answer = request.send(post.body).map_err(|e| CallError::Failed(e.to_string()))?;
            let status = answer.status().as_u16();
            let said = answer.body_mut().with_config().limit(LONGEST).read_to_string();
            let said = said.map_err(|e| CallError::Failed(e.to_string()))?;
            match status {
                200..=299 => Ok(said),
                401 | 403 => Err(CallError::Denied(short(status, &said))),
                404 => Err(CallError::Gone(short(status, &said))),
                _ => Err(CallError::Failed(short(status, &said))),
            }
        });
        sent.await.unwrap_or_else(|e| Err(CallError::Failed(e.to_string())))
    }
}

fn short(status: u16, said: &str) -> String {
    let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
    format!("{status}: {said}")
}
