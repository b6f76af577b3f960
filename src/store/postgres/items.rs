//! What of a shared run waits, is claimed and is done: the table `run_item`.
//!
//! Where the run keeps the order within each key, the first unfinished request of a key alone can be claimed, and those
//! behind it with it: whoever holds the first holds the key. Each change of that table leaves the first one free to be
//! claimed, or held.

use super::error::refused;
use super::session::Session;
use crate::store::{LostClaim, NewRun, Numbers, OrderKey, StoreError};

/// How many keys go to the server at once.
const CHUNK: usize = 50_000;

/// The requests that are to be delivered, each as often as it is.
const ITEMS: &str = "INSERT INTO run_item (run, turn, record, provider) \
    SELECT $1, t.turn, p.id, c.provider FROM unnest($2::bigint[], $3::bigint[]) AS r (first, last) \
    CROSS JOIN LATERAL generate_series(r.first, r.last) AS p (id) \
    LEFT JOIN number n ON n.id = p.id LEFT JOIN capture c ON c.id = n.id AND c.day = n.day \
    CROSS JOIN generate_series(0, $4::integer - 1) AS t (turn)";
const KEYED_ITEMS: &str = "INSERT INTO run_item (run, turn, record, provider, key, state) \
    SELECT $1, t.turn, r.record, c.provider, r.key, 5 FROM unnest($2::bigint[], $3::bytea[]) AS r (record, key) \
    LEFT JOIN number n ON n.id = r.record LEFT JOIN capture c ON c.id = n.id AND c.day = n.day \
    CROSS JOIN generate_series(0, $4::integer - 1) AS t (turn)";
const IS_SHARED: &str = "SELECT EXISTS (SELECT 1 FROM run_item WHERE run = $1), \
    EXISTS (SELECT 1 FROM run_worker WHERE run = $1 AND lease_until > clock_timestamp())";
/// Nobody takes a place among those who deliver a run meanwhile.
const LOCK: &str = "SELECT 1 FROM run WHERE id = $1 FOR UPDATE";
/// What got no answer has another turn where the run goes on.
const AGAIN: &str = "UPDATE run_item SET state = 0 WHERE run = $1 AND key IS NULL AND state = 3";
/// So has what failed and holds its key, and what that blocked.
const AGAIN_OF_KEYS: &str = "UPDATE run_item SET state = 5, holds = false \
    WHERE run = $1 AND key IS NOT NULL AND (state IN (0, 3, 6) OR holds)";
/// The first of every key may be claimed.
const NEXT: &str = "UPDATE run_item i SET state = 0 FROM (SELECT DISTINCT ON (key) turn, record, state FROM run_item \
    WHERE run = $1 AND key IS NOT NULL AND state IN (0, 1, 5) ORDER BY key, turn, record) f \
    WHERE f.state = 5 AND i.run = $1 AND i.turn = f.turn AND i.record = f.record AND i.state = 5";
/// The first of each of these keys may be claimed.
pub const NEXT_OF: &str = "UPDATE run_item i SET state = 0 FROM unnest($2::bytea[]) AS k (key) CROSS JOIN LATERAL \
    (SELECT b.turn, b.record, b.state FROM run_item b WHERE b.run = $1 AND b.key = k.key AND b.state IN (0, 1, 5) \
    ORDER BY b.turn, b.record LIMIT 1) f \
    WHERE f.state = 5 AND i.run = $1 AND i.turn = f.turn AND i.record = f.record AND i.state = 5";
pub const MARK: &str = "UPDATE run_item i SET holds = o.holds, \
    state = CASE WHEN o.attempts = 0 THEN 6 WHEN o.status IS NULL THEN 3 ELSE 2 END \
    FROM unnest($2::integer[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[], $7::boolean[]) \
    AS o (turn, record, worker, status, attempts, holds) \
    WHERE i.run = $1 AND i.turn = o.turn AND i.record = o.record AND i.worker = o.worker AND i.state = 1";

/// Gives back what is claimed by those whom the condition `$of` names: the first of each key may be claimed again.
macro_rules! freed {
    ($dead:literal, $lost:literal, $of:literal) => {
        concat!(
            $dead,
            "UPDATE run_item i SET state = CASE WHEN f.is_first THEN 0 ELSE 5 END, lost = i.lost + ",
            $lost,
            " FROM (SELECT turn, record, \
             key IS NULL OR row_number() OVER (PARTITION BY key ORDER BY turn, record) = 1 AS is_first \
             FROM run_item WHERE run = $1 AND state = 1 AND worker ",
            $of,
            ") f WHERE i.run = $1 AND i.turn = f.turn AND i.record = f.record AND i.state = 1"
        )
    };
}
/// What the dead held is free again; they can't renew any more.
const BURY: &str = freed!(
    "WITH dead AS (UPDATE run_worker SET lease_until = '-infinity' \
     WHERE run = $1 AND lease_until <= clock_timestamp() AND lease_until > '-infinity' RETURNING id) ",
    "1",
    "IN (SELECT id FROM dead)"
);
const LEAVE: &str = freed!("", "0", "= $2");

const CLAIM: &str = "UPDATE run_item i SET state = 1, worker = $2 FROM \
    (SELECT turn, record FROM run_item WHERE run = $1 AND state = 0 \
    AND ($4::text[] IS NULL OR provider IS NULL OR provider = ANY($4)) \
    ORDER BY turn, record LIMIT $3 FOR UPDATE SKIP LOCKED) c \
    WHERE i.run = $1 AND i.turn = c.turn AND i.record = c.record \
    RETURNING i.turn, i.record, i.key, false";
/// The first of some keys, and as many behind each as there is room for, up to one that can't be signed here.
const CLAIM_KEYS: &str = "WITH first AS MATERIALIZED (SELECT turn, record, key FROM run_item \
    WHERE run = $1 AND state = 0 AND ($4::text[] IS NULL OR provider IS NULL OR provider = ANY($4)) \
    ORDER BY turn, record LIMIT $3 FOR UPDATE SKIP LOCKED), \
    taken AS (SELECT turn, record FROM first UNION ALL SELECT b.turn, b.record FROM first CROSS JOIN LATERAL \
    (SELECT n.turn, n.record, bool_and(n.is_mine) OVER (ORDER BY n.turn, n.record) AS are_mine FROM \
    (SELECT turn, record, $4::text[] IS NULL OR provider IS NULL OR provider = ANY($4) AS is_mine FROM run_item \
    WHERE run = $1 AND key = first.key AND state = 5 ORDER BY turn, record \
    LIMIT $3::bigint / (SELECT count(*) FROM first) - 1) n) b WHERE b.are_mine) \
    UPDATE run_item i SET state = 1, worker = $2 FROM taken t \
    WHERE i.run = $1 AND i.turn = t.turn AND i.record = t.record AND i.state IN (0, 5) \
    RETURNING i.turn, i.record, i.key, \
    EXISTS (SELECT 1 FROM run_item h WHERE h.run = $1 AND h.key = i.key AND h.holds)";
/// Whether others hold what this process might have to deliver, and whether it holds something itself.
const HELD: &str = "SELECT EXISTS (SELECT 1 FROM run_item WHERE run = $1 AND state = 1 AND worker <> $2 \
    AND (key IS NOT NULL OR $3::text[] IS NULL OR provider IS NULL OR provider = ANY($3))), \
    EXISTS (SELECT 1 FROM run_item WHERE run = $1 AND state = 1 AND worker = $2)";
const WAITS: &str = "SELECT EXISTS (SELECT 1 FROM run_item WHERE run = $1 AND state IN (0, 5) \
    AND ($2::text[] IS NULL OR provider IS NULL OR provider = ANY($2)))";
/// What nobody who is there can sign.
const SKIP_REST: &str = "UPDATE run_item i SET state = 4 WHERE run = $1 AND state IN (0, 5) AND provider IS NOT NULL \
    AND NOT EXISTS (SELECT 1 FROM run_worker w WHERE w.run = $1 AND w.lease_until > clock_timestamp() \
    AND (w.providers IS NULL OR i.provider = ANY(w.providers)))";
const SKIP: &str =
    "UPDATE run_item SET state = 4 WHERE run = $1 AND turn = $2 AND record = $3 AND worker = $4 AND state = 1";
const FINISH: &str = "UPDATE run SET finished = true WHERE id = $1 \
    AND NOT EXISTS (SELECT 1 FROM run_item WHERE run = $1 AND (state IN (0, 1, 3, 5, 6) OR holds))";

const LOST: &str = "SELECT turn, record, lost FROM run_item WHERE run = $1 AND lost > 0 ORDER BY turn, record LIMIT $2";

/// A request that was claimed.
pub struct Item {
    pub turn: u32,
    pub record: i64,
    pub key: Option<OrderKey>,
    /// Whether an earlier one of its key failed.
    pub is_blocked: bool,
}

impl Session {
    /// Adds what a run is to deliver, where several processes may share it.
    pub async fn put_items(&mut self, run: i64, new: &NewRun) -> Result<(), StoreError> {
        let (Some(turns), Some(planned)) = (new.shared_turns, &new.planned) else {
            return Ok(());
        };
        let turns = i32::try_from(turns).unwrap_or(i32::MAX);
        let Some(keys) = &new.keys else {
            let (firsts, lasts): (Vec<i64>, Vec<i64>) = Numbers::ranges(planned).unzip();
            return self.change(ITEMS, &[&run, &firsts, &lasts, &turns]).await.map(drop);
        };
        let mut records = planned.iter();
        for keys in keys.chunks(CHUNK) {
            let records: Vec<i64> = records.by_ref().take(keys.len()).collect();
            let keys: Vec<&[u8]> = keys.iter().map(OrderKey::bytes).collect();
            self.change(KEYED_ITEMS, &[&run, &records, &keys, &turns]).await?;
        }
        self.change(NEXT, &[&run]).await.map(drop)
    }

    /// Whether a run's requests are claimed one by one. Where nobody is at them, what got no answer is to be delivered
    /// again.
    ///
    /// # Errors
    /// [`StoreError`] also where `alone` and others are at them.
    pub async fn is_shared(&mut self, run: i64, alone: bool) -> Result<bool, StoreError> {
        let row = self.row(IS_SHARED, &[&run]).await?;
        let (is_shared, is_alive) = row.map_or((false, false), |row| (row.get(0), row.get(1)));
        match (is_shared, is_alive) {
            (true, true) if alone => Err(refused(
                &self.server,
                format!(
                    "run {run} is being delivered by another process; `ckwh replay --join {run}` shares the work, and after a kill its claims are free when its lease ends"
                ),
            )),
            (true, false) => {
                self.check_writable()?;
                self.whole(async |session| session.begin_again(run).await).await?;
                Ok(true)
            }
            _ => Ok(is_shared),
        }
    }

    async fn begin_again(&mut self, run: i64) -> Result<(), StoreError> {
        self.row(LOCK, &[&run]).await?;
        let row = self.row(IS_SHARED, &[&run]).await?;
        if row.is_some_and(|row| row.get(1)) {
            return Ok(());
        }
        for statement in [BURY, AGAIN, AGAIN_OF_KEYS, NEXT] {
            self.change(statement, &[&run]).await?;
        }
        Ok(())
    }

    /// Claims the next requests that `worker` can deliver, at most so many.
    pub async fn claim_items(
        &mut self,
        run: i64,
        worker: i64,
        most: usize,
        providers: &Option<Vec<String>>,
        in_order: bool,
    ) -> Result<Vec<Item>, StoreError> {
        self.change(BURY, &[&run]).await?;
        let claim = if in_order { CLAIM_KEYS } else { CLAIM };
        let rows = self.rows(claim, &[&run, &worker, &(most as i64), providers]).await?;
        let mut claimed: Vec<Item> = rows
            .iter()
            .map(|row| Item {
                turn: u32::try_from(row.get::<_, i32>(0)).unwrap_or_default(),
                record: row.get(1),
                key: row.get::<_, Option<&[u8]>>(2).and_then(OrderKey::kept),
                is_blocked: row.get(3),
            })
            .collect();
        claimed.sort_by_key(|claimed| (claimed.turn, claimed.record));
        Ok(claimed)
    }

    /// Whether there may be something to do for `worker` later, where nothing could be claimed. What nobody who is there
    /// can sign is skipped once nothing is held.
    pub async fn has_rest(
        &mut self,
        run: i64,
        worker: i64,
        providers: &Option<Vec<String>>,
        in_order: bool,
    ) -> Result<bool, StoreError> {
        let row = self.row(HELD, &[&run, &worker, providers]).await?;
        if row.is_some_and(|row| row.get(0) || row.get(1)) {
            return Ok(true);
        }
        self.change(SKIP_REST, &[&run]).await?;
        if in_order {
            self.change(NEXT, &[&run]).await?;
        }
        let row = self.row(WAITS, &[&run, providers]).await?;
        Ok(row.is_some_and(|row| row.get(0)))
    }

    /// Notes that a request can't go out.
    pub async fn skip_item(
        &mut self,
        run: i64,
        (turn, record): (u32, i64),
        worker: i64,
        key: Option<OrderKey>,
    ) -> Result<(), StoreError> {
        let turn = i32::try_from(turn).unwrap_or(i32::MAX);
        let Some(key) = key else {
            return self.change(SKIP, &[&run, &turn, &record, &worker]).await.map(drop);
        };
        self.whole(async |session| {
            session.change(SKIP, &[&run, &turn, &record, &worker]).await?;
            session.change(NEXT_OF, &[&run, &vec![key.bytes()]]).await.map(drop)
        })
        .await
    }

    /// The first requests of a run that were taken from a process whose lease ended.
    pub async fn lost_claims(&mut self, run: i64, most: usize) -> Result<Vec<LostClaim>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.rows(LOST, &[&run, &most]).await?;
        let lost = rows.iter().map(|row| LostClaim {
            record: row.get(1),
            turn: u32::try_from(row.get::<_, i32>(0)).unwrap_or_default(),
            times: row.get::<_, i32>(2).unsigned_abs(),
        });
        Ok(lost.collect())
    }

    /// Gives back what `worker` holds; a run of which nothing is left is finished.
    pub async fn leave_items(&mut self, run: i64, worker: i64) -> Result<(), StoreError> {
        self.change(LEAVE, &[&run, &worker]).await?;
        self.change(
            "UPDATE run_worker SET lease_until = '-infinity' WHERE id = $1",
            &[&worker],
        )
        .await?;
        self.change(FINISH, &[&run]).await.map(drop)
    }
}
