//! Which user may do what: policies in Cedar, per action and detector.
//!
//! A user has one policy: the name of a built-in one, or Cedar's text. What policies can speak of:
//!
//! - `principal`: `User::"name"`, in `Account::"111122223333"`;
//! - `action`: `Action::"guardduty:CreateFilter"` and so on, in `Action::"guardduty:Read"` or `Action::"guardduty:Write"`;
//! - `resource`: `Detector::"id"` with `region` and `account`, in `Account::"…"`; or the account itself where an
//!   operation names no detector.
//!
//! Whatever a policy says, nobody reaches another account: the store is asked within the user's own.

use cedar_policy::{
    Authorizer, Context, Decision as Answer, Entities, Entity, EntityId, EntityTypeName, EntityUid, ParseErrors,
    PolicySet, Request, RestrictedExpression,
};
use picquet_api_model::Route;
use picquet_store::users::User;
use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

const ADMINISTRATOR: &str = "administrator";

/// Policies that need no text.
pub const BUILT_IN: [(&str, &str); 2] = [
    (ADMINISTRATOR, "permit(principal, action, resource);"),
    ("read-only", "permit(principal, action in Action::\"guardduty:Read\", resource);"),
];

/// Whether a user has the built-in policy of administrators, who alone see and change what is of all accounts.
pub fn is_administrator(user: &User) -> bool {
    user.policy == ADMINISTRATOR
}

/// The longest text of a policy, in bytes: as long as an IAM policy of a user may be, several times over.
pub const LONGEST_POLICY: usize = 16 << 10;

/// An answer, with what the caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allowed,
    /// It may not.
    Denied(String),
}

/// The policies of users, compiled when they are first needed.
#[derive(Default)]
pub struct Policies {
    compiled: RwLock<HashMap<String, Arc<PolicySet>>>,
}

/// How many compiled policies are kept: one for each text.
const KEPT: usize = 256;

/// Compiles a policy: a built-in one by its name, or a text.
///
/// # Errors
/// When the text is no policy.
pub fn compile(policy: &str) -> Result<PolicySet, Box<ParseErrors>> {
    let text = BUILT_IN.iter().find(|(name, _)| *name == policy).map_or(policy, |(_, text)| text);
    PolicySet::from_str(text).map_err(Box::new)
}

impl Policies {
    fn of(&self, policy: &str) -> Option<Arc<PolicySet>> {
        if let Some(known) = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(policy) {
            return Some(known.clone());
        }
        let compiled = Arc::new(compile(policy).ok()?);
        let mut all = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(policy.to_owned(), compiled.clone());
        Some(compiled)
    }

    /// Whether a user may call an operation, on a detector if it names one.
    pub fn decide(&self, user: &User, route: &Route, region: &str, detector: Option<&str>) -> Decision {
        let answer = self.of(&user.policy).and_then(|set| ask(&set, user, route, region, detector));
        if answer == Some(Answer::Allow) {
            return Decision::Allowed;
        }
        // AWS's wording, which tools look for.
        Decision::Denied(format!(
            "User: arn:{}:iam::{}:user/{} is not authorized to perform: guardduty:{}",
            picquet_model::ids::partition(region),
            user.account,
            user.name,
            route.name
        ))
    }
}

fn ask(set: &PolicySet, user: &User, route: &Route, region: &str, detector: Option<&str>) -> Option<Answer> {
    let id = |kind: &str, id: &str| {
        let kind = EntityTypeName::from_str(kind).ok()?;
        Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
    };
    let account = id("Account", &user.account)?;
    let principal = id("User", &user.name)?;
    let kind = id("Action", if route.is_read_only() { "guardduty:Read" } else { "guardduty:Write" })?;
    let action = id("Action", &format!("guardduty:{}", route.name))?;
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let attributes = || HashMap::from([("account".into(), text(&user.account)), ("region".into(), text(region))]);
    let within = |parent: &EntityUid| HashSet::from([parent.clone()]);
    let mut entities = vec![
        Entity::new(principal.clone(), HashMap::new(), within(&account)).ok()?,
        Entity::new(action.clone(), HashMap::new(), within(&kind)).ok()?,
        Entity::new(account.clone(), attributes(), HashSet::new()).ok()?,
    ];
    let resource = match detector {
        Some(detector) => {
            let resource = id("Detector", detector)?;
            entities.push(Entity::new(resource.clone(), attributes(), within(&account)).ok()?);
            resource
        }
        None => account,
    };
    let request = Request::new(principal, action, resource, Context::empty(), None).ok()?;
    let entities = Entities::from_entities(entities, None).ok()?;
    Some(Authorizer::new().is_authorized(&request, set, &entities).decision())
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_api_model::ROUTES;

    fn decide(policy: &str, operation: &str, detector: Option<&str>) -> bool {
        let user = User {
            name: "ann".into(),
            account: "111122223333".into(),
            password: None,
            policy: policy.into(),
            created_at: 0,
        };
        let route = ROUTES.iter().find(|route| route.name == operation).unwrap();
        Policies::default().decide(&user, route, "us-east-1", detector) == Decision::Allowed
    }

    #[test]
    fn built_in_policies_are_what_they_are_called() {
        assert!(decide("administrator", "DeleteDetector", Some("d")));
        assert!(decide("read-only", "ListFindings", Some("d")) && decide("read-only", "ListDetectors", None));
        assert!(!decide("read-only", "ArchiveFindings", Some("d")));
    }

    #[test]
    fn a_policy_may_name_actions_detectors_and_regions() {
        let one = r#"permit(principal, action == Action::"guardduty:ArchiveFindings", resource == Detector::"d");"#;
        assert!(decide(one, "ArchiveFindings", Some("d")) && !decide(one, "ArchiveFindings", Some("e")));
        let region = r#"permit(principal in Account::"111122223333", action, resource) when { resource.region == "eu-west-1" };"#;
        assert!(!decide(region, "ListFindings", Some("d")));
        let but = r#"permit(principal, action, resource);
                     forbid(principal == User::"ann", action == Action::"guardduty:DeleteDetector", resource);"#;
        assert!(decide(but, "CreateFilter", Some("d")) && !decide(but, "DeleteDetector", Some("d")));
    }

    #[test]
    fn what_is_no_policy_allows_nothing() {
        assert!(!decide("operator", "ListFindings", Some("d")) && !decide("", "ListFindings", Some("d")));
    }
}
