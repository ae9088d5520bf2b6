//! Webhooks: JSON, signed with HMAC-SHA256 over time and body, and messages for people in the shape of Slack's incoming
//! webhooks.

use super::{Outcome, Refused};
use crate::item::{Item, SOURCE};
use crate::settings::Body;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The finding, in a format.
    Json(Body),
    /// A message for people.
    Message,
}

/// A webhook.
#[derive(Clone)]
pub struct Hook {
    agent: ureq::Agent,
    url: String,
    secret: Option<Vec<u8>>,
    says: Says,
    source: String,
}

impl Hook {
    /// A webhook by its URL; with a secret, requests are signed.
    pub fn new(url: &str, secret: Option<Vec<u8>>, says: Says, source: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        Self { agent, url: url.to_owned(), secret, says, source: source.unwrap_or(SOURCE).to_owned() }
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self.says {
            Says::Json(_) => "webhook",
            Says::Message => "slack",
        }
    }

    pub(super) async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        let (hook, items) = (self.clone(), items.to_vec());
        let n = items.len();
        let sent = tokio::task::spawn_blocking(move || {
            let mut outcomes: Vec<Outcome> = Vec::with_capacity(n);
            for item in &items {
                // A server that does not answer is not asked for each of them.
                match outcomes.last() {
                    Some(Err(refused)) if !refused.of_itself => outcomes.push(Err(refused.clone())),
                    _ => outcomes.push(hook.one(item)),
                }
            }
            outcomes
        });
        sent.await.unwrap_or_else(|e| vec![Err(Refused::now(e)); n])
    }

    fn one(&self, item: &Item) -> Outcome {
        let body = match self.says {
            Says::Json(format) => item.body(format, &self.source),
            Says::Message => Some(message(item)),
        };
        let body = body.ok_or_else(|| Refused::item("it has no such form"))?.to_string();
        let time = jiff::Timestamp::now().as_second().to_string();
        let mut request = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-picquet-event-id", item.event_id())
            .header("x-picquet-timestamp", &time);
        if let Some(secret) = &self.secret {
            request = request.header("x-picquet-signature", format!("sha256={}", sign(secret, &time, &body)));
        }
        let status = request.send(body).map_err(Refused::now)?.status().as_u16();
        match status {
            200..=299 => Ok(()),
            // What is asked wrongly stays wrong; the rest may pass.
            400 | 404 | 405 | 410 | 413 | 415 | 422 => Err(Refused::item(format!("the server answers {status}"))),
            _ => Err(Refused::now(format!("the server answers {status}"))),
        }
    }
}

/// HMAC-SHA256 of time, a full stop and the body: with the time in it, an old request cannot be played again.
fn sign(secret: &[u8], time: &str, body: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    picquet_model::ids::hex(&mac.finalize().into_bytes())
}

/// A message for people. Log text is escaped as Slack asks for (`&`, `<`, `>`), so that it makes no links or mentions.
fn message(item: &Item) -> Value {
    let plain = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let severity = item.severity();
    let word = picquet_model::Severity::of(severity).name();
    let text = format!(
        "*{word} {severity}* {}\n{}\n{} in {}, {}, count {}",
        plain(item.title()),
        plain(item.kind()),
        plain(item.account()),
        plain(item.region()),
        item.updated(),
        item.finding.pointer("/service/count").and_then(Value::as_i64).unwrap_or(1),
    );
    json!({ "text": text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::item;

    #[test]
    fn a_signature_is_that_of_rfc_4231_over_time_and_body() {
        // Test case 2 of RFC 4231 has the key "Jefe" and the text "what do ya want for nothing?"; ours has a stop in it.
        let ours = sign(b"Jefe", "what do ya want for nothing?", "");
        let other = sign(b"Jefe", "what do ya want for nothing?", "x");
        assert_eq!(ours.len(), 64);
        assert_ne!(ours, other);
        assert_ne!(ours, sign(b"other", "what do ya want for nothing?", ""));
    }

    #[test]
    fn a_message_makes_no_links_of_log_text() {
        let text = message(&item("a", 1))["text"].as_str().unwrap().to_owned();
        assert!(text.contains("A &lt;scan&gt; &amp; more") && text.contains("Medium"), "{text}");
    }
}
