//! Unusual calls on objects of S3: the same model, with the bucket and how much was taken.

use crate::detectors::Meta;
use picquet_model::Source;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "s3-anomaly",
    types: &[
        "Discovery:S3/AnomalousBehavior",
        "Exfiltration:S3/AnomalousBehavior",
        "Impact:S3/AnomalousBehavior.Delete",
        "Impact:S3/AnomalousBehavior.Permission",
        "Impact:S3/AnomalousBehavior.Write",
    ],
    source: Source::S3Data,
    detects: "An identity lists, reads, writes, deletes or opens objects in a way that does not fit its history, its \
              peers' or the account's.",
    decides: "As api-anomaly, over S3 data events, with the bucket as one thing more that may be new, and with how many \
              calls an identity makes on a bucket in a day: 200 or more, and over four times the most so far, is odd.",
    benign: "A first backup, migration or analysis of a bucket; a clean-up script.",
};

/// The type of a call on objects (GuardDuty user guide, "S3 Protection finding types").
pub fn finding_type(api: &str) -> &'static str {
    let name = api.split_once(':').map_or(api, |(_, name)| name);
    match name {
        "PutObjectAcl" | "PutObjectVersionAcl" => "Impact:S3/AnomalousBehavior.Permission",
        "GetObject"
        | "GetObjectTorrent"
        | "SelectObjectContent"
        | "CopyObject"
        | "UploadPartCopy"
        | "RestoreObject" => "Exfiltration:S3/AnomalousBehavior",
        _ if name.starts_with("Delete") || name.starts_with("Abort") => "Impact:S3/AnomalousBehavior.Delete",
        _ if name.starts_with("List") || name.starts_with("Head") || name.starts_with("Get") => {
            "Discovery:S3/AnomalousBehavior"
        }
        _ => "Impact:S3/AnomalousBehavior.Write",
    }
}
