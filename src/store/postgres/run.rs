//! Runs and what came of their requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::Server;
use super::days::REST;
use super::error::{Fault, fault, refused, told};
use super::insert::Outcomes;
use super::items::{MARK, NEXT_OF};
use super::session::Session;
use super::text::{kept, read};
use super::thread::{patiently, spawn};
use crate::capture::DeliveryKind;
use crate::store::copy::in_years;
use crate::store::run::WriteOutcomes;
use crate::store::word::word;
use crate::store::{Answered, DeliveryQuery, Ended, NewRun, Numbers, OrderKey, Run, RunDelivery, StoreError};

macro_rules! run_columns {
    () => {
        "id, started_at, target, plan, digest, last_capture, last_delivery, finished, planned"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO run (started_at, target, plan, digest, planned, last_capture, last_delivery, finished) \
     SELECT now(), $1, $2, $3, $4, (SELECT coalesce(max(id), 0) FROM number), \
     CASE WHEN is_called THEN last_value ELSE 0 END, false FROM delivery_number RETURNING ",
    run_columns!()
);
const SELECT: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM run WHERE id = $1 OR $1 IS NULL AND NOT finished ORDER BY id DESC LIMIT 1"
);
const NEWEST: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM run WHERE id < $1 ORDER BY id DESC LIMIT $2"
);
const DELIVERIES: &str = "SELECT id, capture, record, turn, target, at, attempts, status, duration, failure, holds FROM delivery \
    WHERE run = $1 AND id > $2 ORDER BY id LIMIT 1000";
const FINISH: &str = "UPDATE run SET finished = true WHERE id = $1";
const ANSWERED: &str = "SELECT DISTINCT turn, record FROM delivery \
    WHERE run = $1 AND status IS NOT NULL AND NOT holds ORDER BY turn, record";
const LAST_TO: &str = "SELECT q.n, d.delivered FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) \
    WITH ORDINALITY AS q (n, capture, url, other, place) JOIN number n ON n.id = q.capture CROSS JOIN LATERAL \
    (SELECT finished AND coalesce(status BETWEEN 200 AND 299, false) AND failure IS NULL AS delivered FROM delivery \
    WHERE delivery.capture = q.capture AND delivery.day = n.day AND delivery.target IN (q.url, q.other) \
    AND delivery.id <= $5 ORDER BY delivery.id DESC LIMIT 1) d ORDER BY q.place";
const OUTCOMES: &str = "INSERT INTO delivery (id, day, capture, kind, target, at, finished, run, record, turn, attempts, \
    status, duration, failure, server, answer_headers, answer_body, answer_truncated, holds) \
    SELECT o.id, coalesce(n.day, $1), CASE WHEN n.day IS NULL THEN 0 ELSE o.capture END, $2, \
    o.target, o.at, true, $3, o.record, o.turn, o.attempts, o.status, o.duration, o.failure, o.server, o.headers, o.body, \
    o.truncated, o.holds \
    FROM unnest($4::bigint[], $5::text[], $6::timestamptz[], $7::bigint[], $8::integer[], $9::integer[], $10::integer[], \
    $11::bigint[], $12::text[], $13::text[], $14::bytea[], $15::bytea[], $16::boolean[], $17::bigint[], $18::boolean[]) \
    AS o (capture, target, at, record, turn, attempts, status, duration, failure, server, headers, body, truncated, id, \
    holds) \
    LEFT JOIN number n ON n.id = o.capture ON CONFLICT (id, day) DO NOTHING";
const NUMBERS: &str = "SELECT nextval('delivery_number') FROM generate_series(1, $1::bigint)";

/// Holds a run: a connection of its own that has the lock, until it is dropped or the process ends.
#[derive(Debug)]
pub struct RunLock {
    #[expect(dead_code, reason = "the thread ends when it is dropped")]
    end: oneshot::Sender<()>,
}

impl Session {
    /// Records that a run begins.
    pub async fn begin_run(&mut self, new: &NewRun) -> Result<Run, StoreError> {
        self.check_writable()?;
        let digest = new.digest.as_ref().map(<[u8; 32]>::as_slice);
        let planned = new.planned.as_ref().map(Numbers::to_text);
        let (target, plan) = (kept(&new.target), kept(&new.plan));
        let begun = self
            .whole(async |session| {
                let row = session.row(INSERT, &[&target, &plan, &digest, &planned]).await?;
                let row = row.ok_or_else(|| refused(&session.server, "it gave no number for a run"))?;
                let id: i64 = row.get(0);
                session.put_items(id, new).await?;
                Ok(row)
            })
            .await?;
        self.read_run(&begun)
    }

    /// The run of that number; without one, the newest that is not finished.
    pub async fn run(&mut self, id: Option<i64>) -> Result<Option<Run>, StoreError> {
        let row = self.row(SELECT, &[&id]).await?;
        row.map(|row| self.read_run(&row)).transpose()
    }

    /// The newest runs before one, the newest first.
    pub async fn runs(&mut self, before: i64, most: i64) -> Result<Vec<Run>, StoreError> {
        let rows = self.rows(NEWEST, &[&before, &most]).await?;
        rows.iter().map(|row| self.read_run(row)).collect()
    }

    /// The first deliveries of a run behind one.
    pub async fn run_deliveries(&mut self, run: i64, after: i64) -> Result<Vec<RunDelivery>, StoreError> {
        let rows = self.rows(DELIVERIES, &[&run, &after]).await?;
        let read = rows.iter().map(delivery).collect::<Result<_, _>>();
        read.map_err(|error| told(&self.server, &error))
    }

    fn read_run(&self, row: &Row) -> Result<Run, StoreError> {
        let planned: Option<String> = row.get(8);
        let planned = planned
            .map(|text| Numbers::parse(&text).ok_or_else(|| refused(&self.server, "a run's plan is damaged")))
            .transpose()?;
        Ok(Run {
            id: row.get(0),
            started_at: row.get(1),
            target: read(row.get(2)),
            plan: read(row.get(3)),
            digest: row.get(4),
            last_capture: row.get(5),
            last_delivery: row.get(6),
            finished: row.get(7),
            planned,
        })
    }

    /// Records that every request of a run had its turn.
    pub async fn finish_run(&mut self, id: i64) -> Result<(), StoreError> {
        self.change(FINISH, &[&id]).await.map(drop)
    }

    /// The requests of a run that were answered.
    pub async fn answered(&mut self, run: i64) -> Result<Answered, StoreError> {
        let mut turns: BTreeMap<u32, Numbers> = BTreeMap::new();
        for row in self.rows(ANSWERED, &[&run]).await? {
            let turn = u32::try_from(row.get::<_, i32>(0)).unwrap_or_default();
            turns.entry(turn).or_default().push(row.get(1));
        }
        Ok(Answered(turns))
    }

    /// For each query whether the last delivery, up to the delivery `last`, got a 2xx; `None` where there is none.
    pub async fn last_deliveries(
        &mut self,
        queries: &[DeliveryQuery],
        last: i64,
    ) -> Result<Vec<Option<bool>>, StoreError> {
        let (mut numbers, mut captures) = (Vec::new(), Vec::new());
        let (mut urls, mut others) = (Vec::new(), Vec::new());
        for (number, query) in queries.iter().enumerate() {
            for [url, other] in &query.urls {
                numbers.push(number as i64);
                captures.push(query.capture);
                urls.push(kept(url));
                others.push(kept(other));
            }
        }
        let rows = self
            .rows(LAST_TO, &[&numbers, &captures, &urls, &others, &last])
            .await?;
        let mut delivered = vec![None; queries.len()];
        for row in rows {
            let number = usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX);
            if let Some(slot @ None) = delivered.get_mut(number) {
                *slot = Some(row.get(1));
            }
        }
        Ok(delivered)
    }

    /// So many numbers for what came of requests.
    async fn outcome_numbers(&mut self, count: usize) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(NUMBERS, &[&(count as i64)]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Adds what came of requests; what is there already, from a time that was not answered, stays.
    async fn write_outcomes(&mut self, run: i64, group: &[Ended], numbers: &[i64]) -> Result<(), Error> {
        let statement = self.statement(OUTCOMES).await?;
        let kind = word(DeliveryKind::Replay);
        let mut outcomes = Outcomes::default();
        let mut targets = Vec::new();
        let (mut captures, mut times, mut records): (Vec<i64>, Vec<Timestamp>, Vec<i64>) = Default::default();
        let (mut turns, mut attempts): (Vec<i32>, Vec<i32>) = Default::default();
        for ended in group {
            captures.push(ended.capture.unwrap_or(0));
            targets.push(kept(&ended.target));
            times.push(in_years(self.servers(ended.at)));
            records.push(ended.record);
            turns.push(i32::try_from(ended.turn).unwrap_or(i32::MAX));
            attempts.push(i32::try_from(ended.attempts).unwrap_or(i32::MAX));
            outcomes.push(Some(&ended.outcome));
        }
        let workers: Vec<i64> = group.iter().map(|ended| ended.worker.unwrap_or(0)).collect();
        let holds: Vec<bool> = group.iter().map(|ended| ended.holds).collect();
        let keys: Vec<&[u8]> = group
            .iter()
            .filter_map(|ended| ended.key.as_ref().map(OrderKey::bytes))
            .collect();
        let marks: [&(dyn ToSql + Sync); 7] = [&run, &turns, &records, &workers, &outcomes.status, &attempts, &holds];
        let rest: Date = REST;
        let values: [&(dyn ToSql + Sync); 18] = [
            &rest,
            &kind,
            &run,
            &captures,
            &targets,
            &times,
            &records,
            &turns,
            &attempts,
            &outcomes.status,
            &outcomes.duration,
            &outcomes.failure,
            &outcomes.server,
            &outcomes.headers,
            &outcomes.body,
            &outcomes.truncated,
            &numbers,
            &holds,
        ];
        if workers.iter().all(|worker| *worker == 0) {
            return self.client.execute(&statement, &values).await.map(drop);
        }
        let mark = self.statement(MARK).await?;
        let next = self.statement(NEXT_OF).await?;
        let client = &self.client;
        let follow: [&(dyn ToSql + Sync); 2] = [&run, &keys];
        let let_next = async {
            match keys.is_empty() {
                true => Ok(0),
                false => client.execute(&next, &follow).await,
            }
        };
        let (begin, written, marked, followed, commit) = tokio::join!(
            client.batch_execute("BEGIN"),
            client.execute(&statement, &values),
            client.execute(&mark, &marks),
            let_next,
            client.batch_execute("COMMIT"),
        );
        let done = written.and(marked).and(followed).map(drop);
        done.and(begin).and(commit)
    }
}

fn delivery(row: &Row) -> Result<RunDelivery, Error> {
    let whole = |number: i32| u32::try_from(number).unwrap_or_default();
    let duration: Option<i64> = row.try_get(8)?;
    Ok(RunDelivery {
        id: row.try_get(0)?,
        capture: Some(row.try_get(1)?).filter(|capture| *capture != 0),
        record: row.try_get::<_, Option<i64>>(2)?.unwrap_or_default(),
        turn: row.try_get::<_, Option<i32>>(3)?.map_or(0, whole),
        target: read(row.try_get(4)?),
        at: row.try_get(5)?,
        attempts: row.try_get::<_, Option<i32>>(6)?.map_or(1, whole),
        status: row
            .try_get::<_, Option<i32>>(7)?
            .and_then(|status| u16::try_from(status).ok()),
        duration: Duration::from_micros(duration.unwrap_or_default().unsigned_abs()),
        failure: row.try_get::<_, Option<String>>(9)?.map(read),
        holds: row.try_get(10)?,
    })
}

impl RunLock {
    /// Holds a run, over a connection of its own.
    pub async fn take(server: Arc<Server>, run: i64) -> Result<Self, StoreError> {
        let (end, ended) = oneshot::channel::<()>();
        let (answer, answered) = oneshot::channel();
        let own = server.clone();
        let work = move |runtime: Runtime| {
            runtime.block_on(async move {
                let held = hold(&own, run).await;
                let is_held = held.is_ok();
                let (held, outcome) = match held {
                    Ok(session) => (Some(session), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                let _ = answer.send(outcome);
                if is_held {
                    let _ = ended.await;
                }
                drop(held);
            });
        };
        spawn("run", &server, work)?;
        answered
            .await
            .map_err(|_| refused(&server, "it is closed"))?
            .map(|()| Self { end })
    }
}

/// A connection that has the run's lock.
async fn hold(server: &Server, run: i64) -> Result<Session, StoreError> {
    const LOCK: &str = "SELECT pg_try_advisory_lock(hashtext('ckwh run ' || current_schema()), $1::integer)";
    let mut session = Session::open(server).await?;
    session.check_writable()?;
    let number = i32::try_from(run).unwrap_or(i32::MAX);
    let row = session.row(LOCK, &[&number]).await?;
    match row.is_some_and(|row| row.get(0)) {
        true => Ok(session),
        false => Err(refused(
            server,
            format!(
                "run {run} is being delivered by another process; wait until it ends, or end it and go on with --resume {run}"
            ),
        )),
    }
}

/// Writes a run's outcomes over a connection of its own.
pub struct OutcomeWriter {
    runtime: Runtime,
    server: Arc<Server>,
    session: Option<Session>,
    run: i64,
}

impl OutcomeWriter {
    pub fn new(runtime: Runtime, server: Arc<Server>, run: i64) -> Self {
        Self {
            runtime,
            server,
            session: None,
            run,
        }
    }
}

impl WriteOutcomes for OutcomeWriter {
    fn write(&mut self, group: &[Ended]) -> Result<(), StoreError> {
        let Self {
            runtime,
            server,
            session,
            run,
        } = self;
        let mut numbers = Vec::new();
        patiently(runtime, async || {
            let own = connected(server, session).await?;
            if numbers.is_empty() {
                numbers = own.outcome_numbers(group.len()).await?;
            }
            let mut written = own.write_outcomes(*run, group, &numbers).await;
            if written.as_ref().is_err_and(|error| fault(error) == Fault::NoDay) {
                // The day of a capture was taken away between looking for it and adding to it.
                written = own.write_outcomes(*run, group, &numbers).await;
            }
            written.map_err(|error| told(server, &error))
        })
    }

    fn end(&mut self, finished: bool) -> Result<(), StoreError> {
        if !finished {
            return Ok(());
        }
        let Self {
            runtime,
            server,
            session,
            run,
        } = self;
        patiently(runtime, async || {
            connected(server, session).await?.finish_run(*run).await
        })
    }
}

/// The connection that there is, or a new one.
async fn connected<'s>(server: &Server, session: &'s mut Option<Session>) -> Result<&'s mut Session, StoreError> {
    let own = match session.take() {
        Some(own) if !own.is_closed() => own,
        _ => Session::open(server).await?,
    };
    Ok(session.insert(own))
}
