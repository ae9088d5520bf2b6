//! A queue of SQS.

use super::{Access, CallError, config, failure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, QueueAttributeName,
};
use std::time::Duration;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What to delete it by.
    pub handle: String,
    /// What it says.
    pub body: String,
}

/// Messages of one call (SQS API reference).
const BATCH: usize = 10;
/// Seconds that a call waits for a message: the longest that SQS allows.
const WAIT: i32 = 20;

impl Queue {
    /// A queue by its URL.
    pub async fn new(access: &Access, url: &str) -> Self {
        Self { client: Client::new(&config(access).await), url: url.to_owned() }
    }

    /// Waits for messages, and hides them for so long.
    ///
    /// # Errors
    /// As the call.
    pub async fn receive(&self, hidden: Duration) -> Result<Vec<Received>, CallError> {
        let call = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(BATCH as i32)
            .wait_time_seconds(WAIT)
            .visibility_timeout(seconds(hidden));
        let answer = call.send().await.map_err(|e| failure(&e))?;
        let messages = answer.messages.unwrap_or_default().into_iter().filter_map(|message| {
            Some(Received { handle: message.receipt_handle?, body: message.body.unwrap_or_default() })
        });
        Ok(messages.collect())
    }

    /// About how many messages wait.
    ///
    /// # Errors
    /// As the call.
    pub async fn waiting(&self) -> Result<u64, CallError> {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let call = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        let answer = call.send().await.map_err(|e| failure(&e))?;
        Ok(answer.attributes().and_then(|a| a.get(&name)).and_then(|n| n.parse().ok()).unwrap_or(0))
    }

    /// Deletes messages. One that cannot be deleted comes again.
    ///
    /// # Errors
    /// As the call.
    pub async fn delete(&self, handles: &[String]) -> Result<(), CallError> {
        for some in handles.chunks(BATCH) {
            let entries = some.iter().enumerate().filter_map(|(n, handle)| {
                DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(handle).build().ok()
            });
            let call = self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            call.send().await.map_err(|e| failure(&e))?;
        }
        Ok(())
    }

    /// Hides messages for so long from now on; none at all makes them come again at once.
    ///
    /// # Errors
    /// As the call.
    pub async fn hide(&self, handles: &[String], hidden: Duration) -> Result<(), CallError> {
        for some in handles.chunks(BATCH) {
            let entries = some.iter().enumerate().filter_map(|(n, handle)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(n.to_string())
                    .receipt_handle(handle)
                    .visibility_timeout(seconds(hidden))
                    .build()
                    .ok()
            });
            let call =
                self.client.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            call.send().await.map_err(|e| failure(&e))?;
        }
        Ok(())
    }
}

fn seconds(span: Duration) -> i32 {
    i32::try_from(span.as_secs()).unwrap_or(i32::MAX)
}
