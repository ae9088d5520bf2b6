//! A bucket of S3, or of anything that speaks its protocol.

use super::{Access, CallError, config, failure};
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// An object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The ETag, without quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Objects, in the order of their keys.
    pub objects: Vec<Listed>,
    /// Folders, with the slash at their end, where a level is listed.
    pub folders: Vec<String>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl Bucket {
    /// A bucket by name.
    pub async fn new(access: &Access, name: &str) -> Self {
        let config = config(access).await;
        let mut builder = aws_sdk_s3::config::Builder::from(&config);
        // Servers other than AWS's rarely have a name for each bucket.
        builder.set_force_path_style(Some(access.endpoint.is_some()));
        Self { client: Client::from_conf(builder.build()), name: name.to_owned() }
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A page of keys that begin with a prefix.
    ///
    /// # Errors
    /// As the call.
    pub async fn list(&self, prefix: &str, from: Option<String>) -> Result<Page, CallError> {
        self.page(self.pages(prefix, from)).await
    }

    /// A page of keys that begin with a prefix, and come after a key.
    ///
    /// # Errors
    /// As the call.
    pub async fn list_after(&self, prefix: &str, after: &str, from: Option<String>) -> Result<Page, CallError> {
        self.page(self.pages(prefix, from).start_after(after)).await
    }

    /// A page of what is directly below a prefix: objects, and folders.
    ///
    /// # Errors
    /// As the call.
    pub async fn level(&self, prefix: &str, from: Option<String>) -> Result<Page, CallError> {
        self.page(self.pages(prefix, from).delimiter("/")).await
    }

    fn pages(&self, prefix: &str, from: Option<String>) -> ListObjectsV2FluentBuilder {
        self.client.list_objects_v2().bucket(&self.name).prefix(prefix).set_continuation_token(from)
    }

    async fn page(&self, call: ListObjectsV2FluentBuilder) -> Result<Page, CallError> {
        let page = call.send().await.map_err(|e| failure(&e))?;
        let objects = page.contents().iter().filter_map(|object| {
            Some(Listed {
                key: object.key()?.to_owned(),
                etag: plain(object.e_tag()),
                size: object.size().and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            })
        });
        Ok(Page {
            objects: objects.collect(),
            folders: page.common_prefixes().iter().filter_map(|p| p.prefix().map(str::to_owned)).collect(),
            next: page.next_continuation_token().map(str::to_owned),
        })
    }

    /// What an object holds, if it has no more than so many bytes.
    ///
    /// # Errors
    /// As the call, and when the object is larger or ends early.
    pub async fn get(&self, key: &str, most: u64) -> Result<Bytes, CallError> {
        let answer = self.client.get_object().bucket(&self.name).key(key).send().await.map_err(|e| failure(&e))?;
        let length = answer.content_length().and_then(|n| u64::try_from(n).ok());
        let larger = || CallError::Denied(format!("it is larger than {} MiB", most >> 20));
        if length.is_some_and(|n| n > most) {
            return Err(larger());
        }
        let mut body = answer.body;
        let mut bytes = BytesMut::with_capacity(length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0));
        while let Some(part) = body.try_next().await.map_err(|e| CallError::Failed(e.to_string()))? {
            if (bytes.len() + part.len()) as u64 > most {
                return Err(larger());
            }
            bytes.extend_from_slice(&part);
        }
        if length.is_some_and(|n| n != bytes.len() as u64) {
            return Err(CallError::Failed(format!("it ended after {} of {} bytes", bytes.len(), length.unwrap_or(0))));
        }
        Ok(bytes.freeze())
    }

    /// Writes an object, encrypted with a key of KMS if one is named.
    ///
    /// # Errors
    /// As the call.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, kind: &str, kms_key: Option<&str>) -> Result<(), CallError> {
        let mut call = self.client.put_object().bucket(&self.name).key(key).content_type(kind);
        if let Some(kms_key) = kms_key {
            call = call.server_side_encryption(aws_sdk_s3::types::ServerSideEncryption::AwsKms).ssekms_key_id(kms_key);
        }
        call.body(ByteStream::from(bytes)).send().await.map_err(|e| failure(&e))?;
        Ok(())
    }
}

fn plain(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}
