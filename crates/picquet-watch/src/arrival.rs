//! An object that a source named, and the message that it came with.

use crate::settings::Source;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::UnboundedSender;

/// An object to be read.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The source.
    pub source: Arc<Source>,
    /// The key in the bucket, or the file's path.
    pub name: String,
    /// What tells versions apart.
    pub version: String,
    /// Bytes, as far as is known.
    pub size: u64,
    /// Of which message, if it came with one.
    pub receipt: Option<Receipt>,
}

/// What is to become of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// All its objects are dealt with: it can be deleted.
    Done(String),
    /// One of them is not: it shall come again.
    Again(String),
}

/// The message that an object came with. A message goes when all of its objects are dealt with; until then it comes
/// again, whatever happens to this process.
#[derive(Clone, Debug)]
pub struct Receipt(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    handle: String,
    left: AtomicUsize,
    tell: UnboundedSender<Settled>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.left.load(Ordering::Acquire) > 0 {
            // Nobody listens any more when the process ends; the message comes again by itself then.
            let _ = self.tell.send(Settled::Again(std::mem::take(&mut self.handle)));
        }
    }
}

impl Receipt {
    /// Of a message with so many objects.
    pub fn new(handle: String, objects: usize, tell: UnboundedSender<Settled>) -> Self {
        Self(Arc::new(Inner { handle, left: AtomicUsize::new(objects), tell }))
    }

    /// One of the objects is dealt with.
    pub fn done(self) {
        if self.0.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let _ = self.0.tell.send(Settled::Done(self.0.handle.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn a_message_is_done_when_all_of_its_objects_are() {
        let (tell, mut told) = unbounded_channel();
        let receipt = Receipt::new("h".into(), 2, tell);
        receipt.clone().done();
        assert!(told.try_recv().is_err());
        receipt.done();
        assert_eq!(told.try_recv(), Ok(Settled::Done("h".into())));
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn a_message_of_which_an_object_is_dropped_comes_again() {
        let (tell, mut told) = unbounded_channel();
        let receipt = Receipt::new("h".into(), 2, tell);
        receipt.clone().done();
        drop(receipt);
        assert_eq!(told.try_recv(), Ok(Settled::Again("h".into())));
    }
}
