//! What happens, told to every browser that looks: one stream each, which its pages share.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use ckwh::store::{Order, Selection, StoreError, Summary};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio::time::{sleep, timeout};

use super::Inspector;
use super::view::list;

/// How often the store is asked for what other processes put there.
const TICK: Duration = Duration::from_millis(250);
/// How long what arrives is gathered.
const GATHER: Duration = Duration::from_millis(40);
/// How long the outcome of a capture is waited for.
const OPEN: i64 = 60;
/// Something is sent at least so often: else nobody notices that a browser is gone.
const ALIVE: Duration = Duration::from_secs(15);
/// How many events a slow browser may be behind.
const BEHIND: usize = 256;

/// Where events come from.
#[derive(Debug)]
pub struct Feed {
    sender: broadcast::Sender<Arc<str>>,
    /// Something was caught by this process.
    pub wake: Arc<Notify>,
}

impl Feed {
    pub fn new(wake: Arc<Notify>) -> Self {
        Self {
            sender: broadcast::Sender::new(BEHIND),
            wake,
        }
    }

    /// Tells every browser.
    pub fn tell(&self, event: &str, data: &Value) {
        // Where nobody looks, nobody is told.
        let _ = self.sender.send(text(event, data));
    }

    /// A stream of what happens from now on, for one browser.
    pub fn stream(&self, first: &Value) -> Body {
        let receiver = self.sender.subscribe();
        let first = text("hello", first);
        Body::from_stream(stream::unfold(
            (receiver, Some(first)),
            async |(mut receiver, first)| {
                let next = match first {
                    Some(first) => first,
                    None => match timeout(ALIVE, receiver.recv()).await {
                        Ok(Ok(event)) => event,
                        // Its pages look anew.
                        Ok(Err(RecvError::Lagged(_))) => text("stale", &Value::Null),
                        Ok(Err(RecvError::Closed)) => return None,
                        Err(_) => ": alive\n\n".into(),
                    },
                };
                let bytes = Bytes::copy_from_slice(next.as_bytes());
                Some((Ok::<_, std::convert::Infallible>(bytes), (receiver, None)))
            },
        ))
    }
}

fn text(event: &str, data: &Value) -> Arc<str> {
    // A line break in JSON is escaped, so the data is one line.
    format!("event: {event}\ndata: {data}\n\n").into()
}

/// Tells of captures as they are kept, and as their outcome is known.
pub async fn watch(ui: Arc<Inspector>) {
    let mut seen = Seen::default();
    if let Ok(last) = ui.store.last().await {
        seen.last = last.unwrap_or(0);
    }
    loop {
        if timeout(TICK, ui.feed.wake.notified()).await.is_ok() {
            sleep(GATHER).await;
        }
        // A store that can't be read now may be later.
        let _ = seen.look(&ui).await;
    }
}

/// What browsers were told of.
#[derive(Debug, Default)]
struct Seen {
    last: i64,
    /// The first whose outcome is not known.
    open: Option<i64>,
    /// What was told the last time.
    told: Vec<Summary>,
}

impl Seen {
    async fn look(&mut self, ui: &Inspector) -> Result<(), StoreError> {
        let last = ui.store.last().await?.unwrap_or(0);
        if ui.feed.sender.receiver_count() == 0 {
            (self.last, self.open) = (last, None);
            return Ok(());
        }
        if last < self.last {
            // Numbers are never given twice: this is another store in the same place.
            self.last = last;
            ui.feed.tell("stale", &Value::Null);
            return Ok(());
        }
        let open = self.open;
        if last == self.last && open.is_none() {
            return Ok(());
        }
        let from = open.unwrap_or(self.last + 1).min(self.last + 1);
        let selection = Selection {
            ids: Some(vec![from..=last]),
            ..Selection::default()
        };
        // The newest of them; older ones are read where somebody scrolls to them.
        let found = ui.store.summaries(selection, Order::NewestFirst).next().await?;
        self.keep_open(&found);
        self.last = last;
        let news = found.iter().filter(|summary| !self.told.contains(summary));
        let rows: Vec<Value> = news.map(|summary| list::pair(ui, summary)).collect();
        self.told = found;
        if !rows.is_empty() {
            ui.feed.tell("captures", &json!({ "last": last, "rows": rows }));
        }
        Ok(())
    }

    /// Goes on to look at what has no outcome yet, for a while.
    fn keep_open(&mut self, found: &[Summary]) {
        let is_open = |summary: &&Summary| summary.response_status.is_none() && summary.delivered.is_none();
        let first = found.iter().filter(is_open).map(|summary| summary.id).min();
        let now = jiff::Timestamp::now();
        let is_young = |id: &i64| {
            let summary = found.iter().find(|summary| summary.id == *id);
            summary.is_some_and(|summary| now.duration_since(summary.received_at).as_secs() < OPEN)
        };
        self.open = first.filter(is_young);
    }
}
