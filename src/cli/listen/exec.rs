//! `--exec`: a program for each event, one at a time.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use ckwh::capture::Capture;
use ckwh::store::{Location, Store, StoreError};

/// How long one run may take.
const LONGEST: Duration = Duration::from_secs(30);
/// How many captures wait for their run.
const QUEUE: usize = 10_000;

/// The longest value of a variable, in bytes: systems take 128 KiB with its name.
const LONGEST_VALUE: usize = 32 * 1024;
/// The words of a command line, and the variables that its environment must not have.
#[derive(Debug, Clone)]
pub struct CommandLine {
    pub words: Vec<String>,
    pub without: Vec<String>,
}

/// Runs a program for captures, by number.
pub struct Exec {
    sender: mpsc::Sender<i64>,
    task: JoinHandle<()>,
    runtime: Handle,
    problems: Arc<Mutex<Vec<String>>>,
}

impl Exec {
    pub fn start(command: CommandLine, store: Location, runtime: &Handle) -> Self {
        let (sender, mut ids) = mpsc::channel::<i64>(QUEUE);
        let problems = Arc::new(Mutex::new(Vec::new()));
        let told = problems.clone();
        let task = runtime.spawn(async move {
            while let Some(id) = ids.recv().await {
                let problem = match read(&store, id).await {
                    Ok(Some(capture)) => run(&command, &capture).await.err(),
                    Ok(None) => Some("it was removed before".into()),
                    Err(error) => Some(error.to_string()),
                };
                if let Some(problem) = problem {
                    let text = format!("--exec for #{id}: {problem}");
                    told.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                }
            }
        });
        Self {
            sender,
            task,
            runtime: runtime.clone(),
            problems,
        }
    }

    /// Has the program run for a capture when its turn comes.
    pub fn add(&mut self, id: i64) {
        if self.sender.try_send(id).is_err() {
            let text = format!("--exec for #{id}: {QUEUE} runs wait already, so it is left out");
            self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    }

    /// What went wrong since this was last asked.
    pub fn problems(&self) -> Vec<String> {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the runs that are due.
    pub fn finish(self) -> Vec<String> {
        let Self {
            sender,
            task,
            runtime,
            problems,
        } = self;
        drop(sender);
        let _ = runtime.block_on(task);
        std::mem::take(&mut *problems.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens the store anew for each: its files may be others by then.
async fn read(store: &Location, id: i64) -> Result<Option<Capture>, StoreError> {
    Store::open(store.clone()).await?.capture(id).await
}

async fn run(command: &CommandLine, capture: &Capture) -> Result<(), String> {
    let recorded = &capture.recorded;
    let mut child = Command::new(&command.words[0]);
    child
        .args(&command.words[1..])
        .stdin(Stdio::piped())
        // Standard output is for results.
        .stdout(std::io::stderr())
        .kill_on_drop(true);
    for name in &command.without {
        child.env_remove(name);
    }
    let mut cut = Vec::new();
    for (name, value) in variables(capture) {
        let (value, is_whole) = bounded(&value);
        if !is_whole {
            cut.push(name);
        }
        child.env(format!("CKWH_CAPTURE_{name}"), value);
    }
    child.env("CKWH_CAPTURE_CUT", cut.join(" "));
    let mut child = child
        .spawn()
        .map_err(|error| format!("{} can't be run: {error}", command.words[0]))?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program need not read its input.
            let _ = stdin.write_all(&recorded.message.body).await;
        }
    };
    let ended = timeout(LONGEST, async { tokio::join!(feed, child.wait()).1 }).await;
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("it ended with {status}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => {
            let _ = child.kill().await;
            Err(format!("it took longer than {} s and was ended", LONGEST.as_secs()))
        }
    }
}

fn reason(judgement: &ckwh::capture::Judgement) -> String {
    serde_json::to_value(judgement.reason)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// What the program is told of a capture, by the end of its variable's name.
fn variables(capture: &Capture) -> Vec<(&'static str, String)> {
    let recorded = &capture.recorded;
    let mut variables = vec![
        ("ID", capture.id.to_string()),
        ("METHOD", recorded.message.method.clone()),
        ("TARGET", recorded.target().to_owned()),
        ("RECEIVED_AT", super::received_at(capture).to_string()),
    ];
    if let Some(judgement) = &recorded.judgement {
        variables.extend([
            ("REASON", reason(judgement)),
            ("PROVIDER", judgement.provider.clone().unwrap_or_default()),
            ("EVENT", judgement.event_type.clone().unwrap_or_default()),
        ]);
    }
    variables
}

/// A value that a variable can hold, and whether it is the whole one: there is no NUL in it, and not too much.
fn bounded(text: &str) -> (String, bool) {
    let end = text.floor_char_boundary(LONGEST_VALUE);
    (text[..end].replace('\0', ""), end == text.len())
}
