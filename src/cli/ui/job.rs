//! What is sent, replayed or checked from the page: commands that go on while the page shows how far they are.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ckwh::delivery::Endpoint;
use jiff::Timestamp;
use maud::Markup;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::serve::{Answer, Call, Refusal};
use super::view::item;
use super::work::{self, Note, lock};
use super::{Inspector, select};
use crate::cli::exit::Status;
use crate::cli::inside::Sink;
use crate::cli::report::Item;

/// How many are remembered.
const KEPT: usize = 50;
/// How many results of one are shown: failures, cases.
const SHOWN: usize = 500;
/// How many notes of one are shown.
const NOTES: usize = 100;
/// How often the pages are told how far one is.
const TOLD: Duration = Duration::from_millis(100);

/// What was begun here.
#[derive(Debug, Default)]
pub struct Jobs(Mutex<(i64, VecDeque<Arc<Job>>)>);

/// One of them.
#[derive(Debug)]
pub struct Job {
    pub id: i64,
    pub title: String,
    pub target: String,
    pub begun: Timestamp,
    stop: watch::Sender<bool>,
    pub state: Mutex<State>,
}

/// How far it is.
#[derive(Debug, Default)]
pub struct State {
    pub done: u64,
    pub failed: u64,
    pub skipped: u64,
    pub all: Option<u64>,
    /// Results as they are shown, and as `--json` writes them.
    pub shown: Vec<(Markup, Value)>,
    /// How many more there were.
    pub left_off: u64,
    /// What comes last: the sums.
    pub summary: Option<(Markup, Value)>,
    pub notes: Vec<Note>,
    /// What it came to, or why to nothing.
    pub ended: Option<Result<Status, String>>,
}

impl Jobs {
    pub fn get(&self, id: i64) -> Option<Arc<Job>> {
        lock(&self.0).1.iter().find(|job| job.id == id).cloned()
    }

    /// Whether something goes on.
    pub fn goes_on(&self) -> bool {
        self.all().iter().any(|job| lock(&job.state).ended.is_none())
    }

    /// The newest first.
    pub fn all(&self) -> Vec<Arc<Job>> {
        lock(&self.0).1.iter().rev().cloned().collect()
    }

    /// Stops what goes on.
    pub fn end(&self) {
        for job in self.all() {
            let _ = job.stop.send(true);
        }
    }

    fn add(&self, title: String, target: String) -> (Arc<Job>, watch::Receiver<bool>) {
        let (stop, stopped) = watch::channel(false);
        let mut jobs = lock(&self.0);
        jobs.0 += 1;
        let job = Arc::new(Job {
            id: jobs.0,
            title,
            target,
            begun: Timestamp::now(),
            stop,
            state: Mutex::default(),
        });
        jobs.1.push_back(job.clone());
        while jobs.1.len() > KEPT {
            jobs.1.pop_front();
        }
        (job, stopped)
    }
}

struct Follow {
    job: Arc<Job>,
    ui: Arc<Inspector>,
    told: Option<Instant>,
}

impl Follow {
    fn tell(&mut self) {
        if self.told.is_none_or(|told| told.elapsed() >= TOLD) {
            self.told = Some(Instant::now());
            self.ui.feed.tell("job", &self.job.progress());
        }
    }
}

impl Sink for Follow {
    fn item(&mut self, item: &Item) {
        let mut state = lock(&self.job.state);
        let value = serde_json::to_value(item).unwrap_or_default();
        match item {
            Item::Summary(_) | Item::CheckSummary(_) => state.summary = Some((item::shown_item(item), value)),
            _ => {
                state.done += 1;
                match item {
                    Item::Delivery(delivery) => state.failed += u64::from(!delivery.ok),
                    Item::Skipped(_) => state.skipped += 1,
                    _ => {}
                }
                if state.shown.len() < SHOWN {
                    state.shown.push((item::shown_item(item), value));
                } else {
                    state.left_off += 1;
                }
            }
        }
        drop(state);
        self.tell();
    }

    fn advance(&mut self) {
        lock(&self.job.state).done += 1;
        self.tell();
    }

    fn expect(&mut self, deliveries: Option<u64>) {
        lock(&self.job.state).all = deliveries;
        self.tell();
    }

    fn note(&mut self, text: &str, command: Option<&str>) {
        let mut state = lock(&self.job.state);
        if state.notes.len() < NOTES {
            state.notes.push(Note::new(text, command));
        }
    }
}

impl Job {
    fn progress(&self) -> Value {
        let state = lock(&self.state);
        json!({
            "job": self.id,
            "done": state.done,
            "failed": state.failed,
            "skipped": state.skipped,
            "all": state.all,
            "ended": state.ended.is_some(),
        })
    }
}

/// The run that is to go on, if one is, and where it goes: where the page shows a target without its credentials, it
/// leaves it away.
async fn target(ui: &Inspector, call: &Call) -> Result<(Option<i64>, String), Refusal> {
    if call.text("kind") == Some("resume") {
        let id = call.text("run").and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| Refusal::wrong("`run` is a run's number"))?;
        let run = ui.store.run(Some(id)).await?;
        let run = run.ok_or_else(|| Refusal::missing(format!("there is no run {id}")))?;
        return Ok((Some(id), run.target));
    }
    let to = call.text("to").or(ui.given.target.as_deref()).unwrap_or_default();
    Ok((None, to.to_owned()))
}

/// Begins what is asked for, and says under which number.
pub async fn begin(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let (resumed, to) = target(&ui, &call).await?;
    let endpoint = Endpoint::parse(&to, "/").map_err(|error| Refusal::wrong(error.to_string()))?;
    if !endpoint.is_loopback() && !call.is_on("confirmed") {
        return Err(Refusal::question(format!(
            "{} is another machine. Send there?",
            endpoint.place()
        )));
    }
    let (title, line) = match (resumed, call.text("kind")) {
        (Some(run), _) => select::resume(&ui, run),
        (None, Some("send")) => select::send(&ui, &call).await?,
        (None, Some("replay")) => select::replay(&ui, &call)?,
        (None, Some("check")) => select::check(&ui, &call)?,
        _ => return Err(Refusal::wrong("`kind` is send, replay, resume or check")),
    };
    let words = line.option("--to", Some(&to)).into_words();
    let shown = ui.credentials.mask_url(&to).into_owned();
    let (job, stopped) = ui.jobs.add(title, shown);
    let id = job.id;
    let follow = Follow {
        job: job.clone(),
        ui: ui.clone(),
        told: None,
    };
    std::thread::Builder::new()
        .name("job".into())
        .spawn(move || {
            let ended = work::run(&words, Box::new(follow), stopped);
            lock(&job.state).ended = Some(ended.map_err(|failure| failure.to_string()));
            ui.feed.tell("job", &job.progress());
            ui.feed.tell("stale", &Value::Null);
        })
        .map_err(|error| Refusal::wrong(error.to_string()))?;
    Ok(Answer::Json(json!({ "job": id })))
}

pub async fn stop(ui: Arc<Inspector>, call: Call) -> Result<Answer, Refusal> {
    let job = ui.jobs.get(call.number()?);
    let job = job.ok_or_else(|| Refusal::missing("there is no such run"))?;
    let _ = job.stop.send(true);
    Ok(Answer::Json(job.progress()))
}
