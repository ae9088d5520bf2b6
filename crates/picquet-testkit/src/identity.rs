//! Who calls: `userIdentity` in the shapes that CloudTrail gives the kinds of principals (AWS, "CloudTrail
//! userIdentity element").

use crate::{ACCOUNT, object, quoted};

/// A principal.
#[derive(Clone, Debug)]
pub struct Identity {
    kind: &'static str,
    account: String,
    principal: Option<String>,
    arn: Option<String>,
    access_key: Option<String>,
    user_name: Option<String>,
    issuer: Option<Issuer>,
    session: Vec<(&'static str, String)>,
    mfa: Option<bool>,
    invoked_by: Option<String>,
    members: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
struct Issuer {
    kind: &'static str,
    principal: String,
    arn: String,
    name: String,
}

/// An id in the style of IAM, made of a name: always the same one.
fn id(prefix: &str, name: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = picquet_detect::hash::stable(&[prefix.as_bytes(), name.as_bytes()]);
    let other = picquet_detect::hash::stable(&[name.as_bytes()]);
    let bits = u128::from(hash) << 64 | u128::from(other);
    let rest: String = (0..16).map(|i| char::from(LETTERS[(bits >> (5 * i)) as usize % 32])).collect();
    format!("{prefix}{rest}")
}

impl Identity {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            account: ACCOUNT.into(),
            principal: None,
            arn: None,
            access_key: None,
            user_name: None,
            issuer: None,
            session: Vec::new(),
            mfa: None,
            invoked_by: None,
            members: Vec::new(),
        }
    }

    /// The root user, with root's own credentials.
    pub fn root() -> Self {
        let mut i = Self::new("Root");
        i.principal = Some(i.account.clone());
        i.arn = Some(format!("arn:aws:iam::{}:root", i.account));
        i.access_key = Some(id("ASIA", "root"));
        i.mfa = Some(true);
        i
    }

    /// A session of `sts:AssumeRoot`.
    pub fn assumed_root() -> Self {
        let mut i = Self::root();
        i.session.push(("assumedRoot", "\"true\"".into()));
        i.mfa = None;
        i
    }

    /// An IAM user with a long-term key.
    pub fn user(name: &str) -> Self {
        let mut i = Self::new("IAMUser");
        i.principal = Some(id("AIDA", name));
        i.arn = Some(format!("arn:aws:iam::{}:user/{name}", i.account));
        i.access_key = Some(id("AKIA", name));
        i.user_name = Some(name.into());
        i
    }

    /// A session of a role.
    pub fn role(role: &str, session: &str) -> Self {
        let mut i = Self::new("AssumedRole");
        let principal = id("AROA", role);
        i.principal = Some(format!("{principal}:{session}"));
        i.arn = Some(format!("arn:aws:sts::{}:assumed-role/{role}/{session}", i.account));
        i.access_key = Some(id("ASIA", &format!("{role}/{session}")));
        i.issuer = Some(Issuer {
            kind: "Role",
            principal,
            arn: format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
            name: role.into(),
        });
        i.mfa = Some(false);
        i
    }

    /// The role of an instance, with credentials of its metadata service.
    pub fn instance_role(role: &str, instance: &str) -> Self {
        let mut i = Self::role(role, instance);
        i.session.push(("ec2RoleDelivery", "\"2.0\"".into()));
        i
    }

    /// The role of a Lambda function or an ECS task, whose ARN is given.
    pub fn issued_to(role: &str, session: &str, kind: &str, arn: &str) -> Self {
        let mut i = Self::role(role, session);
        let scope = object(&[("issuerType", Some(quoted(kind))), ("credentialsIssuedTo", Some(quoted(arn)))]);
        i.members.push(("inScopeOf", scope));
        i
    }

    /// An AWS service that calls for itself.
    pub fn service(name: &str) -> Self {
        let mut i = Self::new("AWSService");
        i.account.clear();
        i.invoked_by = Some(name.into());
        i
    }

    /// A session of `sts:GetFederationToken`.
    pub fn federated(user: &str, issuer: &str) -> Self {
        let mut i = Self::new("FederatedUser");
        i.principal = Some(format!("{}:{user}", i.account));
        i.arn = Some(format!("arn:aws:sts::{}:federated-user/{user}", i.account));
        i.access_key = Some(id("ASIA", user));
        i.issuer = Some(Issuer {
            kind: "IAMUser",
            principal: id("AIDA", issuer),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/{issuer}"),
            name: issuer.into(),
        });
        i
    }

    /// A user of IAM Identity Center.
    pub fn identity_center(user_id: &str) -> Self {
        let mut i = Self::new("IdentityCenterUser");
        let store = format!("arn:aws:identitystore::{}:identitystore/d-9067642ac7", i.account);
        let on_behalf = object(&[("userId", Some(quoted(user_id))), ("identityStoreArn", Some(quoted(&store)))]);
        i.members.push(("onBehalfOf", on_behalf));
        i.members.push(("credentialId", "\"90e292de-5eb8-446e-9602-90f7c45044f7\"".into()));
        i
    }

    /// A principal of another account, as the account that is called sees it.
    pub fn other_account(account: &str) -> Self {
        let mut i = Self::new("AWSAccount");
        i.account = account.into();
        i.principal = Some(id("AIDA", account));
        i
    }

    /// A request without credentials.
    pub fn anonymous() -> Self {
        let mut i = Self::new("AWSAccount");
        i.account = "anonymous".into();
        i.principal = Some(String::new());
        i
    }

    /// With another access key.
    pub fn access_key(mut self, id: &str) -> Self {
        self.access_key = Some(id.into());
        self
    }

    /// Called by a service on the principal's behalf.
    pub fn invoked_by(mut self, service: &str) -> Self {
        self.invoked_by = Some(service.into());
        self
    }

    /// Of another account.
    pub fn of_account(mut self, account: &str) -> Self {
        let change = |text: &mut String| *text = text.replace(&self.account, account);
        self.principal.iter_mut().for_each(change);
        self.arn.iter_mut().for_each(change);
        if let Some(issuer) = &mut self.issuer {
            change(&mut issuer.arn);
        }
        self.account = account.into();
        self
    }

    /// The account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The access key's id.
    pub fn key_id(&self) -> &str {
        self.access_key.as_deref().unwrap_or_default()
    }

    /// The principal's id.
    pub fn principal_id(&self) -> &str {
        self.principal.as_deref().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> String {
        let text = |t: &Option<String>| t.as_deref().map(quoted);
        let issuer = self.issuer.as_ref().map(|i| {
            object(&[
                ("type", Some(quoted(i.kind))),
                ("principalId", Some(quoted(&i.principal))),
                ("arn", Some(quoted(&i.arn))),
                ("accountId", Some(quoted(&self.account))),
                ("userName", Some(quoted(&i.name))),
            ])
        });
        let attributes = self.mfa.map(|mfa| {
            object(&[
                ("creationDate", Some("\"2024-05-01T09:00:00Z\"".into())),
                ("mfaAuthenticated", Some(format!("\"{mfa}\""))),
            ])
        });
        let mut session: Vec<(&str, Option<String>)> = vec![("sessionIssuer", issuer), ("attributes", attributes)];
        session.extend(self.session.iter().map(|(name, value)| (*name, Some(value.clone()))));
        let session = session.iter().any(|(_, v)| v.is_some()).then(|| object(&session));
        let mut members = vec![
            ("type", Some(quoted(self.kind))),
            ("principalId", text(&self.principal)),
            ("arn", text(&self.arn)),
            ("accountId", Some(self.account.as_str()).filter(|a| !a.is_empty()).map(quoted)),
            ("accessKeyId", text(&self.access_key)),
            ("userName", text(&self.user_name)),
            ("sessionContext", session),
            ("invokedBy", text(&self.invoked_by)),
        ];
        members.extend(self.members.iter().map(|(name, value)| (*name, Some(value.clone()))));
        object(&members)
    }
}
