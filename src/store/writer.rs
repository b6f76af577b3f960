//! Group commit: one thread owns the connection that writes, and one transaction holds what waits.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::Store;
use super::error::StoreError;
use super::insert::{self, Insertion, Kept};
use super::place::{Loss, Standing};
use super::schema::PAGE;
use crate::capture::{Outcome, Recorded};

/// How many captures one transaction holds at most.
const GROUP: usize = 512;
/// How many bytes of bodies one transaction holds, but for the last.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// The longest a group waits to be half as large as those before: a group of few costs a sync as one of many.
const PATIENCE: Duration = Duration::from_millis(5);
/// After about so many bytes the log is written back into the file.
pub(super) const CHECKPOINT: usize = 1024 * 1024;
/// The writer itself finishes that, so that the log begins anew, after about so many: answers wait meanwhile.
const RESTART: usize = 2 * CHECKPOINT;
/// How often a group is written whose store is taken away meanwhile.
const TRIES: usize = 3;
/// What a capture takes beside its headers and its body, in bytes.
const ROW: usize = 512;

/// What became of a store whose files were taken away while it was open. What is kept from then on stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Where it is.
    pub path: PathBuf,
    /// What was taken away.
    pub change: Change,
    /// The number of the next capture.
    pub next: i64,
}

/// What was taken away of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// Its file, or another is in its place.
    Removed,
    /// What its file held.
    Emptied,
    /// Its log or that log's index, and nothing is lost by it.
    LogRemoved,
    /// Its log, and captures that were in it alone are lost.
    LogLost,
}

impl std::fmt::Display for Renewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, change, next } = self;
        let store = format!("the store {}", path.display());
        let goes_on = match next {
            1 => "a new one was begun, and numbers begin at #1 again".to_owned(),
            _ => format!("the one in its place is used, and its next number is #{next}"),
        };
        match change {
            Change::Removed => write!(f, "{store} was taken away or replaced: {goes_on}"),
            Change::Emptied => write!(f, "{store} was emptied: {goes_on}"),
            Change::LogRemoved => write!(
                f,
                "a file beside {store} was taken away while it was in use; nothing that was in it is lost"
            ),
            Change::LogLost => write!(
                f,
                "the log of {store} was taken away or cut while it was in use, and the captures that were in it alone are lost; the next number is #{next}"
            ),
        }
    }
}

/// Is told when a store had to be opened anew.
type Tell = Box<dyn FnMut(Renewed) + Send>;

enum Job {
    Keep(Arc<Recorded>, oneshot::Sender<Result<Kept, StoreError>>),
    /// What came of a delivery, and in which epoch it was kept.
    Finish(i64, u64, Outcome),
    Answered(i64, u64, u16),
    /// The checkpointing thread has done what it could.
    Checkpoint,
    /// The thread ends.
    End,
}

/// What waits to be written. The writer is woken once for a group, and not for each that joins it.
#[derive(Debug, Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    enough: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: Vec<Job>,
    /// How many jobs wake the writer; none where it is at work.
    wanted: Option<usize>,
    closed: bool,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} jobs", self.jobs.len())
    }
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is put in after the writer ended is dropped.
    fn put(&self, job: Job) {
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        let urgent = matches!(job, Job::End);
        waiting.jobs.push(job);
        if waiting
            .wanted
            .is_some_and(|wanted| urgent || waiting.jobs.len() >= wanted)
        {
            waiting.wanted = None;
            self.enough.notify_one();
        }
    }

    /// What waits, once there is something. Who was in the groups before is about to send again: as many as `expected`
    /// are waited for, for as long as `patience`.
    fn take(&self, expected: usize, patience: Duration) -> Vec<Job> {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() {
            waiting.wanted = Some(1);
            waiting = self.enough.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.jobs.len() < expected && !patience.is_zero() {
            waiting.wanted = Some(expected);
            waiting = self
                .enough
                .wait_timeout_while(waiting, patience, |waiting| waiting.wanted.is_some())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            waiting.wanted = None;
        }
        let mut bytes = 0;
        let fits = |job: &&Job| {
            let fits = bytes < GROUP_BYTES;
            if let Job::Keep(recorded, _) = job {
                bytes += recorded.message.body.len();
            }
            fits
        };
        let count = waiting.jobs.iter().take(GROUP).take_while(fits).count();
        waiting.jobs.drain(..count).collect()
    }

    fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.jobs.clear();
    }
}

/// The thread that writes. Dropping it has the thread finish what waits, and end.
#[derive(Debug)]
pub struct Writer {
    handle: WriterHandle,
    thread: Option<JoinHandle<()>>,
}

/// A way to the thread that writes.
#[derive(Debug, Clone)]
pub struct WriterHandle(Arc<Inbox>);

impl Writer {
    /// Begins writing to `store`. `tell` is told where its files are taken away meanwhile.
    ///
    /// # Errors
    /// Where there can be no thread.
    pub fn start(store: Store, tell: impl FnMut(Renewed) + Send + 'static) -> std::io::Result<Self> {
        let inbox = Arc::new(Inbox::default());
        write_without_checkpoints(&store).map_err(std::io::Error::other)?;
        let rest = inbox.clone();
        let checkpoints = Checkpointer::start(store.path(), move || rest.put(Job::Checkpoint))?;
        let mut desk = Desk {
            path: store.path().to_owned(),
            opened: store.place.standing(),
            store: Some(store),
            change: None,
            newest: 0,
            epoch: 0,
            is_suspect: false,
            tell: Box::new(tell),
            inbox: inbox.clone(),
            checkpoints,
            logged: 0,
            behind: 0,
            groups: [0; 2],
            patience: Duration::ZERO,
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || desk.work())?;
        Ok(Self {
            handle: WriterHandle(inbox),
            thread: Some(thread),
        })
    }

    /// A way to it.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.handle.0.put(Job::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl WriterHandle {
    /// Keeps a request; returns after the transaction that holds it is synced.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not kept.
    pub async fn keep(&self, recorded: Arc<Recorded>) -> Result<Kept, StoreError> {
        let (answer, kept) = oneshot::channel();
        let ended = || StoreError {
            path: Default::default(),
            problem: "it is closed".into(),
            retry: false,
        };
        self.0.put(Job::Keep(recorded, answer));
        kept.await.map_err(|_| ended())?
    }

    /// Records what came of a request's last delivery, soon.
    pub fn finish(&self, kept: &Kept, outcome: Outcome) {
        if let Some(delivery) = kept.deliveries.last() {
            self.0.put(Job::Finish(*delivery, kept.epoch, outcome));
        }
    }

    /// Records what a request was answered with, soon.
    pub fn answered(&self, kept: &Kept, status: u16) {
        self.0.put(Job::Answered(kept.id, kept.epoch, status));
    }
}

/// What the thread works with.
struct Desk {
    path: PathBuf,
    /// `None` after a failure that a new connection may mend.
    store: Option<Store>,
    /// Which files it was when it was opened last.
    opened: Option<Standing>,
    /// What was taken away of it, until that is told.
    change: Option<Change>,
    /// The newest capture that was kept.
    newest: i64,
    /// How many other stores were at this place before.
    epoch: u64,
    /// Whether a part of its file may be lost.
    is_suspect: bool,
    tell: Tell,
    inbox: Arc<Inbox>,
    checkpoints: Checkpointer,
    /// About how many bytes went into the log since it was last written back.
    logged: usize,
    /// About how many went into it before, since it began anew.
    behind: usize,
    /// How many requests the last groups held.
    groups: [usize; 2],
    /// How long a group may wait for half as many.
    patience: Duration,
}

impl Desk {
    fn work(&mut self) {
        loop {
            // Half of them: the others come while these are written.
            let expected = self.groups[0].max(self.groups[1]) / 2;
            let group = self.inbox.take(expected, self.patience);
            let last = group.iter().any(|job| matches!(job, Job::End));
            self.groups = [self.groups[1], kept(&group)];
            let begun = Instant::now();
            self.commit(group);
            self.patience = (begun.elapsed() / 2).min(PATIENCE);
            if last {
                return;
            }
        }
    }

    fn commit(&mut self, group: Vec<Job>) {
        let is_written_back = group.iter().any(|job| matches!(job, Job::Checkpoint));
        let mut outcome = self.write(&group);
        if outcome.as_ref().is_err_and(|error| !error.retry) {
            // A file that was put right again is seen by a new connection only.
            self.store = None;
            self.is_suspect = true;
        }
        match &mut outcome {
            Ok(kept) => {
                let mut kept = kept.drain(..);
                for job in group {
                    match job {
                        Job::Keep(recorded, answer) => {
                            self.logged += logged_bytes(&recorded);
                            // Who waits for the answer takes it over.
                            drop(recorded);
                            if let Some(kept) = kept.next() {
                                let _ = answer.send(Ok(kept));
                            }
                        }
                        Job::Finish(.., outcome) => {
                            let body = outcome.answer.as_ref().map_or(0, |answer| answer.body.len());
                            self.logged += ROW + body;
                        }
                        Job::Answered(..) => self.logged += ROW,
                        Job::Checkpoint | Job::End => {}
                    }
                }
                // The pages that every transaction changes.
                self.logged += 4 * PAGE;
            }
            Err(error) => {
                for job in group {
                    if let Job::Keep(_, answer) = job {
                        let _ = answer.send(Err(error.clone()));
                    }
                }
            }
        }
        if is_written_back && self.behind > RESTART {
            // What is kept stays kept without it.
            let done = self.store.as_ref().is_some_and(|store| checkpoint(store).is_ok());
            self.behind = if done { 0 } else { self.behind };
        }
        if self.logged > CHECKPOINT && self.checkpoints.ask() {
            self.behind += self.logged;
            self.logged = 0;
        }
    }

    fn write(&mut self, group: &[Job]) -> Result<Vec<Kept>, StoreError> {
        self.settle(None)?;
        for _ in 0..TRIES {
            let Some(store) = &mut self.store else { break };
            let written = write(store, group, self.epoch)?;
            let last = written.last().map(|kept| kept.id);
            // Files that were taken away in between took this with them.
            if self.settle(last)? {
                self.newest = last.unwrap_or(self.newest);
                return Ok(written);
            }
        }
        Err(StoreError {
            path: self.path.clone(),
            problem: "it is taken away again and again; name another with --store".into(),
            retry: false,
        })
    }

    /// Makes sure that the store is open with files that are in their place; says whether it holds `last`, which was
    /// written to it.
    fn settle(&mut self, last: Option<i64>) -> Result<bool, StoreError> {
        let mut is_kept = true;
        if let Some(store) = &self.store {
            match store.place.look(self.opened) {
                Ok(now) => self.opened = Some(now),
                Err(loss) => is_kept = self.meet(loss)?,
            }
        }
        if self.store.is_none() {
            let store = self.open()?;
            is_kept = is_kept && last.map_or(Ok(true), |last| Ok(store.next()? > last))?;
            self.store = Some(store);
        }
        Ok(is_kept)
    }

    /// Saves what can be saved, and lets go of the store where it has to be opened anew; says whether what was written to
    /// it may be there then.
    fn meet(&mut self, loss: Loss) -> Result<bool, StoreError> {
        let Some(store) = &self.store else { return Ok(true) };
        let mut change = None;
        match loss {
            // Where the file was moved, what is in its log belongs to it.
            Loss::File => {
                let _ = write_back(store);
                change = Some(Change::Removed);
            }
            Loss::Emptied => change = Some(Change::Emptied),
            Loss::Log => {
                let saved = write_back(store).is_ok_and(|whole| whole);
                change = Some(if saved { Change::LogRemoved } else { Change::LogLost });
            }
            Loss::Index => change = Some(Change::LogRemoved),
            Loss::Shorter if is_long_enough(store) => {
                self.opened = store.place.standing();
                return Ok(true);
            }
            // What is lost is seen when it is open again.
            Loss::ShorterLog | Loss::Shorter => self.is_suspect = true,
        }
        let cleared = store.place.clear(loss);
        cleared.map_err(|error| StoreError::io(&self.path, &error))?;
        // The log is as it is on the disk, and not as an old index has it.
        let keep_log = matches!(loss, Loss::Index | Loss::ShorterLog);
        self.checkpoints.let_go(keep_log);
        if let Some(store) = self.store.take().filter(|_| keep_log) {
            store.leave_log();
        }
        self.change = change.or(self.change);
        Ok(matches!(change, None | Some(Change::LogRemoved)))
    }

    /// Opens the store anew, and tells what is not as it was.
    fn open(&mut self) -> Result<Store, StoreError> {
        let store = Store::open(&self.path)?;
        write_without_checkpoints(&store)?;
        if self.is_suspect {
            store.look_through()?;
            self.is_suspect = false;
        }
        let (now, next) = (store.place.standing(), store.next()?);
        let is_same = |before: Standing| now.is_some_and(|now| now.is_same_file(&before));
        // A new file may have the number of one that is gone.
        let is_other = matches!(self.change, Some(Change::Removed | Change::Emptied));
        if !is_other && !self.opened.is_some_and(is_same) {
            self.change = Some(Change::Removed);
        } else if !is_other && next <= self.newest {
            self.change = Some(Change::LogLost);
        }
        self.opened = now;
        if let Some(change) = self.change.take() {
            if change != Change::LogRemoved {
                // Numbers that were given before may be given again.
                self.epoch += 1;
                self.newest = 0;
            }
            (self.tell)(Renewed {
                path: self.path.clone(),
                change,
                next,
            });
        }
        Ok(store)
    }
}

impl Drop for Desk {
    /// Nobody waits for an answer that will not come.
    fn drop(&mut self) {
        self.inbox.close();
    }
}

/// How many requests are in a group.
fn kept(group: &[Job]) -> usize {
    group.iter().filter(|job| matches!(job, Job::Keep(..))).count()
}

pub(super) fn write_without_checkpoints(store: &Store) -> Result<(), StoreError> {
    store
        .connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0")
        .map_err(store.wrong())
}

/// One transaction; gives what was kept, in order.
fn write(store: &mut Store, group: &[Job], epoch: u64) -> Result<Vec<Kept>, StoreError> {
    let written = store.write(|transaction, recent| {
        let mut insertion = Insertion::prepare(transaction)?;
        let mut all = Vec::with_capacity(group.len());
        for job in group {
            match job {
                Job::Keep(recorded, _) => all.push(Kept {
                    epoch,
                    ..insertion.add(recent, recorded)?
                }),
                // What was kept in another store has its number there.
                Job::Finish(delivery, own, outcome) if *own == epoch => {
                    insert::finish(transaction, *delivery, outcome)?
                }
                Job::Answered(capture, own, status) if *own == epoch => {
                    insert::answered(transaction, *capture, *status)?
                }
                Job::Finish(..) | Job::Answered(..) => {}
                Job::End => recent.settle_all(transaction)?,
                Job::Checkpoint => {}
            }
        }
        // Twice as many as came, so that they get fewer.
        recent.settle(transaction, 2 * all.len())?;
        Ok(all)
    });
    written.map_err(store.wrong())
}

pub(super) fn checkpoint(store: &Store) -> rusqlite::Result<()> {
    store
        .connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// About how much a request adds to the log.
fn logged_bytes(recorded: &Recorded) -> usize {
    recorded.message.body.len() + recorded.message.headers.packed().len() + ROW
}

/// Writes the log back into the file it belongs to, wherever both are by now; says whether all of it is there.
fn write_back(store: &Store) -> rusqlite::Result<bool> {
    store
        .connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        .map(|busy| busy == 0)
}

/// Whether the file holds every page of the store: one that lost some may have them in its log yet.
fn is_long_enough(store: &Store) -> bool {
    let number = |pragma| store.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let pages = number("PRAGMA page_count").and_then(|count| Ok(count.saturating_mul(number("PRAGMA page_size")?)));
    let at_hand = store.place.standing().map_or(0, |standing| standing.at_hand());
    pages.is_ok_and(|pages| pages.unsigned_abs() <= at_hand)
}

/// A thread that writes the log back into the file, beside those who wait for the writer, and says when it did: what it
/// leaves is short work for the writer, after which the log begins anew.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wanted: mpsc::SyncSender<()>,
    store: Arc<Mutex<Option<Store>>>,
}

impl Checkpointer {
    pub(super) fn start(path: &Path, done: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (sender, wanted) = mpsc::sync_channel(1);
        let path = path.to_owned();
        let store = Arc::new(Mutex::new(None));
        let held = store.clone();
        let work = move || {
            while wanted.recv().is_ok() {
                let mut held = lock(&held);
                if held.is_none() {
                    *held = Store::open(&path).ok();
                }
                // A failure is met by the writer too, who tells it.
                if held.as_ref().is_some_and(|store| checkpoint(store).is_ok()) {
                    done();
                }
            }
        };
        std::thread::Builder::new().name("checkpoint".into()).spawn(work)?;
        Ok(Self { wanted: sender, store })
    }

    /// Has the log written back soon; `false` where that was asked for already.
    pub(super) fn ask(&self) -> bool {
        self.wanted.try_send(()).is_ok()
    }

    /// Has it open the store anew for the next time, and leave the log as it is where that is wanted.
    fn let_go(&self, keep_log: bool) {
        if let Some(store) = lock(&self.store).take().filter(|_| keep_log) {
            store.leave_log();
        }
    }
}

fn lock(store: &Mutex<Option<Store>>) -> MutexGuard<'_, Option<Store>> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[tokio::test]
    async fn a_store_that_is_taken_away_is_made_anew() {
        let folder = std::env::temp_dir().join(format!("ckwh-writer-{}-{}", std::process::id(), fastrand::u64(..)));
        let path = folder.join("captures.db");
        let (tell, told) = mpsc::channel();
        let writer = Writer::start(Store::open(&path).unwrap(), move |renewed| drop(tell.send(renewed))).unwrap();
        let handle = writer.handle();
        let recorded = Arc::new(Recorded::new(Message::new("a")));
        assert_eq!(handle.keep(recorded.clone()).await.unwrap().id, 1);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(handle.keep(recorded).await.unwrap().id, 1);
        let renewed = told.try_recv().unwrap();
        assert_eq!((renewed.change, renewed.next), (Change::Removed, 1));
        assert!(Store::open(&path).unwrap().get(1).unwrap().is_some());
        drop(writer);
        assert!(
            handle
                .keep(Arc::new(Recorded::new(Message::new("late"))))
                .await
                .is_err()
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
