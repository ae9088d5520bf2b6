//! Use of the account's root credentials.

use crate::Env;
use crate::detectors::{Meta, default_severity, raised};
use crate::event::ApiEvent;
use crate::reduce::{ApiSignal, FactMap};
use picquet_logs::cloudtrail::Category;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about root's own credentials.
pub static META: Meta = Meta {
    name: "root-credential-usage",
    types: &["Policy:IAMUser/RootCredentialUsage"],
    source: Source::Cloudtrail,
    detects: "Any request with the root user's sign-in credentials.",
    decides: "userIdentity.type is Root and the call was not made by an AWS service on root's behalf. Failed calls \
              count; data events only those of S3.",
    benign: "The few tasks that only root can do, such as closing the account.",
};

/// What there is to say about root sessions that the organization opens.
pub static SHORT_TERM: Meta = Meta {
    name: "short-term-root-usage",
    types: &["Policy:IAMUser/ShortTermRootCredentialUsage"],
    source: Source::Cloudtrail,
    detects: "Any request in a restricted root session of a member account (sts:AssumeRoot).",
    decides: "userIdentity.type is Root and the session's context says that it was assumed.",
    benign: "Centralized root access, used to recover a member account's bucket or queue policy.",
};

/// Looks at a call of root.
pub(crate) fn inspect(event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
    let record = event.record;
    let counts = match record.category {
        Category::Management => true,
        Category::Data => event.is_s3_data() && env.tuning.detection.s3_data_events,
        _ => false,
    };
    let meta = if record.identity.assumed_root { &SHORT_TERM } else { &META };
    let Some(finding_type) = raised(env, meta.types[0]).filter(|_| counts) else { return };
    let signal = ApiSignal {
        finding_type,
        detector: meta.name,
        severity_tenths: default_severity(finding_type),
        key: &["root"],
        lists: BTreeSet::new(),
        extra: BTreeMap::new(),
    };
    let mfa = match record.identity.mfa {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not stated",
    };
    let how = if record.identity.assumed_root { "in a restricted root session" } else { "with root credentials" };
    out.api_signal(
        event,
        signal,
        |_| {},
        || {
            Explanation::new(format!(
                "{} was called {how} from {}.",
                record.event_name,
                crate::facts::bounded(&record.source_ip)
            ))
            .observe("second factor", mfa)
            .observe("user agent", crate::facts::bounded(&record.user_agent))
        },
    );
}
