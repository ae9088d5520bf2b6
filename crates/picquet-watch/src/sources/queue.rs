//! A queue that says what is new in a bucket. Messages stay hidden while their objects are worked on, and go when they
//! are done with.

use super::Feed;
use crate::arrival::{Arrival, Receipt, Settled};
use picquet_source::aws::queue::{Queue, Received};
use picquet_source::notification::{Message, parse};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a message is hidden at a time.
const HIDDEN: Duration = Duration::from_secs(60);
/// How often messages that are worked on are hidden again.
const AGAIN: Duration = Duration::from_secs(20);
/// How long a message waits whose object could not be read.
const LATER: Duration = Duration::from_secs(5);
/// Messages that are worked on at a time; SQS hides up to 120,000.
const MOST: usize = 1000;
/// How long a settled message waits for others to be deleted with it.
const GATHER: Duration = Duration::from_millis(50);

/// Reads the queue until told to stop.
pub async fn run(feed: Feed, queue: Queue) {
    let (tell, told) = unbounded_channel();
    let open: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let keeper = tokio::spawn(settle(feed.clone(), queue.clone(), open.clone(), told));
    receive(&feed, &queue, &open, &tell).await;
    // The keeper ends when the last message is settled.
    drop(tell);
    let _ = keeper.await;
}

async fn receive(feed: &Feed, queue: &Queue, open: &Mutex<BTreeSet<String>>, tell: &UnboundedSender<Settled>) {
    loop {
        while open.lock().await.len() >= MOST {
            if !feed.wait(Duration::from_millis(100)).await {
                return;
            }
        }
        let received = tokio::select! {
            () = feed.stop.cancelled() => return,
            received = queue.receive(HIDDEN) => received,
        };
        match received {
            Ok(messages) => {
                feed.status.source(&feed.source.name).listed();
                open.lock().await.extend(messages.iter().map(|m| m.handle.clone()));
                for message in messages {
                    if !take(feed, message, tell).await {
                        return;
                    }
                }
            }
            Err(e) => {
                feed.status.source(&feed.source.name).failing(&format!("cannot read the queue: {e}"));
                if !feed.wait(LATER).await {
                    return;
                }
            }
        }
    }
}

/// Hands over the objects of a message; false when it shall stop.
async fn take(feed: &Feed, message: Received, tell: &UnboundedSender<Settled>) -> bool {
    let status = feed.status.source(&feed.source.name);
    let made = match parse(&message.body) {
        Message::Made(made) => made,
        Message::Other(_) => {
            let _ = tell.send(Settled::Done(message.handle));
            return true;
        }
        Message::Unknown(why) => {
            status.failing(&format!("a message of the queue is passed over: {why}"));
            let _ = tell.send(Settled::Done(message.handle));
            return true;
        }
    };
    let bucket = feed.source.bucket.as_deref().unwrap_or_default();
    let receipt = Receipt::new(message.handle, made.len(), tell.clone());
    for object in made {
        let receipt = receipt.clone();
        if object.bucket != bucket || !object.key.starts_with(&feed.source.prefix) || object.key.ends_with('/') {
            status.foreign();
            receipt.done();
            continue;
        }
        let arrival = Arrival {
            source: feed.source.clone(),
            name: object.key,
            version: object.etag,
            size: object.size,
            receipt: Some(receipt),
        };
        if !feed.send(arrival).await {
            return false;
        }
    }
    true
}

/// Deletes what is done with, and hides again what is not.
async fn settle(feed: Feed, queue: Queue, open: Arc<Mutex<BTreeSet<String>>>, mut told: UnboundedReceiver<Settled>) {
    let mut ticks = tokio::time::interval(AGAIN);
    ticks.tick().await;
    let status = feed.status.source(&feed.source.name);
    loop {
        let first = tokio::select! {
            _ = ticks.tick() => {
                let handles: Vec<String> = open.lock().await.iter().cloned().collect();
                if let Err(e) = queue.hide(&handles, HIDDEN).await {
                    status.failing(&format!("messages cannot be kept hidden: {e}"));
                }
                continue;
            }
            first = told.recv() => first,
        };
        let Some(first) = first else { return };
        tokio::time::sleep(GATHER).await;
        let mut settled = vec![first];
        while let Ok(next) = told.try_recv() {
            settled.push(next);
        }
        let (mut done, mut again) = (Vec::new(), Vec::new());
        {
            let mut open = open.lock().await;
            for one in settled {
                let (Settled::Done(handle) | Settled::Again(handle)) = &one;
                open.remove(handle);
                match one {
                    Settled::Done(handle) => done.push(handle),
                    Settled::Again(handle) => again.push(handle),
                }
            }
        }
        if let Err(e) = queue.delete(&done).await {
            // They come again, and the ledger knows their objects.
            status.failing(&format!("messages cannot be deleted: {e}"));
        }
        if let Err(e) = queue.hide(&again, LATER).await {
            status.failing(&format!("messages cannot be given back: {e}"));
        }
    }
}
