//! Group commit: a thread takes what waits in groups, and hands each to a lane that is free. A lane is a thread with a
//! connection of its own, and one transaction holds a group: while one is on its way to the disk, the next is written.
//!
//! A request is answered after the server said that its transaction is committed. Its number is had before, so that a
//! commit whose answer was lost with the connection is looked up by it, and not made twice. Of requests that are on their
//! way together any may get the smaller number, as where several processes write.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_postgres::Error;

use super::Server;
use super::days::{from_number, number};
use super::error::{Fault, fault, refused, told};
use super::insert::{Later, Numbered};
use super::session::Session;
use super::thread::{BackOff, of_thread, spawn};
use crate::capture::{Outcome, Recorded};
use crate::queue::{Group, GroupQueue};
use crate::store::writer::Job;
use crate::store::{Kept, Location, StoreError, Writer};

/// How many transactions are on their way at once.
const LANES: usize = 2;
/// How many captures one transaction holds at most.
const GROUP: usize = 512;
/// How many bytes of bodies one transaction holds, but for the last.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// The longest a group waits to be nearly as large as those before.
const PATIENCE: Duration = Duration::from_millis(5);
/// How long a group may take: a sender does not wait longer for its answer.
const LONGEST: Duration = Duration::from_secs(15);
/// How many outcomes wait for a server that is away.
const WAITING: usize = 64 * 1024;
/// How long between two notices, at least.
const NOTICE: Duration = Duration::from_millis(100);
/// How often a group is written anew where the connection or a day is lost meanwhile.
const TRIES: usize = 3;

/// Begins to keep what arrives.
pub fn start(server: &Arc<Server>) -> Result<Writer, StoreError> {
    let jobs = Arc::new(GroupQueue::default());
    let shared = Arc::new(Shared::default());
    let (free, freed) = mpsc::channel();
    let lanes = (0..LANES).map(|index| {
        let (groups, work) = mpsc::sync_channel(1);
        let lane = Lane {
            server: server.clone(),
            session: None,
            later: Vec::new(),
            shared: shared.clone(),
        };
        let free = free.clone();
        let thread = spawn("store", server, move |runtime| lane.work(index, &runtime, &work, &free))?;
        Ok((groups, thread))
    });
    let mut writer = GroupWriter {
        jobs: jobs.clone(),
        lanes: lanes.collect::<Result<_, StoreError>>()?,
        freed,
        shared,
        groups: [0; 2],
        patience: Duration::ZERO,
    };
    let location = Location::Postgres(Box::new(server.as_ref().clone()));
    Writer::start(&location, jobs, move || writer.work()).map_err(|error| of_thread(server, &error))
}

/// A request that waits for its answer.
type Waiting = (Arc<Recorded>, oneshot::Sender<Result<Kept, StoreError>>);

/// What is recorded of a request after it was kept.
enum AfterKept {
    Finish(i64, u64, Outcome),
    Answered(i64, u64, u16),
}

/// What one transaction is to hold.
#[derive(Default)]
struct Work {
    waiting: Vec<Waiting>,
    later: Vec<AfterKept>,
}

/// A lane that is free, and how long its last group took.
type Free = (usize, Duration);

/// A server that is away: what it said, and until when it is not asked again.
struct Away {
    error: StoreError,
    until: Instant,
    back_off: BackOff,
}

/// Whether those who watch are to be told, and when they were last.
#[derive(Default)]
struct Notice {
    is_owed: bool,
    last: Option<Instant>,
}

impl Notice {
    /// After how long it is time to tell; `None` where there is nothing to tell.
    fn owed(&self) -> Option<Duration> {
        let since = self.last.map_or(NOTICE, |last| last.elapsed());
        self.is_owed.then(|| NOTICE.saturating_sub(since))
    }
}

/// What the lanes know together.
#[derive(Default)]
struct Shared {
    away: Mutex<Option<Away>>,
    notice: Mutex<Notice>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes groups, and hands them to the lanes.
struct GroupWriter {
    jobs: Arc<GroupQueue<Job>>,
    lanes: Vec<(SyncSender<Work>, JoinHandle<()>)>,
    freed: Receiver<Free>,
    shared: Arc<Shared>,
    /// How many requests the last groups held.
    groups: [usize; 2],
    /// How long a group may wait for so many.
    patience: Duration,
}

impl GroupWriter {
    fn work(&mut self) {
        while let Ok((lane, took)) = self.freed.recv() {
            self.patience = (took / 2).min(PATIENCE);
            let wanted = Group {
                most: GROUP,
                bytes: GROUP_BYTES,
                // Three quarters of them: the others come while these are written.
                expected: self.groups[0].max(self.groups[1]) * 3 / 4,
                patience: self.patience,
            };
            let owed = lock(&self.shared.notice).owed();
            let group = match owed {
                None => self.jobs.take(&wanted),
                Some(time) => self.jobs.take_within(time, &wanted),
            };
            let is_last = group.is_empty() && self.jobs.is_over();
            let work = sorted(group);
            self.groups = [self.groups[1], work.waiting.len()];
            // What a lane that is gone does not take is not answered.
            let _ = self.lanes[lane].0.send(work);
            if is_last {
                return;
            }
        }
    }
}

impl Drop for GroupWriter {
    /// The lanes end what they have, and nobody waits for an answer that will not come.
    fn drop(&mut self) {
        for (groups, thread) in self.lanes.drain(..) {
            drop(groups);
            let _ = thread.join();
        }
        self.jobs.abandon();
    }
}

/// The requests of a group, and what is recorded of others.
fn sorted(group: Vec<Job>) -> Work {
    let mut work = Work::default();
    for job in group {
        match job {
            Job::Keep(recorded, answer) => work.waiting.push((recorded, answer)),
            Job::Finish(delivery, part, outcome) => work.later.push(AfterKept::Finish(delivery, part, outcome)),
            Job::Answered(capture, part, status) => work.later.push(AfterKept::Answered(capture, part, status)),
            Job::Maintain => {}
        }
    }
    work
}

/// Writes groups over a connection of its own.
struct Lane {
    server: Arc<Server>,
    session: Option<Session>,
    /// What is to be recorded, and waits for the next transaction.
    later: Vec<AfterKept>,
    shared: Arc<Shared>,
}

impl Lane {
    /// The first takes groups from the beginning. The others do once they have a connection: where the server has no more
    /// of them, no group waits for one.
    fn work(mut self, index: usize, runtime: &Runtime, work: &Receiver<Work>, free: &Sender<Free>) {
        if index > 0 && !self.connect(runtime, work) {
            return;
        }
        let mut took = Duration::ZERO;
        while free.send((index, took)).is_ok()
            && let Ok(group) = work.recv()
        {
            let begun = Instant::now();
            self.later.extend(group.later);
            // The oldest are unknown then, which counts as not delivered.
            let excess = self.later.len().saturating_sub(WAITING);
            self.later.drain(..excess);
            runtime.block_on(async {
                self.commit(group.waiting).await;
                self.notify().await;
            });
            took = begun.elapsed();
        }
        runtime.block_on(self.commit(Vec::new()));
    }

    /// Whether there is a connection; not where all ended before there was one.
    fn connect(&mut self, runtime: &Runtime, work: &Receiver<Work>) -> bool {
        let mut back_off = BackOff::default();
        loop {
            if let Ok(session) = runtime.block_on(Session::open(&self.server))
                && session.check_durable().is_ok()
            {
                self.session = Some(session);
                return true;
            }
            let Err(RecvTimeoutError::Timeout) = work.recv_timeout(back_off.next()) else {
                return false;
            };
        }
    }

    async fn commit(&mut self, waiting: Vec<Waiting>) {
        if waiting.is_empty() && self.later.is_empty() {
            return;
        }
        let away = lock(&self.shared.away)
            .as_ref()
            .filter(|away| Instant::now() < away.until)
            .map(|away| away.error.clone());
        if let Some(error) = away {
            refuse(waiting, &error);
            return;
        }
        let requests: Vec<&Recorded> = waiting.iter().map(|(recorded, _)| recorded.as_ref()).collect();
        let written = match timeout(LONGEST, self.write(&requests)).await {
            Ok(written) => written,
            Err(_) => {
                self.session = None;
                let problem = format!("it did not answer within {} s", LONGEST.as_secs());
                Err(refused(&self.server, problem))
            }
        };
        match written {
            Ok(kept) => {
                *lock(&self.shared.away) = None;
                lock(&self.shared.notice).is_owed |= !waiting.is_empty();
                for ((_, answer), kept) in waiting.into_iter().zip(kept) {
                    let _ = answer.send(kept);
                }
            }
            Err(error) => {
                if self.session.is_none() {
                    let mut away = lock(&self.shared.away);
                    let mut back_off = away.take().map(|away| away.back_off).unwrap_or_default();
                    *away = Some(Away {
                        error: error.clone(),
                        until: Instant::now() + back_off.next(),
                        back_off,
                    });
                }
                refuse(waiting, &error);
            }
        }
    }

    /// Tells those who watch, where it is time for it. What is not told is found by those who look.
    async fn notify(&mut self) {
        {
            let mut notice = lock(&self.shared.notice);
            if notice.owed() != Some(Duration::ZERO) {
                return;
            }
            *notice = Notice {
                is_owed: false,
                last: Some(Instant::now()),
            };
        }
        if let Some(session) = &self.session {
            let notify = format!("NOTIFY \"{}\"", self.server.schema);
            let _ = timeout(LONGEST, session.client.batch_execute(&notify)).await;
        }
    }

    /// Writes a group; where one of several can't be kept, each alone.
    async fn write(&mut self, requests: &[&Recorded]) -> Result<Vec<Result<Kept, StoreError>>, StoreError> {
        match self.write_whole(requests).await {
            Ok(kept) => Ok(kept.into_iter().map(Ok).collect()),
            Err(error) if requests.len() > 1 && self.session.is_some() && !error.passes => {
                let mut all = Vec::with_capacity(requests.len());
                for one in requests {
                    let kept = self.write_whole(&[one]).await;
                    all.push(kept.and_then(|mut kept| kept.pop().ok_or_else(|| error.clone())));
                }
                Ok(all)
            }
            Err(error) => Err(error),
        }
    }

    /// One transaction. A connection that was lost is made once more: what had its numbers before is looked up by them.
    async fn write_whole(&mut self, requests: &[&Recorded]) -> Result<Vec<Kept>, StoreError> {
        let mut numbered: Vec<Numbered<'_>> = Vec::new();
        let mut last = None;
        for _ in 0..TRIES {
            let mut session = match self.session.take().filter(|session| !session.is_closed()) {
                Some(session) => session,
                None => {
                    let session = Session::open(&self.server).await?;
                    session.check_durable()?;
                    session
                }
            };
            let tried = write(&mut session, requests, &mut numbered, &self.later).await;
            let error = match tried {
                Ok(duplicates) => {
                    self.later.clear();
                    self.session = Some(session);
                    return Ok(kept(&numbered, duplicates));
                }
                Err(error) => error,
            };
            last = Some(told(&self.server, &error));
            match fault(&error) {
                Fault::Connection => {}
                Fault::NoDay | Fault::Twice => {
                    session.days.clear();
                    self.session = Some(session);
                }
                // What can't be recorded must not keep the others out: it stays unknown.
                Fault::Statement if !self.later.is_empty() => {
                    self.later.clear();
                    self.session = Some(session);
                }
                Fault::Statement => {
                    self.session = Some(session);
                    break;
                }
            }
        }
        Err(last.unwrap_or_else(|| refused(&self.server, "it can't be written to")))
    }
}

fn refuse(waiting: Vec<Waiting>, error: &StoreError) {
    for (_, answer) in waiting {
        let _ = answer.send(Err(error.clone()));
    }
}

/// Writes requests that have their numbers, or gets them; gives of which capture each is a duplicate.
async fn write<'r>(
    session: &mut Session,
    requests: &[&'r Recorded],
    numbered: &mut Vec<Numbered<'r>>,
    later: &[AfterKept],
) -> Result<Vec<Option<i64>>, Error> {
    let is_again = !numbered.is_empty();
    if !is_again && !requests.is_empty() {
        *numbered = session.number(requests, true).await?;
    }
    let mut all = Later::default();
    for one in later {
        match one {
            AfterKept::Finish(delivery, part, outcome) => all.finished.push((*delivery, from_number(*part), outcome)),
            AfterKept::Answered(capture, part, status) => all.answered.push((*capture, from_number(*part), *status)),
        }
    }
    if is_again && let Some(duplicates) = session.found(numbered).await? {
        session.insert(&[], &all).await?;
        return Ok(duplicates);
    }
    session.make_days(numbered.iter().map(|one| one.day)).await?;
    session.insert(numbered, &all).await
}

fn kept(numbered: &[Numbered<'_>], duplicates: Vec<Option<i64>>) -> Vec<Kept> {
    let kept = numbered.iter().zip(duplicates);
    kept.map(|(one, duplicate_of)| Kept {
        id: one.id,
        duplicate_of,
        deliveries: one.deliveries.clone(),
        part: number(one.day),
    })
    .collect()
}
