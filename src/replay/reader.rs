//! A thread that reads requests and makes them ready, ahead of the threads that send them.

use std::io;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use super::ReplayError;
use super::job::Job;
use super::order::Lines;
use super::selected::Selected;

/// How many requests are handed over at once.
const BATCH: usize = 64;
/// How long requests that are found far apart wait for others.
const PATIENCE: Duration = Duration::from_millis(5);
/// How many bytes of bodies are handed over at once, but for the last.
const BATCH_BYTES: usize = 256 * 1024;
/// How many requests may wait for others of their keys before no more is read.
const MOST_WAITING: usize = 1024;

/// Begins to read, a few batches ahead at most.
pub fn start(selected: Arc<Selected>) -> io::Result<Queue> {
    let (sender, batches) = mpsc::channel(1);
    let lines = Lines::new(match &selected.share {
        Some(_) => selected.batch,
        None => MOST_WAITING,
    });
    let work = move || {
        let mut batch = Batch {
            sender: sender.clone(),
            jobs: Vec::new(),
            // What comes over a pipe is sent as it comes.
            // What is claimed is begun soon.
            size: match &selected.share {
                _ if selected.plan.reads_stdin() => 1,
                Some(_) => 1,
                None => BATCH,
            },
            bytes: 0,
            flushed: Instant::now(),
        };
        let read = selected.each_job(&mut |job| batch.put(job), &|| !sender.is_closed());
        drop(sender);
        batch.flush();
        if let Err(error) = read {
            let _ = batch.sender.blocking_send(Err(error));
        }
    };
    std::thread::Builder::new().name("reader".into()).spawn(work)?;
    Ok(Queue(Arc::new(Ready {
        lines: Arc::new(lines),
        batches: tokio::sync::Mutex::new(batches),
        has_ended: AtomicBool::new(false),
    })))
}

/// The requests that were read ahead.
#[derive(Debug)]
pub struct Queue(Arc<Ready>);

impl Queue {
    /// The requests in their order; each goes to one of those who ask.
    pub fn jobs(&self) -> impl Stream<Item = Result<Job, ReplayError>> + use<> {
        let ready = self.0.clone();
        stream::unfold(ready, async |ready| ready.next().await.map(|job| (job, ready)))
    }
}

#[derive(Debug)]
struct Ready {
    lines: Arc<Lines>,
    batches: tokio::sync::Mutex<mpsc::Receiver<Result<Vec<Job>, ReplayError>>>,
    /// Everything was read.
    has_ended: AtomicBool,
}

impl Ready {
    async fn next(&self) -> Option<Result<Job, ReplayError>> {
        loop {
            if let Some(job) = self.lines.take() {
                return Some(Ok(job));
            }
            let mut changed = pin!(self.lines.changed());
            // What ends from here on is noticed.
            changed.as_mut().enable();
            if !self.lines.is_empty() {
                continue;
            }
            let has_ended = self.has_ended.load(Ordering::Relaxed);
            if has_ended && !self.lines.has_waiting() {
                return None;
            }
            if has_ended || self.lines.is_full() {
                changed.await;
                continue;
            }
            let received = tokio::select! {
                () = changed => Ok(()),
                received = self.receive() => received,
            };
            if let Err(error) = received {
                return Some(Err(error));
            }
        }
    }

    /// Waits for the next batch, unless another thread received one meanwhile.
    async fn receive(&self) -> Result<(), ReplayError> {
        let mut batches = self.batches.lock().await;
        if self.lines.is_empty() && !self.has_ended.load(Ordering::Relaxed) {
            match batches.recv().await {
                Some(batch) => self.lines.put(batch?),
                None => self.has_ended.store(true, Ordering::Relaxed),
            }
        }
        Ok(())
    }
}

/// Gathers requests and hands them over together: one by one would wake a thread for each.
struct Batch {
    sender: mpsc::Sender<Result<Vec<Job>, ReplayError>>,
    jobs: Vec<Job>,
    /// How many are handed over at once.
    size: usize,
    /// How long the bodies in it are together.
    bytes: usize,
    /// When the last were handed over.
    flushed: Instant,
}

impl Batch {
    /// Takes a request, and hands all over where they are enough or the last were long ago. `false` where nobody wants
    /// more.
    fn put(&mut self, job: Job) -> bool {
        self.bytes += job.size();
        self.jobs.push(job);
        let enough = self.jobs.len() >= self.size || self.bytes >= BATCH_BYTES;
        !(enough || self.flushed.elapsed() > PATIENCE) || self.flush()
    }

    fn flush(&mut self) -> bool {
        self.bytes = 0;
        let jobs = mem::replace(&mut self.jobs, Vec::with_capacity(self.size));
        let taken = self.sender.blocking_send(Ok(jobs)).is_ok();
        self.flushed = Instant::now();
        taken
    }
}
