//! Group commit: one thread owns the connection that writes, and one transaction holds what waits.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Database;
use super::checkpoint::{CHECKPOINT, Checkpointer, checkpoint, write_back, write_without_checkpoints};
use super::insert::{self, Insertion};
use super::place::{Loss, Standing};
use super::schema::PAGE;
use crate::capture::Recorded;
use crate::queue::{Group, GroupQueue};
use crate::store::writer::{Job, Tell};
use crate::store::{Change, Kept, Renewed, StoreError, Writer};

/// How many captures one transaction holds at most.
const GROUP: usize = 512;
/// How many bytes of bodies one transaction holds, but for the last.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// The longest a group waits to be half as large as those before: a group of few costs a sync as one of many.
const PATIENCE: Duration = Duration::from_millis(5);
/// The writer itself finishes a checkpoint, so that the log begins anew, after about so many bytes: answers wait
/// meanwhile.
const RESTART: usize = 2 * CHECKPOINT;
/// How often a group is written whose store is taken away meanwhile.
const TRIES: usize = 3;
/// What a capture takes beside its headers and its body, in bytes.
const ROW: usize = 512;

/// Begins to keep what arrives in `database`.
pub fn start(database: Database, tell: Tell) -> io::Result<Writer> {
    let jobs = Arc::new(GroupQueue::default());
    write_without_checkpoints(&database).map_err(io::Error::other)?;
    let written_back = Arc::new(AtomicBool::new(false));
    let (done, rest) = (written_back.clone(), jobs.clone());
    let checkpoints = Checkpointer::start(database.path(), move || {
        done.store(true, Ordering::Relaxed);
        let _ = rest.put(Job::Maintain, 0);
    })?;
    let location = database.path().into();
    let mut writer = GroupWriter {
        path: database.path().to_owned(),
        opened: database.place.standing(),
        database: Some(database),
        change: None,
        newest: 0,
        epoch: 0,
        is_suspect: false,
        tell,
        jobs: jobs.clone(),
        checkpoints,
        written_back,
        logged: 0,
        behind: 0,
        groups: [0; 2],
        patience: Duration::ZERO,
    };
    Writer::start(&location, jobs, move || writer.work())
}

/// What the thread works with.
struct GroupWriter {
    path: PathBuf,
    /// `None` after a failure that a new connection may mend.
    database: Option<Database>,
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
    jobs: Arc<GroupQueue<Job>>,
    checkpoints: Checkpointer,
    /// The checkpointing thread has done what it could.
    written_back: Arc<AtomicBool>,
    /// About how many bytes went into the log since it was last written back.
    logged: usize,
    /// About how many went into it before, since it began anew.
    behind: usize,
    /// How many requests the last groups held.
    groups: [usize; 2],
    /// How long a group may wait for half as many.
    patience: Duration,
}

impl GroupWriter {
    fn work(&mut self) {
        loop {
            let group = self.jobs.take(&Group {
                most: GROUP,
                bytes: GROUP_BYTES,
                // Half of them: the others come while these are written.
                expected: self.groups[0].max(self.groups[1]) / 2,
                patience: self.patience,
            });
            // The queue is closed and empty: what is held in memory goes into the file.
            let is_last = group.is_empty();
            self.groups = [self.groups[1], kept(&group)];
            let begun = Instant::now();
            self.commit(group, is_last);
            self.patience = (begun.elapsed() / 2).min(PATIENCE);
            if is_last {
                return;
            }
        }
    }

    fn commit(&mut self, group: Vec<Job>, is_last: bool) {
        let mut outcome = self.write(&group, is_last);
        if outcome.as_ref().is_err_and(|error| !error.retry) {
            // A file that was put right again is seen by a new connection only.
            self.database = None;
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
                        Job::Maintain => {}
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
        if self.written_back.swap(false, Ordering::Relaxed) && self.behind > RESTART {
            // What is kept stays kept without it.
            let done = self
                .database
                .as_ref()
                .is_some_and(|database| checkpoint(database).is_ok());
            self.behind = if done { 0 } else { self.behind };
        }
        if self.logged > CHECKPOINT && self.checkpoints.ask() {
            self.behind += self.logged;
            self.logged = 0;
        }
    }

    fn write(&mut self, group: &[Job], is_last: bool) -> Result<Vec<Kept>, StoreError> {
        self.settle(None)?;
        for _ in 0..TRIES {
            let Some(database) = &mut self.database else { break };
            let written = write(database, group, self.epoch, is_last)?;
            let last = written.last().map(|kept| kept.id);
            // Files that were taken away in between took this with them.
            if self.settle(last)? {
                self.newest = last.unwrap_or(self.newest);
                return Ok(written);
            }
        }
        Err(StoreError::refused(
            self.path.as_path(),
            "it is taken away again and again; name another with --store",
        ))
    }

    /// Makes sure that the store is open with files that are in their place; says whether it holds `last`, which was
    /// written to it.
    fn settle(&mut self, last: Option<i64>) -> Result<bool, StoreError> {
        let mut is_kept = true;
        if let Some(database) = &self.database {
            match database.place.look(self.opened) {
                Ok(now) => self.opened = Some(now),
                Err(loss) => is_kept = self.meet(loss)?,
            }
        }
        if self.database.is_none() {
            let database = self.open()?;
            is_kept = is_kept && last.map_or(Ok(true), |last| Ok(database.next()? > last))?;
            self.database = Some(database);
        }
        Ok(is_kept)
    }

    /// Saves what can be saved, and lets go of the store where it has to be opened anew; says whether what was written to
    /// it may be there then.
    fn meet(&mut self, loss: Loss) -> Result<bool, StoreError> {
        let Some(database) = &self.database else {
            return Ok(true);
        };
        let mut change = None;
        match loss {
            // Where the file was moved, what is in its log belongs to it.
            Loss::File => {
                let _ = write_back(database);
                change = Some(Change::Removed);
            }
            Loss::Emptied => change = Some(Change::Emptied),
            Loss::Log => {
                let saved = write_back(database).is_ok_and(|whole| whole);
                change = Some(if saved { Change::LogRemoved } else { Change::LogLost });
            }
            Loss::Index => change = Some(Change::LogRemoved),
            Loss::Shorter if is_long_enough(database) => {
                self.opened = database.place.standing();
                return Ok(true);
            }
            // What is lost is seen when it is open again.
            Loss::ShorterLog | Loss::Shorter => self.is_suspect = true,
        }
        let cleared = database.place.clear(loss);
        cleared.map_err(|error| StoreError::io(&self.path, &error))?;
        // The log is as it is on the disk, and not as an old index has it.
        let keep_log = matches!(loss, Loss::Index | Loss::ShorterLog);
        self.checkpoints.let_go(keep_log);
        if let Some(database) = self.database.take().filter(|_| keep_log) {
            database.leave_log();
        }
        self.change = change.or(self.change);
        Ok(matches!(change, None | Some(Change::LogRemoved)))
    }

    /// Opens the store anew, and tells what is not as it was.
    fn open(&mut self) -> Result<Database, StoreError> {
        let database = Database::open(&self.path)?;
        write_without_checkpoints(&database)?;
        if self.is_suspect {
            database.look_through()?;
            self.is_suspect = false;
        }
        let (now, next) = (database.place.standing(), database.next()?);
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
                store: self.path.as_path().into(),
                change,
                next,
            });
        }
        Ok(database)
    }
}

impl Drop for GroupWriter {
    /// Nobody waits for an answer that will not come.
    fn drop(&mut self) {
        self.jobs.abandon();
    }
}

/// How many requests are in a group.
fn kept(group: &[Job]) -> usize {
    group.iter().filter(|job| matches!(job, Job::Keep(..))).count()
}

/// One transaction; gives what was kept, in order.
fn write(database: &mut Database, group: &[Job], epoch: u64, is_last: bool) -> Result<Vec<Kept>, StoreError> {
    let written = database.write(|transaction, recent| {
        let mut insertion = Insertion::prepare(transaction)?;
        let mut all = Vec::with_capacity(group.len());
        for job in group {
            match job {
                Job::Keep(recorded, _) => all.push(Kept {
                    part: epoch,
                    ..insertion.add(recent, recorded)?
                }),
                // What was kept in another store has its number there.
                Job::Finish(delivery, own, outcome) if *own == epoch => {
                    insert::finish(transaction, *delivery, outcome)?
                }
                Job::Answered(capture, own, status) if *own == epoch => {
                    insert::answered(transaction, *capture, *status)?
                }
                Job::Finish(..) | Job::Answered(..) | Job::Maintain => {}
            }
        }
        if is_last {
            recent.settle_all(transaction)?;
        }
        // Indexes twice as many as arrived, so that the backlog shrinks.
        recent.settle(transaction, 2 * all.len())?;
        Ok(all)
    });
    written.map_err(database.wrong())
}

/// About how much a request adds to the log.
fn logged_bytes(recorded: &Recorded) -> usize {
    recorded.message.body.len() + recorded.message.headers.packed().len() + ROW
}

/// Whether the file holds every page of the store: one that lost some may have them in its log yet.
fn is_long_enough(database: &Database) -> bool {
    let number = |pragma| database.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let pages = number("PRAGMA page_count").and_then(|count| Ok(count.saturating_mul(number("PRAGMA page_size")?)));
    let at_hand = database.place.standing().map_or(0, |standing| standing.at_hand());
    pages.is_ok_and(|pages| pages.unsigned_abs() <= at_hand)
}
