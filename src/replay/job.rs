//! Makes each selected request ready to go out.

use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::order::Front;
use super::resend::{self, ResendError};
use super::schedule::Schedule;
use super::selected::{Selected, removed, signed};
use super::{Plan, ReplayError};
use crate::capture::{BodyHeld, Judgement, Recorded};
use crate::delivery::Endpoint;
use crate::delivery::run::RequestOrigin;
use crate::message::Message;
use crate::provider::Provider;
use crate::sign::Keys;
use crate::store::{Claimed, Claims, OrderKey, OutcomeSlot, Share, wait};
use crate::verify::{Reason, SignatureState};

/// How long is waited where others hold what is left of a run.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a capture is not signed anew.
const UNSIGNED: &str = "it bore no right signature when it arrived, so it gets none now; name it by its number, or give --invalid, to have it signed";

/// Why a request without its body is not sent.
const NOT_HELD: &str =
    "its body is not held: the file that it came from has none, so what went out would be another request";

/// Why a request is not sent in a run that keeps the order within each key.
const BLOCKED: &str = "blocked: an earlier one of its key failed";

/// One request, to be sent once.
#[derive(Debug)]
pub struct Job {
    /// The capture's number, or the request's in its file.
    pub record: i64,
    pub from_store: bool,
    /// Which of several times, from 0 on.
    pub turn: u32,
    /// Whether there are several.
    pub several: bool,
    /// How many were made ready before.
    pub number: u64,
    /// When it is due where the original spacing is kept.
    pub offset: Duration,
    pub endpoint: Arc<Endpoint>,
    /// That endpoint's URL.
    pub url: Arc<str>,
    /// The provider's place among those that the judge knows.
    pub provider: Option<usize>,
    /// Signed, unless its signature is kept; else why it can't go out.
    pub message: Result<Box<Message>, String>,
    pub dropped_credentials: usize,
    /// What of it its file could not hold.
    pub lost: Vec<String>,
    /// What else there is to know of how it was taken in.
    pub notes: Vec<String>,
    /// Whether the plan gives it a new id and the provider has none.
    pub without_id: bool,
    /// Whether its signature is kept and outside the tolerance.
    pub outside: bool,
    /// Room in the store's queue for what will come of it.
    pub slot: Option<OutcomeSlot>,
    /// How it is held, where several processes share the run.
    pub claimed: Option<Claimed>,
    /// Its key, where the run keeps the order within each.
    pub key: Option<OrderKey>,
    /// Its place before others of its key, while it has its turn.
    pub front: Option<Front>,
    /// Whether an earlier one of its key failed.
    pub is_blocked: bool,
}

impl Job {
    /// How long its body is, in bytes.
    pub fn size(&self) -> usize {
        self.message.as_ref().map_or(0, |message| message.body.len())
    }

    /// Under which number of the process it is held, where several share the run.
    pub fn worker(&self) -> Option<i64> {
        self.claimed.as_ref().map(|claimed| claimed.worker)
    }

    /// Keeps it from going out.
    pub fn block(&mut self) {
        self.is_blocked = true;
        self.message = Err(BLOCKED.into());
    }

    pub fn origin(&self) -> RequestOrigin {
        RequestOrigin {
            capture: self.from_store.then_some(self.record),
            record: (!self.from_store).then_some(self.record),
            turn: self.several.then_some(self.turn + 1),
        }
    }
}

impl Selected {
    /// Makes every request ready that is left, each turn, and gives it to `take` until that wants no more. Where several
    /// processes share the run, `is_wanted` says whether more would be taken.
    pub fn each_job(&self, take: &mut dyn FnMut(Job) -> bool, is_wanted: &dyn Fn() -> bool) -> Result<(), ReplayError> {
        if let Some(share) = &self.share {
            return self.each_claimed(share, take, is_wanted);
        }
        let mut schedule = Schedule::default();
        let mut enough = false;
        for turn in 0..self.plan.times {
            schedule.begin_turn();
            self.each(&mut |record, recorded| {
                if self.is_left(record, turn) {
                    let job = match recorded {
                        Ok(recorded) => self.job(record, turn, recorded, &mut schedule),
                        Err(why) => self.without_request(record, turn, why, &mut schedule),
                    };
                    enough = !take(job);
                }
                Ok(!enough)
            })?;
            if enough {
                break;
            }
        }
        Ok(())
    }

    /// Claims requests and makes them ready, as many at a time as are soon begun.
    fn each_claimed(
        &self,
        share: &Share,
        take: &mut dyn FnMut(Job) -> bool,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<(), ReplayError> {
        let mut schedule = Schedule::default();
        while is_wanted() {
            let claims = match wait(share.claim(self.batch))? {
                Claims::Some(claims) => claims,
                Claims::Wait => {
                    thread::sleep(PAUSE);
                    continue;
                }
                _ => break,
            };
            let mut ids: Vec<i64> = claims.iter().map(|claimed| claimed.record).collect();
            ids.sort_unstable();
            ids.dedup();
            let captures = wait(self.store.captures(ids))?;
            for claimed in claims {
                let found = captures.binary_search_by_key(&claimed.record, |capture| capture.id);
                let mut job = match found.ok().and_then(|at| captures.get(at)) {
                    Some(capture) => {
                        let recorded = Recorded::clone(&capture.recorded);
                        self.job(claimed.record, claimed.turn, recorded, &mut schedule)
                    }
                    None => self.without_request(claimed.record, claimed.turn, removed(claimed.record), &mut schedule),
                };
                job.key = claimed.key;
                if claimed.is_blocked {
                    job.block();
                }
                job.claimed = Some(claimed);
                if !take(job) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The keys of a provider by its place, or why nothing can be signed for it.
    pub fn keys_of(&self, provider: Option<usize>) -> Result<&Keys, String> {
        let own = provider.and_then(|index| self.keys.get(index));
        own.ok_or_else(String::new)?.as_ref().map_err(Clone::clone)
    }

    /// The job of a capture that is not in the store any more, or of an entry that is no request.
    fn without_request(&self, record: i64, turn: u32, why: String, schedule: &mut Schedule) -> Job {
        let (endpoint, url) = schedule.toward(&self.endpoint, self.endpoint.target());
        let (number, offset) = schedule.position();
        Job {
            record,
            from_store: self.plan.from.is_none(),
            turn,
            several: self.plan.times > 1,
            number,
            offset,
            endpoint,
            url,
            provider: None,
            message: Err(why),
            dropped_credentials: 0,
            lost: Vec::new(),
            notes: Vec::new(),
            without_id: false,
            outside: false,
            slot: None,
            claimed: None,
            key: self.key(record, None),
            front: None,
            is_blocked: false,
        }
    }

    fn job(&self, record: i64, turn: u32, mut recorded: Recorded, schedule: &mut Schedule) -> Job {
        let plan: &Plan = &self.plan;
        let (number, offset) = schedule.next(recorded.received_at, plan.speed);
        let lost = mem::take(&mut recorded.lost);
        let notes = mem::take(&mut recorded.notes);
        let (signer, signed_at) = signed(&recorded);
        let (target, dropped) = self.target(recorded.target());
        let (endpoint, url) = schedule.toward(&self.endpoint, &target);
        let mut job = Job {
            record,
            from_store: plan.from.is_none(),
            turn,
            several: plan.times > 1,
            number,
            offset,
            endpoint,
            url,
            provider: None,
            message: Err(String::new()),
            dropped_credentials: dropped,
            lost,
            notes,
            without_id: false,
            // The survey counts the others before they go out.
            outside: plan.keep_signature && plan.reads_stdin() && self.is_outside(signer, signed_at, Timestamp::now()),
            slot: None,
            claimed: None,
            key: self.key(record, Some(&recorded.message)),
            front: None,
            is_blocked: false,
        };
        job.message = self.ready(recorded, &mut job).map(Box::new);
        job
    }

    /// The request as it can go out at once.
    fn ready(&self, mut recorded: Recorded, job: &mut Job) -> Result<Message, String> {
        let plan: &Plan = &self.plan;
        if recorded.body_held == BodyHeld::Missing {
            return Err(NOT_HELD.into());
        }
        let judged = recorded.judgement.take().filter(|judged| judged.provider.is_some());
        let was_unsigned = judged.as_ref().is_some_and(|judged| {
            matches!(judged.signature, SignatureState::Mismatch | SignatureState::Absent)
                && judged.reason != Reason::SignsNothing
        });
        let whose = self.provider_of(&mut recorded, judged);
        let providers = self.judge.recogniser.providers();
        job.provider = whose
            .as_ref()
            .ok()
            .and_then(|whose| providers.iter().position(|provider| std::ptr::eq(provider, *whose)));
        if whose.as_ref().is_ok_and(|whose| whose.scheme.signs_url()) {
            recorded.message.url = match &plan.public_url {
                Some(public) => recorded.signed_url(Some(public)),
                None => Some(job.url.to_string()),
            };
        }
        if whose.as_ref().is_ok_and(|whose| whose.scheme.writes_query()) {
            recorded.message.target = Some(job.endpoint.target().to_owned());
        }
        let mut message = recorded.message;
        let told = |error: ResendError| error.to_string();
        let own = message
            .headers
            .get("host")
            .filter(|_| plan.preserve_host)
            .map(<[u8]>::to_vec);
        let host = plan.host.as_ref().map(|host| host.clone().into_bytes()).or(own);
        resend::strip(&mut message).map_err(told)?;
        if let Some(host) = host {
            message.headers.set("Host", host);
        }
        if self.leaves_credentials_out() {
            let scheme = whose.as_ref().ok().map(|provider| &provider.scheme);
            job.dropped_credentials += resend::drop_credentials(&mut message, &self.credentials, scheme);
        }
        if plan.keep_signature {
            return Ok(message);
        }
        if was_unsigned && !plan.signs_unsigned() {
            return Err(UNSIGNED.into());
        }
        let provider = whose?;
        // Whoever is shown a secret has it: it goes to this machine alone, unless it is asked for.
        let is_shown = !provider.scheme.covers() && self.leaves_credentials_out();
        let keys = match is_shown || provider.scheme.signatures.is_empty() {
            true => None,
            false => Some(self.keys_of(job.provider)?),
        };
        resend::edit(&mut message, provider, &plan.edits).map_err(told)?;
        if plan.fresh_id {
            job.without_id = !resend::renew_id(&mut message, provider).map_err(told)?;
        }
        if let Some(keys) = keys {
            resend::resign(&mut message, provider, keys, Timestamp::now()).map_err(told)?;
        }
        Ok(message)
    }

    /// The provider of a request, and its event type in the message; else why the request can't be signed anew.
    fn provider_of(&self, recorded: &mut Recorded, judged: Option<Judgement>) -> Result<&Provider, String> {
        let Some(judged) = judged else {
            let provider = self.judge.whose(recorded, Timestamp::now());
            let provider = provider.map_err(|detail| format!("it can't be signed anew: {detail}"))?;
            recorded.message.event_type = provider.table.event.type_of(&recorded.message);
            return Ok(provider);
        };
        recorded.message.event_type = judged.event_type;
        let is = |provider: &&Provider| {
            Some(&provider.name) == judged.provider.as_ref() && Some(&provider.dialect) == judged.dialect.as_ref()
        };
        self.judge.recogniser.providers().iter().find(is).ok_or_else(|| {
            let name = judged.provider.unwrap_or_default();
            format!("the provider {name} is not known here, so it can't be signed anew")
        })
    }
}
