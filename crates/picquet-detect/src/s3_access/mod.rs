//! Whom a bucket policy or an ACL lets in: everybody, any AWS user, or somebody in particular.
//!
//! This reasons about one document with the semantics of IAM policies (IAM user guide, "IAM JSON policy
//! reference"; S3 user guide, "The meaning of public"). It errs to neither side on purpose: a condition that
//! anybody can meet restricts nothing, one that names a network, account or organization does. Block Public
//! Access is not known from the document and is left aside, as GuardDuty leaves it aside.

pub mod acl;
mod actions;
mod condition;
mod glob;
pub mod policy;

use picquet_model::finding::PublicReadWrite;

/// Who a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Named principals, networks, accounts or organizations.
    Restricted,
    /// Anybody with an AWS account.
    AnyUser,
    /// Anybody at all.
    Everybody,
}

/// What a document grants beyond named principals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// To anybody at all.
    pub everybody: Access,
    /// To anybody with an AWS account.
    pub any_user: Access,
    /// Which statement or grant it is that does so.
    pub reasons: Vec<String>,
}

/// Reading and writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Objects, listings or settings can be read.
    pub read: bool,
    /// Objects or settings can be changed.
    pub write: bool,
}

impl Access {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.read || self.write
    }

    fn add(&mut self, other: Self) {
        self.read |= other.read;
        self.write |= other.write;
    }
}

impl From<Access> for PublicReadWrite {
    fn from(a: Access) -> Self {
        Self { allows_public_read_access: a.read, allows_public_write_access: a.write }
    }
}

impl Grants {
    fn add(&mut self, audience: Audience, access: Access, reason: String) {
        match audience {
            Audience::Restricted => return,
            Audience::AnyUser => self.any_user.add(access),
            Audience::Everybody => self.everybody.add(access),
        }
        /// A policy has at most 20 KB; a reader needs the first few.
        const REASONS: usize = 5;
        if self.reasons.len() < REASONS {
            self.reasons.push(reason);
        }
    }

    /// All public access, whoever it is for.
    pub fn public(&self) -> Access {
        let mut all = self.everybody;
        all.add(self.any_user);
        all
    }
}
