//! Principals and their peers: who is held against whom.

use crate::Str;
use crate::event::ApiEvent;
use crate::facts::api::Visit;
use crate::facts::key::SEPARATOR;

/// How a role's session is used. Sessions of one role that are used differently are profiled apart.
fn session(kind: &str, principal_id: &str) -> &'static str {
    if kind != "AssumedRole" {
        return "";
    }
    match principal_id.split_once(':').map(|(_, name)| name) {
        // EC2 names the sessions of an instance after it.
        Some(name) if name.starts_with("i-") => "instance",
        // IAM Identity Center and most federation name a person's session by the mail address.
        Some(name) if name.contains('@') => "person",
        _ => "",
    }
}

/// Writes the entity of the principal's facts: its stable id, and how its sessions are used.
pub fn entity(event: &ApiEvent<'_>, into: &mut String) {
    into.clear();
    into.push_str(event.principal());
    let id = &event.record.identity;
    let session = session(&id.kind, &id.principal_id);
    if !session.is_empty() {
        into.push(SEPARATOR);
        into.push_str(session);
    }
}

/// The principals that do similar work: of the same account and the first of these that fits: permission set, instance
/// roles, path of the role, kind of identity.
pub fn peers(who: &Visit) -> Str {
    match who.kind.as_str() {
        "IAMUser" => "IAM users".into(),
        "Root" => "root".into(),
        "FederatedUser" => "federated users".into(),
        "AWSAccount" => "principals of other accounts".into(),
        "AssumedRole" => role_peers(&who.issuer, session(&who.kind, &who.principal_id)),
        other => compact_str::format_compact!("{other} identities"),
    }
}

fn role_peers(arn: &str, session: &str) -> Str {
    // IAM Identity Center names its roles so (IAM Identity Center user guide, "Referencing permission sets").
    const PERMISSION_SET: &str = "AWSReservedSSO_";
    let path = arn.split_once(":role/").map(|(_, path)| path).unwrap_or_default();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(set) = name.strip_prefix(PERMISSION_SET) {
        let set = set.rsplit_once('_').map_or(set, |(set, _)| set);
        return compact_str::format_compact!("permission set {set}");
    }
    match (session, folder) {
        ("instance", _) => "instance roles".into(),
        (_, "") => "roles".into(),
        (_, folder) => compact_str::format_compact!("roles under /{folder}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_of_roles() {
        let of = |arn: &str| role_peers(arn, "");
        assert_eq!(
            of("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_Ops_0af1"),
            "permission set Admin_Ops"
        );
        assert_eq!(of("arn:aws:iam::1:role/ci/deploy"), "roles under /ci/");
        assert_eq!(of("arn:aws:iam::1:role/web"), "roles");
        assert_eq!(role_peers("arn:aws:iam::1:role/ci/web", "instance"), "instance roles");
        assert_eq!(of(""), "roles");
    }
}
