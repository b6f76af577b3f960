//! Adding captures and what comes of their deliveries.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::days::day_of;
use super::error::{Fault, fault, refused, told};
use super::row::microseconds;
use super::session::Session;
use super::text::kept;
use crate::capture::{BodyHeld, Capture, DeliveryKind, Outcome, Recorded};
use crate::store::StoreError;
use crate::store::copy::in_years;
use crate::store::word::word;

/// How many captures one statement adds.
const ROWS: usize = 512;
/// How many bytes of bodies it adds, but for the last.
const BYTES: usize = 32 * 1024 * 1024;

const NUMBERS: &str = "SELECT nextval('capture_number') FROM generate_series(1, $1::bigint)";
const DELIVERY_NUMBERS: &str = "SELECT nextval('delivery_number') FROM generate_series(1, $1::bigint)";
/// Another session may keep the same event at the same time: the later one waits here for the earlier one's commit.
const IDENTITIES: &str = "INSERT INTO identity (identity, capture) \
    SELECT DISTINCT ON (identity) identity, capture FROM unnest($1::bytea[], $2::bigint[]) AS n (identity, capture) \
    WHERE identity IS NOT NULL ORDER BY identity, capture ON CONFLICT (identity) DO NOTHING";
const PLACES: &str = "INSERT INTO number (id, day) SELECT * FROM unnest($1::bigint[], $2::date[])";
const CAPTURES: &str = "INSERT INTO capture (id, day, received_at, peer, method, target, http_1_0, provider, dialect, \
    event_type, identity, reason, signature, signed_at, matched_secret, detail, answer, headers, body, caveat, body_held, \
    duplicate_of) \
    SELECT n.id, n.day, n.received_at, n.peer, n.method, n.target, n.http_1_0, n.provider, n.dialect, n.event_type, \
    n.identity, n.reason, n.signature, n.signed_at, n.matched_secret, n.detail, n.answer, n.headers, n.body, n.caveat, \
    n.body_held, CASE WHEN n.is_numbered THEN n.duplicate_of WHEN i.capture <> n.id THEN i.capture END \
    FROM unnest($1::bigint[], $2::date[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::boolean[], \
    $8::text[], $9::text[], $10::text[], $11::bytea[], $12::text[], $13::text[], $14::timestamptz[], $15::text[], \
    $16::text[], $17::integer[], $18::bytea[], $19::bytea[], $20::text[], $21::text[], $22::boolean[], $23::bigint[]) AS n (id, day, received_at, peer, \
    method, target, http_1_0, provider, dialect, event_type, identity, reason, signature, signed_at, matched_secret, \
    detail, answer, headers, body, caveat, body_held, is_numbered, duplicate_of) \
    LEFT JOIN identity i ON i.identity = n.identity RETURNING id, duplicate_of";
const DELIVERIES: &str = "INSERT INTO delivery (id, day, capture, kind, target, at, finished, status, duration, failure, \
    server, answer_headers, answer_body, answer_truncated) SELECT * FROM unnest($1::bigint[], $2::date[], $3::bigint[], \
    $4::text[], $5::text[], $6::timestamptz[], $7::boolean[], $8::integer[], $9::bigint[], $10::text[], $11::text[], \
    $12::bytea[], $13::bytea[], $14::boolean[])";
const FINISH: &str = "UPDATE delivery d SET finished = true, status = n.status, duration = n.duration, \
    failure = n.failure, server = n.server, answer_headers = n.headers, answer_body = n.body, \
    answer_truncated = n.truncated \
    FROM unnest($1::bigint[], $2::date[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], \
    $9::boolean[]) AS n (id, day, status, duration, failure, server, headers, body, truncated) \
    WHERE d.id = n.id AND d.day = n.day";
const ANSWER: &str = "UPDATE capture c SET answer = n.answer \
    FROM unnest($1::bigint[], $2::date[], $3::integer[]) AS n (id, day, answer) WHERE c.id = n.id AND c.day = n.day";
const FOUND: &str = "SELECT c.id, c.duplicate_of FROM number n JOIN capture c ON c.id = n.id AND c.day = n.day \
    WHERE n.id = ANY($1)";

/// A request with the numbers that it gets.
pub struct Numbered<'a> {
    pub id: i64,
    pub day: Date,
    pub deliveries: Vec<i64>,
    at: Timestamp,
    recorded: &'a Recorded,
    /// What it is a duplicate of, where that is known with its number.
    known: Option<Option<i64>>,
}

/// What came of deliveries, and what captures were answered with.
#[derive(Default)]
pub struct Later<'a> {
    pub finished: Vec<(i64, Date, &'a Outcome)>,
    pub answered: Vec<(i64, Date, u16)>,
}

impl Later<'_> {
    fn is_empty(&self) -> bool {
        self.finished.is_empty() && self.answered.is_empty()
    }
}

type Texts<'a> = Vec<Option<Cow<'a, str>>>;
type Values<'v> = Vec<&'v (dyn ToSql + Sync)>;

impl Session {
    /// Gives requests their numbers. `live` are those that arrive here and now: their times are the server's.
    pub async fn number<'a>(&mut self, requests: &[&'a Recorded], live: bool) -> Result<Vec<Numbered<'a>>, Error> {
        let deliveries: usize = requests.iter().map(|recorded| recorded.deliveries.len()).sum();
        let ids = self.statement(NUMBERS).await?;
        let delivery_ids = self.statement(DELIVERY_NUMBERS).await?;
        let (count, delivery_count) = (requests.len() as i64, deliveries as i64);
        let (count, delivery_count): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) =
            ([&count], [&delivery_count]);
        let (ids, delivery_ids) = tokio::try_join!(self.client.query(&ids, &count), async {
            match deliveries {
                0 => Ok(Vec::new()),
                _ => self.client.query(&delivery_ids, &delivery_count).await,
            }
        })?;
        let now = Timestamp::now();
        let mut delivery_ids = delivery_ids.iter().map(|row| row.get::<_, i64>(0));
        let numbered = requests.iter().zip(ids.iter().map(|row| row.get(0)));
        Ok(numbered
            .map(|(recorded, id)| {
                let at = recorded.received_at.unwrap_or(now);
                let at = in_years(if live { self.servers(at) } else { at });
                Numbered {
                    id,
                    day: day_of(at, self.servers(now)),
                    deliveries: delivery_ids.by_ref().take(recorded.deliveries.len()).collect(),
                    at,
                    recorded,
                    known: None,
                }
            })
            .collect())
    }

    /// Adds requests and what came of others in one transaction, which is sent at once and answered at once; gives of
    /// which capture each is a duplicate.
    pub async fn insert(&mut self, all: &[Numbered<'_>], later: &Later<'_>) -> Result<Vec<Option<i64>>, Error> {
        let statements = self.statements().await?;
        let client = &self.client;
        let (begin, added, changed, commit) = tokio::join!(
            client.batch_execute("BEGIN"),
            add(client, &statements, all),
            change(client, &statements, later),
            client.batch_execute("COMMIT"),
        );
        if let Err(error) = begin.and(changed).and(commit) {
            // What made the transaction fail is told, and not that it did.
            return Err(added.err().unwrap_or(error));
        }
        added
    }

    /// What requests are duplicates of that were added before; `None` where they were not.
    pub async fn found(&mut self, all: &[Numbered<'_>]) -> Result<Option<Vec<Option<i64>>>, Error> {
        let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
        let found = self.statement(FOUND).await?;
        let rows = self.client.query(&found, &[&ids]).await?;
        Ok((rows.len() == ids.len()).then(|| in_order(all, &rows)))
    }

    /// Adds requests in one transaction; gives their numbers.
    pub async fn add(&mut self, recorded: &[Recorded]) -> Result<Vec<i64>, StoreError> {
        self.check_writable()?;
        let requests: Vec<&Recorded> = recorded.iter().collect();
        let numbered = self.number(&requests, false).await;
        let numbered = numbered.map_err(|error| told(&self.server, &error))?;
        self.add_numbered(&numbered).await?;
        Ok(numbered.iter().map(|one| one.id).collect())
    }

    /// Adds captures with the numbers that they have, in one transaction.
    pub async fn put(&mut self, captures: &[Capture]) -> Result<(), StoreError> {
        const ABOVE: &str = "SELECT setval('capture_number', greatest($1, (SELECT last_value FROM capture_number)))";
        self.check_writable()?;
        let Some(last) = captures.iter().map(|capture| capture.id).max() else {
            return Ok(());
        };
        // Before they are there, so that nothing that arrives gets one of their numbers.
        self.change(ABOVE, &[&last]).await?;
        let requests: Vec<&Recorded> = captures.iter().map(|capture| capture.recorded.as_ref()).collect();
        let deliveries: usize = requests.iter().map(|recorded| recorded.deliveries.len()).sum();
        let delivery_ids = self.rows(DELIVERY_NUMBERS, &[&(deliveries as i64)]).await?;
        let mut delivery_ids = delivery_ids.iter().map(|row| row.get::<_, i64>(0));
        let now = Timestamp::now();
        let numbered = captures.iter().map(|capture| {
            let at = in_years(capture.recorded.received_at.unwrap_or(now));
            Numbered {
                id: capture.id,
                day: day_of(at, now),
                deliveries: delivery_ids.by_ref().take(capture.recorded.deliveries.len()).collect(),
                at,
                recorded: &capture.recorded,
                known: Some(capture.duplicate_of),
            }
        });
        let numbered: Vec<Numbered<'_>> = numbered.collect();
        self.add_numbered(&numbered).await
    }

    async fn add_numbered(&mut self, numbered: &[Numbered<'_>]) -> Result<(), StoreError> {
        for _ in 0..2 {
            let made = self.make_days(numbered.iter().map(|one| one.day)).await;
            made.map_err(|error| told(&self.server, &error))?;
            match self.add_all(numbered).await {
                Ok(()) => return Ok(()),
                // Another process took a day away.
                Err(error) if fault(&error) == Fault::NoDay && !self.days.is_empty() => self.days.clear(),
                Err(error) => return Err(told(&self.server, &error)),
            }
        }
        Err(refused(
            &self.server,
            "the day of a capture is taken away again and again",
        ))
    }

    async fn add_all(&mut self, numbered: &[Numbered<'_>]) -> Result<(), Error> {
        let statements = self.statements().await?;
        self.client.batch_execute("BEGIN").await?;
        let mut rest = numbered;
        let mut added = Ok(());
        while !rest.is_empty() && added.is_ok() {
            let (some, others) = rest.split_at(fitting(rest));
            added = add(&self.client, &statements, some).await.map(drop);
            rest = others;
        }
        let end = if added.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.client.batch_execute(end).await;
        added.and(ended)
    }

    async fn statements(&mut self) -> Result<Statements, Error> {
        Ok(Statements {
            identities: self.statement(IDENTITIES).await?,
            places: self.statement(PLACES).await?,
            captures: self.statement(CAPTURES).await?,
            deliveries: self.statement(DELIVERIES).await?,
            finish: self.statement(FINISH).await?,
            answer: self.statement(ANSWER).await?,
        })
    }
}

/// What is prepared once to add captures.
struct Statements {
    identities: tokio_postgres::Statement,
    places: tokio_postgres::Statement,
    captures: tokio_postgres::Statement,
    deliveries: tokio_postgres::Statement,
    finish: tokio_postgres::Statement,
    answer: tokio_postgres::Statement,
}

/// How many of the first go into one statement.
fn fitting(all: &[Numbered<'_>]) -> usize {
    let mut bytes = 0;
    let fits = |one: &&Numbered<'_>| {
        let fits = bytes < BYTES;
        bytes += one.recorded.message.body.len();
        fits
    };
    all.iter().take(ROWS).take_while(fits).count().max(1)
}

fn in_order(all: &[Numbered<'_>], rows: &[tokio_postgres::Row]) -> Vec<Option<i64>> {
    let found: std::collections::HashMap<i64, Option<i64>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    all.iter().map(|one| found.get(&one.id).copied().flatten()).collect()
}

/// Adds requests in the transaction that the client is in; the statements go out together.
async fn add(
    client: &tokio_postgres::Client,
    statements: &Statements,
    all: &[Numbered<'_>],
) -> Result<Vec<Option<i64>>, Error> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
    let days: Vec<Date> = all.iter().map(|one| one.day).collect();
    let columns = Columns::of(all);
    let mut values: Values<'_> = vec![&ids, &days];
    columns.bind(&mut values);
    let identity_values: [&(dyn ToSql + Sync); 2] = [&columns.identity, &ids];
    let place_values: [&(dyn ToSql + Sync); 2] = [&ids, &days];
    let (first, placed, added, delivered) = tokio::join!(
        client.execute(&statements.identities, &identity_values),
        client.execute(&statements.places, &place_values),
        client.query(&statements.captures, &values),
        add_deliveries(client, statements, all),
    );
    first?;
    placed?;
    let rows = added?;
    delivered?;
    Ok(in_order(all, &rows))
}

/// The values of captures, a column each.
#[derive(Default)]
struct Columns<'a> {
    received_at: Vec<Timestamp>,
    peer: Texts<'a>,
    method: Vec<Cow<'a, str>>,
    target: Vec<Cow<'a, str>>,
    http_1_0: Vec<bool>,
    provider: Texts<'a>,
    dialect: Texts<'a>,
    event_type: Texts<'a>,
    identity: Vec<Option<&'a [u8]>>,
    reason: Vec<Option<&'static str>>,
    signature: Vec<Option<&'static str>>,
    signed_at: Vec<Option<Timestamp>>,
    matched_secret: Texts<'a>,
    detail: Texts<'a>,
    answer: Vec<Option<i32>>,
    headers: Vec<&'a [u8]>,
    body: Vec<&'a [u8]>,
    caveat: Vec<Option<&'static str>>,
    body_held: Vec<Option<&'static str>>,
    is_numbered: Vec<bool>,
    duplicate_of: Vec<Option<i64>>,
}

impl<'a> Columns<'a> {
    fn of(all: &[Numbered<'a>]) -> Self {
        let mut columns = Self::default();
        for one in all {
            columns.push(one.recorded, one.at);
            columns.is_numbered.push(one.known.is_some());
            columns.duplicate_of.push(one.known.flatten());
        }
        columns
    }

    fn push(&mut self, recorded: &'a Recorded, at: Timestamp) {
        let judgement = recorded.judgement.as_ref();
        let message = &recorded.message;
        let text = |text: Option<&'a str>| text.map(kept);
        self.received_at.push(at);
        self.peer.push(text(recorded.peer.as_deref()));
        self.method.push(kept(&message.method));
        self.target.push(kept(message.url.as_deref().unwrap_or("/")));
        self.http_1_0.push(recorded.http_1_0);
        self.provider
            .push(text(judgement.and_then(|own| own.provider.as_deref())));
        self.dialect
            .push(text(judgement.and_then(|own| own.dialect.as_deref())));
        self.event_type
            .push(text(judgement.and_then(|own| own.event_type.as_deref())));
        let identity = judgement.and_then(|own| own.identity.as_ref());
        self.identity.push(identity.map(<[u8; 16]>::as_slice));
        self.reason.push(judgement.and_then(|own| word(own.reason)));
        self.signature.push(judgement.and_then(|own| word(own.signature)));
        self.signed_at
            .push(judgement.and_then(|own| own.signed_at).map(in_years));
        self.matched_secret
            .push(text(judgement.and_then(|own| own.matched_secret.as_deref())));
        self.detail.push(text(judgement.and_then(|own| own.detail.as_deref())));
        self.answer.push(recorded.answer.map(i32::from));
        self.headers.push(message.headers.packed());
        self.body.push(&message.body);
        self.caveat.push(judgement.and_then(|own| own.caveat).and_then(word));
        let held = Some(recorded.body_held).filter(|held| *held != BodyHeld::Exact);
        self.body_held.push(held.and_then(word));
    }

    /// Adds the values from the third parameter on.
    fn bind<'v>(&'v self, values: &mut Values<'v>) {
        values.extend::<[&(dyn ToSql + Sync); 21]>([
            &self.received_at,
            &self.peer,
            &self.method,
            &self.target,
            &self.http_1_0,
            &self.provider,
            &self.dialect,
            &self.event_type,
            &self.identity,
            &self.reason,
            &self.signature,
            &self.signed_at,
            &self.matched_secret,
            &self.detail,
            &self.answer,
            &self.headers,
            &self.body,
            &self.caveat,
            &self.body_held,
            &self.is_numbered,
            &self.duplicate_of,
        ]);
    }
}

/// What came of deliveries, a column each.
#[derive(Default)]
pub struct Outcomes<'a> {
    pub status: Vec<Option<i32>>,
    pub duration: Vec<Option<i64>>,
    pub failure: Texts<'a>,
    pub server: Texts<'a>,
    pub headers: Vec<Option<&'a [u8]>>,
    pub body: Vec<Option<&'a [u8]>>,
    pub truncated: Vec<Option<bool>>,
}

impl<'a> Outcomes<'a> {
    pub fn push(&mut self, outcome: Option<&'a Outcome>) {
        let answer = outcome.and_then(|outcome| outcome.answer.as_deref());
        self.status
            .push(outcome.and_then(|outcome| outcome.status).map(i32::from));
        self.duration
            .push(outcome.map(|outcome| microseconds(outcome.duration)));
        self.failure
            .push(outcome.and_then(|outcome| outcome.failure.as_deref()).map(kept));
        self.server
            .push(outcome.and_then(|outcome| outcome.server.as_deref()).map(kept));
        self.headers.push(answer.map(|answer| answer.headers.packed()));
        self.body.push(answer.map(|answer| answer.body.as_slice()));
        self.truncated.push(answer.map(|answer| answer.truncated));
    }
}

/// Adds the deliveries of captures.
async fn add_deliveries(
    client: &tokio_postgres::Client,
    statements: &Statements,
    all: &[Numbered<'_>],
) -> Result<(), Error> {
    let (mut ids, mut days, mut captures) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kinds, mut targets, mut times, mut finished) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut outcomes = Outcomes::default();
    for one in all {
        for (id, delivered) in one.deliveries.iter().zip(&one.recorded.deliveries) {
            ids.push(*id);
            days.push(one.day);
            captures.push(one.id);
            kinds.push(word(delivered.kind).or_else(|| word(DeliveryKind::Forward)));
            targets.push(kept(&delivered.target));
            times.push(in_years(delivered.at));
            finished.push(delivered.outcome.is_some());
            outcomes.push(delivered.outcome.as_ref());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let values: [&(dyn ToSql + Sync); 14] = [
        &ids,
        &days,
        &captures,
        &kinds,
        &targets,
        &times,
        &finished,
        &outcomes.status,
        &outcomes.duration,
        &outcomes.failure,
        &outcomes.server,
        &outcomes.headers,
        &outcomes.body,
        &outcomes.truncated,
    ];
    client.execute(&statements.deliveries, &values).await.map(drop)
}

/// Records what came of deliveries, and what captures were answered with.
async fn change(client: &tokio_postgres::Client, statements: &Statements, later: &Later<'_>) -> Result<(), Error> {
    if later.is_empty() {
        return Ok(());
    }
    let (ids, days): (Vec<i64>, Vec<Date>) = later.finished.iter().map(|(id, day, _)| (*id, *day)).unzip();
    let mut outcomes = Outcomes::default();
    later
        .finished
        .iter()
        .for_each(|(.., outcome)| outcomes.push(Some(outcome)));
    let finish: [&(dyn ToSql + Sync); 9] = [
        &ids,
        &days,
        &outcomes.status,
        &outcomes.duration,
        &outcomes.failure,
        &outcomes.server,
        &outcomes.headers,
        &outcomes.body,
        &outcomes.truncated,
    ];
    let (captures, places): (Vec<i64>, Vec<Date>) = later.answered.iter().map(|(id, day, _)| (*id, *day)).unzip();
    let answers: Vec<i32> = later.answered.iter().map(|(.., status)| i32::from(*status)).collect();
    let answer: [&(dyn ToSql + Sync); 3] = [&captures, &places, &answers];
    let (finished, answered) = tokio::join!(
        client.execute(&statements.finish, &finish),
        client.execute(&statements.answer, &answer),
    );
    finished.and(answered).map(drop)
}
