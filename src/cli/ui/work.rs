//! Commands of the program, run for the page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use axum::http::StatusCode;
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::serve::Refusal;
use crate::cli::app::App;
use crate::cli::deliveries::Interrupt;
use crate::cli::exit::{Failure, Status};
use crate::cli::inside::{self, Sink};
use crate::cli::report::Item;

/// How many notes are kept.
const MOST_NOTES: usize = 100;

/// Something worth knowing, and what may be typed for it.
#[derive(Debug, Clone)]
pub struct Note {
    pub text: String,
    pub command: Option<String>,
}

impl Note {
    pub fn new(text: &str, command: Option<&str>) -> Self {
        Self {
            text: text.to_owned(),
            command: command.map(str::to_owned),
        }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.command {
            Some(command) => write!(f, "{} {command}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Runs a command line on this thread; its results go to `sink`.
pub fn run(words: &[String], sink: Box<dyn Sink>, stopped: watch::Receiver<bool>) -> Result<Status, Failure> {
    let mut app = inside::app(sink, Interrupt::Told(stopped))?;
    inside::run(&mut app, words)
}

/// Settings and providers, for what needs them and gives no results.
pub fn app() -> Result<App, Failure> {
    struct Nobody;

    impl Sink for Nobody {
        fn item(&mut self, _: &Item) {}
        fn note(&mut self, _: &str, _: Option<&str>) {}
    }

    let (_running, stopped) = watch::channel(false);
    inside::app(Box::new(Nobody), Interrupt::Told(stopped))
}

/// What a command came to, each result as `T`.
#[derive(Debug)]
pub struct Gathered<T> {
    pub results: Vec<T>,
    pub notes: Vec<Note>,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self {
            results: Vec::new(),
            notes: Vec::new(),
        }
    }
}

struct Gather<T, F> {
    gathered: Arc<Mutex<Gathered<T>>>,
    of: F,
}

impl<T: Send + 'static, F: Fn(&Item) -> Option<T> + Send + 'static> Sink for Gather<T, F> {
    fn item(&mut self, item: &Item) {
        lock(&self.gathered).results.extend((self.of)(item));
    }

    fn note(&mut self, text: &str, command: Option<&str>) {
        let mut gathered = lock(&self.gathered);
        if gathered.notes.len() < MOST_NOTES {
            gathered.notes.push(Note::new(text, command));
        }
    }
}

/// Runs a command line on a thread of its own; of each result what `of` makes of it.
pub async fn once<T: Send + 'static>(
    words: Vec<String>,
    of: impl Fn(&Item) -> Option<T> + Send + 'static,
) -> Result<Gathered<T>, Refusal> {
    let gathered = Arc::new(Mutex::new(Gathered::default()));
    let sink = Box::new(Gather {
        gathered: gathered.clone(),
        of,
    });
    // Whoever asked may go away; what was begun ends by itself.
    let (_running, stopped) = watch::channel(false);
    aside(move || run(&words, sink, stopped)).await??;
    Ok(std::mem::take(&mut *lock(&gathered)))
}

/// Results as `--json` writes them.
pub async fn values(words: Vec<String>) -> Result<Vec<Value>, Refusal> {
    let gathered = once(words, |item| serde_json::to_value(item).ok()).await?;
    Ok(gathered.results)
}

/// Does something that takes long on a thread of its own.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let (done, ended) = oneshot::channel();
    let lost = || Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "it ended without a result");
    thread::Builder::new()
        .name("work".into())
        .spawn(move || {
            let _ = done.send(work());
        })
        .map_err(|_| lost())?;
    ended.await.map_err(|_| lost())
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A type of event that can be sent.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub provider: String,
    pub event_type: String,
    pub description: Option<String>,
}

/// What there is to send, read when it is first asked for.
#[derive(Debug, Default)]
pub struct Events(tokio::sync::OnceCell<Vec<EventRow>>);

impl Events {
    pub async fn all(&self) -> Result<&[EventRow], Refusal> {
        let read = || async {
            let words = vec!["events".to_owned()];
            let gathered = once(words, |item| match item {
                Item::Event(event) => Some(EventRow {
                    provider: event.provider.clone(),
                    event_type: event.event_type.clone(),
                    description: event.description.clone(),
                }),
                _ => None,
            });
            Ok(gathered.await?.results)
        };
        self.0.get_or_try_init(read).await.map(Vec::as_slice)
    }
}
