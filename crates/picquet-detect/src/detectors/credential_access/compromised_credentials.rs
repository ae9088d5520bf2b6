//! Calls with access keys that are known to have leaked.

use crate::Env;
use crate::detectors::threat_list::{list_match, named};
use crate::detectors::{Meta, default_severity, raised};
use crate::event::ApiEvent;
use crate::reduce::{ApiSignal, FactMap};
use picquet_intel::HitSet;
use picquet_logs::cloudtrail::Category;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "compromised-credentials",
    types: &["CredentialAccess:IAMUser/CompromisedCredentials"],
    source: Source::Cloudtrail,
    detects: "API calls signed with an access key that a compromised-key feed names.",
    decides: "The access key id of every management call and S3 data event is looked up, whether it succeeded or not. The finding \
              counts the calls of each API.",
    benign: "A key that was rotated but is still on the list: its owner then sees only failed calls.",
};

/// Looks at a call with a listed key.
pub(crate) fn inspect(event: &ApiEvent<'_>, hits: HitSet, env: &Env, out: &mut FactMap) {
    let s3 = event.is_s3_data() && env.tuning.detection.s3_data_events;
    let counts = s3 || event.record.category == Category::Management;
    let Some(finding_type) = raised(env, META.types[0]).filter(|_| counts) else { return };
    let lists: BTreeSet<_> = env.intel.hits(hits).map(|hit| list_match(&hit)).collect();
    let key_id = event.record.identity.access_key_id.as_ref();
    let reason = format!(
        "{} was called with the access key {key_id}, which is on the list {}.",
        event.record.event_name,
        named(&lists)
    );
    let signal = ApiSignal {
        finding_type,
        detector: META.name,
        severity_tenths: default_severity(finding_type),
        key: &[key_id],
        lists,
        extra: BTreeMap::new(),
    };
    out.api_signal(
        event,
        signal,
        |_| {},
        || Explanation::new(reason).observe("access key", key_id).observe("caller", &event.record.source_ip),
    );
}
