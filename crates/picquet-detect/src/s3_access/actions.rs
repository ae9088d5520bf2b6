//! The actions of S3 that a bucket's policy can grant (service authorization reference, "Actions, resources, and
//! condition keys for Amazon S3").

use super::glob::Glob;

/// A set of actions.
pub(super) type Set = u128;

/// On objects, reading.
const OBJECT_READS: [&str; 14] = [
    "getobject",
    "getobjectacl",
    "getobjectattributes",
    "getobjectlegalhold",
    "getobjectretention",
    "getobjecttagging",
    "getobjecttorrent",
    "getobjectversion",
    "getobjectversionacl",
    "getobjectversionattributes",
    "getobjectversionforreplication",
    "getobjectversiontagging",
    "getobjectversiontorrent",
    "listmultipartuploadparts",
];
/// On objects, changing.
const OBJECT_WRITES: [&str; 20] = [
    "abortmultipartupload",
    "bypassgovernanceretention",
    "deleteobject",
    "deleteobjecttagging",
    "deleteobjectversion",
    "deleteobjectversiontagging",
    "initiatereplication",
    "objectowneroverridetobucketowner",
    "putobject",
    "putobjectacl",
    "putobjectlegalhold",
    "putobjectretention",
    "putobjecttagging",
    "putobjectversionacl",
    "putobjectversiontagging",
    "replicatedelete",
    "replicateobject",
    "replicatetags",
    "restoreobject",
    "updateobjectencryption",
];
/// On the bucket, reading.
const BUCKET_READS: [&str; 26] = [
    "getaccelerateconfiguration",
    "getanalyticsconfiguration",
    "getbucketacl",
    "getbucketcors",
    "getbucketlocation",
    "getbucketlogging",
    "getbucketmetadatatableconfiguration",
    "getbucketnotification",
    "getbucketobjectlockconfiguration",
    "getbucketownershipcontrols",
    "getbucketpolicy",
    "getbucketpolicystatus",
    "getbucketpublicaccessblock",
    "getbucketrequestpayment",
    "getbuckettagging",
    "getbucketversioning",
    "getbucketwebsite",
    "getencryptionconfiguration",
    "getintelligenttieringconfiguration",
    "getinventoryconfiguration",
    "getlifecycleconfiguration",
    "getmetricsconfiguration",
    "getreplicationconfiguration",
    "listbucket",
    "listbucketmultipartuploads",
    "listbucketversions",
];
/// On the bucket, changing.
const BUCKET_WRITES: [&str; 24] = [
    "deletebucket",
    "deletebucketpolicy",
    "deletebucketwebsite",
    "putaccelerateconfiguration",
    "putanalyticsconfiguration",
    "putbucketacl",
    "putbucketcors",
    "putbucketlogging",
    "putbucketnotification",
    "putbucketobjectlockconfiguration",
    "putbucketownershipcontrols",
    "putbucketpolicy",
    "putbucketpublicaccessblock",
    "putbucketrequestpayment",
    "putbuckettagging",
    "putbucketversioning",
    "putbucketwebsite",
    "putencryptionconfiguration",
    "putintelligenttieringconfiguration",
    "putinventoryconfiguration",
    "putlifecycleconfiguration",
    "putmetricsconfiguration",
    "putreplicationconfiguration",
    "createbucketmetadatatableconfiguration",
];

const fn range(from: usize, len: usize) -> Set {
    ((1 << len) - 1) << from
}

const OR: usize = OBJECT_READS.len();
const OW: usize = OBJECT_WRITES.len();
const BR: usize = BUCKET_READS.len();
const BW: usize = BUCKET_WRITES.len();

/// Those on objects.
pub(super) const OBJECT: Set = range(0, OR + OW);
/// Those on the bucket.
pub(super) const BUCKET: Set = range(OR + OW, BR + BW);
/// Those that read.
pub(super) const READ: Set = range(0, OR) | range(OR + OW, BR);
/// Those that change something: objects, settings or permissions.
pub(super) const WRITE: Set = range(OR, OW) | range(OR + OW + BR, BW);

/// The actions that any of the patterns takes in.
pub(super) fn matching(patterns: &[String], glob: &Glob) -> Set {
    let mut set = 0;
    for pattern in patterns {
        let pattern = pattern.to_ascii_lowercase();
        let name = match pattern.split_once(':') {
            Some((service, name)) if glob.matches(service.as_bytes(), b"s3") => name,
            None if pattern == "*" => "*",
            _ => continue,
        };
        let all = OBJECT_READS.iter().chain(&OBJECT_WRITES).chain(&BUCKET_READS).chain(&BUCKET_WRITES);
        for (i, action) in all.enumerate() {
            if glob.matches(name.as_bytes(), action.as_bytes()) {
                set |= 1 << i;
            }
        }
    }
    set
}
