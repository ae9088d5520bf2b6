//! Bedrock's model invocation logging is switched off.

use crate::Env;
use crate::detectors::{ApiRule, Meta, raise};
use crate::event::ApiEvent;
use crate::reduce::FactMap;
use picquet_model::{Explanation, Source};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "bedrock-logging-disabled",
    types: &["DefenseEvasion:IAMUser/BedrockLoggingDisabled"],
    source: Source::Cloudtrail,
    detects: "Model invocation logging of Bedrock is deleted, or set so that nothing is delivered.",
    decides: "DeleteModelInvocationLoggingConfiguration, or PutModelInvocationLoggingConfiguration with every \
              delivery off or no destination. The call must have succeeded.",
    benign: "An administrator who moves logging elsewhere.",
};

/// The rule.
pub struct Rule;

const BEDROCK: &str = "bedrock.amazonaws.com";

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[(BEDROCK, "DeleteModelInvocationLoggingConfiguration"), (BEDROCK, "PutModelInvocationLoggingConfiguration")]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        let put = event.record.event_name == "PutModelInvocationLoggingConfiguration";
        if !event.succeeded() || put && delivers(event) {
            return;
        }
        let api = event.record.event_name.as_ref();
        raise(
            (event, env, out),
            &META,
            META.types[0],
            &[event.principal(), api],
            |_| {},
            || Explanation::new(format!("{api} left Bedrock's model invocations without a log.")),
        );
    }
}

/// Whether a configuration still delivers something somewhere.
fn delivers(event: &ApiEvent<'_>) -> bool {
    const KINDS: [&str; 5] = [
        "textDataDeliveryEnabled",
        "imageDataDeliveryEnabled",
        "embeddingDataDeliveryEnabled",
        "videoDataDeliveryEnabled",
        "audioDataDeliveryEnabled",
    ];
    let Some(config) = event.record.request.and_then(|r| r.member("loggingConfig")) else { return true };
    let destination =
        ["cloudWatchConfig", "s3Config"].iter().any(|d| config.member(d).is_some_and(|m| m.bytes() != b"null"));
    // A kind that is not named keeps AWS's default, which is on.
    let all_off = KINDS[..3].iter().all(|k| config.member(k).and_then(|m| m.boolean()) == Some(false))
        && KINDS[3..].iter().all(|k| config.member(k).and_then(|m| m.boolean()) != Some(true));
    destination && !all_off
}
