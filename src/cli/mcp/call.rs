//! One call of a tool: its command line, run as the program runs it, with its results gathered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::tools::Plan;
use super::veil::Veil;
use crate::cli::app::App;
use crate::cli::deliveries::Interrupt;
use crate::cli::exit::{Failure, Status};
use crate::cli::inside::{self, Sink};
use crate::cli::report::Item;

/// How often what is waited for is asked for.
const AGAIN: Duration = Duration::from_millis(200);
/// Results of one call, in bytes of JSON, and notes.
const MOST_BYTES: usize = 192 * 1024;
const MOST_NOTES: usize = 40;

/// What a call came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The objects of `--json`.
    pub results: Vec<Value>,
    /// How many more there were.
    pub left_off: usize,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// Why there is no result.
    pub failure: Option<(Status, String)>,
    /// Whether the answer is yes: delivered, valid, right.
    pub ok: bool,
    bytes: usize,
}

/// Runs the plan on a thread of its own until it ends, or is `stopped`; says on `progress` how far it is.
pub async fn run(
    plan: Plan,
    stopped: watch::Receiver<bool>,
    progress: mpsc::UnboundedSender<(u64, Option<u64>)>,
) -> Outcome {
    let (done, ended) = tokio::sync::oneshot::channel();
    let spawned = thread::Builder::new().name("tool".into()).spawn(move || {
        let _ = done.send(work(&plan, &stopped, &progress));
    });
    let lost = |what: &str| Outcome {
        failure: Some((Status::Unavailable, what.to_owned())),
        ..Outcome::default()
    };
    match spawned {
        Ok(_) => ended.await.unwrap_or_else(|_| lost("the call ended without a result")),
        Err(problem) => lost(&format!("no thread for the call: {problem}")),
    }
}

fn work(plan: &Plan, stopped: &watch::Receiver<bool>, progress: &mpsc::UnboundedSender<(u64, Option<u64>)>) -> Outcome {
    let until = Instant::now() + plan.wait.unwrap_or_default();
    loop {
        let mut outcome = once(plan, stopped, progress);
        let Some(wait) = plan
            .wait
            .filter(|_| outcome.failure.is_none() && outcome.results.is_empty())
        else {
            return outcome;
        };
        if Instant::now() >= until || *stopped.borrow() {
            outcome.ok = false;
            outcome.notes = vec![format!(
                "nothing was caught within {} s: `ckwh listen` must be running, and what is meant must arrive there",
                wait.as_secs()
            )];
            return outcome;
        }
        thread::sleep(AGAIN);
    }
}

fn once(plan: &Plan, stopped: &watch::Receiver<bool>, progress: &mpsc::UnboundedSender<(u64, Option<u64>)>) -> Outcome {
    let gathered = Arc::new(Mutex::new(Outcome::default()));
    let report = Gather {
        gathered: gathered.clone(),
        progress: progress.clone(),
        done: 0,
        all: None,
    };
    let ended = inside::app(Box::new(report), Interrupt::Told(stopped.clone())).and_then(|mut app| {
        let ended = known_event(&app, plan).and_then(|()| inside::run(&mut app, &plan.line));
        // What is waited for is asked for many times, and every table is read for a veil.
        if !lock(&gathered).results.is_empty() {
            let veil = Veil::new(&mut app);
            lock(&gathered).results.iter_mut().for_each(|value| veil.cover(value));
        }
        ended
    });
    let mut outcome = std::mem::take(&mut *lock(&gathered));
    match ended {
        Ok(status) => outcome.ok = status == Status::Yes,
        Err(failure) => {
            let status = match failure {
                Failure::Usage(_) => Status::Usage,
                _ => Status::Unavailable,
            };
            outcome.failure = Some((status, failure.to_string()));
        }
    }
    outcome
}

/// Refuses an event that nobody has: it would be taken for a file.
fn known_event(app: &App, plan: &Plan) -> Result<(), Failure> {
    match &plan.event {
        Some(event) if !app.registry.has_event(event) => Err(app.registry.unknown_event(event, None).into()),
        _ => Ok(()),
    }
}

fn lock(gathered: &Mutex<Outcome>) -> MutexGuard<'_, Outcome> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gathers results and notes, up to a size.
struct Gather {
    gathered: Arc<Mutex<Outcome>>,
    progress: mpsc::UnboundedSender<(u64, Option<u64>)>,
    done: u64,
    all: Option<u64>,
}

impl Sink for Gather {
    fn item(&mut self, item: &Item) {
        let value = serde_json::to_value(item).unwrap_or_default();
        let size = value.to_string().len();
        let mut gathered = lock(&self.gathered);
        if gathered.bytes + size > MOST_BYTES && !gathered.results.is_empty() {
            gathered.left_off += 1;
        } else {
            gathered.bytes += size;
            gathered.results.push(value);
        }
        drop(gathered);
        if self.all.is_some() {
            self.advance();
        }
    }

    // An agent has tools in place of the command line.
    fn note(&mut self, text: &str, _: Option<&str>) {
        let mut gathered = lock(&self.gathered);
        if gathered.notes.len() < MOST_NOTES {
            gathered.notes.push(text.to_owned());
        }
    }

    fn expect(&mut self, deliveries: Option<u64>) {
        self.all = deliveries;
    }

    fn advance(&mut self) {
        self.done += 1;
        let _ = self.progress.send((self.done, self.all));
    }

    fn wants_all(&self) -> bool {
        true
    }
}
