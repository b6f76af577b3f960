//! Group commit: one thread owns a connection, and one transaction holds what waits.
//!
//! A request is answered after the server said that its transaction is committed. Its number is had before, so that a
//! commit whose answer was lost with the connection is looked up by it, and not made twice.

use std::sync::Arc;
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
use super::thread::{BackOff, of_thread, runtime};
use crate::capture::{Outcome, Recorded};
use crate::queue::{Group, GroupQueue};
use crate::store::writer::Job;
use crate::store::{Kept, Location, StoreError, Writer};

/// How many captures one transaction holds at most.
const GROUP: usize = 512;
/// How many bytes of bodies one transaction holds, but for the last.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// The longest a group waits to be half as large as those before.
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
    let mut writer = GroupWriter {
        server: server.clone(),
        session: None,
        jobs: jobs.clone(),
        later: Vec::new(),
        away: None,
        notice: Notice::default(),
        groups: [0; 2],
        patience: Duration::ZERO,
    };
    let runtime = runtime(server)?;
    let location = Location::Postgres(Box::new(server.as_ref().clone()));
    Writer::start(&location, jobs, move || writer.work(&runtime)).map_err(|error| of_thread(server, &error))
}

/// A request that waits for its answer.
type Waiting = (Arc<Recorded>, oneshot::Sender<Result<Kept, StoreError>>);

/// What is recorded of a request after it was kept.
enum AfterKept {
    Finish(i64, u64, Outcome),
    Answered(i64, u64, u16),
}

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

struct GroupWriter {
    server: Arc<Server>,
    session: Option<Session>,
    jobs: Arc<GroupQueue<Job>>,
    /// What is to be recorded, and waits for the next transaction.
    later: Vec<AfterKept>,
    away: Option<Away>,
    notice: Notice,
    /// How many requests the last groups held.
    groups: [usize; 2],
    /// How long a group may wait for half as many.
    patience: Duration,
}

impl GroupWriter {
    fn work(&mut self, runtime: &Runtime) {
        loop {
            let wanted = Group {
                most: GROUP,
                bytes: GROUP_BYTES,
                // Half of them: the others come while these are written.
                expected: self.groups[0].max(self.groups[1]) / 2,
                patience: self.patience,
            };
            let group = match self.notice.owed() {
                None => self.jobs.take(&wanted),
                Some(time) => self.jobs.take_within(time, &wanted),
            };
            let is_last = group.is_empty() && self.jobs.is_over();
            let waiting = self.sort(group);
            self.groups = [self.groups[1], waiting.len()];
            let begun = Instant::now();
            runtime.block_on(async {
                self.commit(waiting).await;
                self.notify().await;
            });
            self.patience = (begun.elapsed() / 2).min(PATIENCE);
            if is_last {
                return;
            }
        }
    }

    /// The requests of a group; the rest of it is noted.
    fn sort(&mut self, group: Vec<Job>) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for job in group {
            match job {
                Job::Keep(recorded, answer) => waiting.push((recorded, answer)),
                Job::Finish(delivery, part, outcome) => self.later.push(AfterKept::Finish(delivery, part, outcome)),
                Job::Answered(capture, part, status) => self.later.push(AfterKept::Answered(capture, part, status)),
                Job::Maintain => {}
            }
        }
        // The oldest are unknown then, which counts as not delivered.
        let excess = self.later.len().saturating_sub(WAITING);
        self.later.drain(..excess);
        waiting
    }

    async fn commit(&mut self, waiting: Vec<Waiting>) {
        if waiting.is_empty() && self.later.is_empty() {
            return;
        }
        if let Some(away) = self.away.as_ref().filter(|away| Instant::now() < away.until) {
            for (_, answer) in waiting {
                let _ = answer.send(Err(away.error.clone()));
            }
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
                self.away = None;
                self.notice.is_owed |= !waiting.is_empty();
                for ((_, answer), kept) in waiting.into_iter().zip(kept) {
                    let _ = answer.send(kept);
                }
            }
            Err(error) => {
                if self.session.is_none() {
                    let mut back_off = self.away.take().map(|away| away.back_off).unwrap_or_default();
                    self.away = Some(Away {
                        error: error.clone(),
                        until: Instant::now() + back_off.next(),
                        back_off,
                    });
                }
                for (_, answer) in waiting {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Tells those who watch, where it is time for it. What is not told is found by those who look.
    async fn notify(&mut self) {
        if self.notice.owed() != Some(Duration::ZERO) {
            return;
        }
        self.notice = Notice {
            is_owed: false,
            last: Some(Instant::now()),
        };
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

impl Drop for GroupWriter {
    /// Nobody waits for an answer that will not come.
    fn drop(&mut self) {
        self.jobs.abandon();
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
