//! The cases, one after the other.

use jiff::Timestamp;
use tokio::time::{Duration, Instant, sleep};

use super::case::{Case, Cases, Condition, Effect, Expect, Family, Repeat, Wire};
use super::effects::{Observer, added, state_of};
use super::groups::Groups;
use super::outcome::{CaseOutcome, Outcome, cut, find_roots, is_one_request, unmet};
use super::private::{blanks, told};
use super::request::Made;
use super::subject::Subject;
use super::wire::{Caller, Reply};
use super::{CheckError, CheckOptions, CheckOutcome, Progress};
use crate::exchange::credentials::Blanks;
use crate::provider::Provider;

/// How much of an answer is kept for the report, in bytes.
const KEPT: usize = 2048;
/// After so many cases in a row without an answer the rest is not tried.
const PATIENCE: usize = 3;
/// How long a handler that ends has to be gone.
const AFTER_CLOSING: Duration = Duration::from_millis(200);
/// How long a handler has for its work after it was hung up on.
const AFTER_HANG_UP: Duration = Duration::from_millis(300);

/// Whether a right delivery was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Probe {
    /// It was.
    Passed,
    /// Nobody is there.
    Unreachable(String),
    /// It was answered otherwise.
    Refused {
        /// With this status, or not at all.
        status: Option<u16>,
        /// The first of what it said.
        body: String,
        /// Where it points to, for a redirect.
        location: Option<String>,
        /// Another dialect of the provider whose deliveries are accepted.
        dialect: Option<String>,
    },
}

impl Probe {
    /// Whether the cases mean anything.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

/// Tries `cases` on `subject`. The end of `interrupt` ends it with what was found until then.
///
/// # Errors
/// [`CheckError`].
pub async fn check(
    subject: &Subject,
    cases: &Cases,
    options: &CheckOptions,
    progress: &mut (dyn Progress + Send),
    interrupt: impl Future<Output = ()>,
) -> Result<CheckOutcome, CheckError> {
    let mut run = Run::new(subject, options);
    let mut interrupted = false;
    let mut probe = Probe::Passed;
    let work = async {
        probe = run.probe().await?;
        if probe.is_passed() {
            progress.begins(cases.cases.len());
            for case in &cases.cases {
                let outcome = run.case(case).await?;
                progress.done(&outcome);
                run.outcomes.push(outcome);
            }
        }
        Ok::<_, CheckError>(())
    };
    tokio::select! {
        done = work => done?,
        () = interrupt => interrupted = true,
    }
    let Run {
        mut outcomes, requests, ..
    } = run;
    find_roots(cases, &mut outcomes);
    Ok(CheckOutcome {
        probe,
        cases: outcomes,
        requests,
        interrupted,
    })
}

struct Run<'a> {
    subject: &'a Subject,
    options: &'a CheckOptions,
    caller: Caller,
    observer: Option<Observer>,
    groups: Groups,
    outcomes: Vec<CaseOutcome>,
    requests: usize,
    last_request: Instant,
    /// Cases in a row that got no answer.
    unanswered: usize,
    /// What one right delivery adds to the state.
    unit: f64,
    /// Whether what is observed names the event.
    names_ids: bool,
    /// The state before the first delivery that must be refused, and the ids of those that were.
    before_refusals: Option<String>,
    refused_ids: Vec<String>,
    /// What answers must not hold.
    secrets: Blanks,
    /// What answers gave away, by the expectation that forbids it, and in which case.
    given_away: Vec<(Expect, String)>,
}

impl<'a> Run<'a> {
    fn new(subject: &'a Subject, options: &'a CheckOptions) -> Self {
        Self {
            subject,
            options,
            caller: Caller::new(subject, options),
            observer: Observer::new(options),
            groups: Groups::default(),
            outcomes: Vec::new(),
            requests: 0,
            last_request: Instant::now(),
            unanswered: 0,
            unit: 0.0,
            names_ids: false,
            before_refusals: None,
            refused_ids: Vec::new(),
            secrets: blanks(&subject.secrets),
            given_away: Vec::new(),
        }
    }

    async fn probe(&mut self) -> Result<Probe, CheckError> {
        self.reset().await?;
        let before = self.state("").await?;
        let right = self.right(self.subject)?;
        let reply = self.send(&right, Wire::Usual).await;
        let answer = match &reply {
            Reply::Answer(answer, _) if answer.status / 100 == 2 => {
                let after = self.state(first_id(std::slice::from_ref(&right))).await?;
                if let (Some(before), Some(after)) = (before, after) {
                    self.unit = added(&before, &after, &right.ids);
                    self.names_ids = names(&after, &right.ids);
                }
                return Ok(Probe::Passed);
            }
            Reply::Unreachable(problem) => return Ok(Probe::Unreachable(problem.clone())),
            Reply::Answer(answer, _) => Some(answer),
            _ => None,
        };
        let status = answer.map(|answer| answer.status);
        let is_refusal = status.is_some_and(|status| matches!(status, 400 | 401 | 403 | 422));
        let dialect = if is_refusal {
            self.accepted_dialect().await?
        } else {
            None
        };
        let body = answer.map(|answer| answer.body.as_slice()).unwrap_or_default();
        Ok(Probe::Refused {
            status,
            body: String::from_utf8_lossy(&body[..body.len().min(KEPT)]).into_owned(),
            location: answer
                .and_then(|answer| answer.headers.text("location"))
                .map(str::to_owned),
            dialect,
        })
    }

    /// A dialect of the same provider whose right delivery is accepted.
    async fn accepted_dialect(&mut self) -> Result<Option<String>, CheckError> {
        let own = &self.subject.provider;
        let others = Provider::load_all(&own.folder).unwrap_or_default();
        for provider in others.into_iter().filter(|other| other.dialect != own.dialect) {
            let other = Subject {
                provider,
                ..self.subject.clone()
            };
            let right = self.right(&other)?;
            if self.send(&right, Wire::Usual).await.is_accepted() {
                return Ok(Some(other.provider.dialect));
            }
        }
        Ok(None)
    }

    fn right(&self, subject: &Subject) -> Result<Made, CheckError> {
        let now = Timestamp::now();
        let draft = subject.draft(&subject.event, now).map_err(super::RequestError::from)?;
        let draft = draft.ok_or_else(|| super::RequestError::NoFixture(subject.event.clone()))?;
        Ok(subject.right(&draft, now)?)
    }

    async fn case(&mut self, case: &Case) -> Result<CaseOutcome, CheckError> {
        let skipped = |reason: &str| self.outcome(case, Outcome::Skipped, reason.to_owned());
        if let Some(unmet) = case.when.iter().find(|condition| !self.holds(**condition)) {
            return Ok(skipped(unmet.unmet()));
        }
        if self.unanswered >= PATIENCE && !case.always {
            return Ok(skipped("the handler does not answer any more"));
        }
        if matches!(
            case.expect,
            Expect::NoSecret | Expect::NoSignature | Expect::NoPath | Expect::NoVersion
        ) {
            return Ok(self.private(case));
        }
        let made = match self.subject.requests(case, Timestamp::now()) {
            Ok(made) => made,
            Err(error) => return Ok(skipped(&format!("it can't be made: {error}"))),
        };
        let budget = self.options.most_requests.saturating_sub(self.requests);
        if made.len() > budget {
            let reason = format!("{} requests were made, and no more are allowed", self.requests);
            return Ok(self.outcome(case, Outcome::Skipped, reason));
        }
        self.before_family(case).await;
        let mut outcome = self.delivered(case, &made).await?;
        // What the clock decides is tried twice.
        if case.expect == Expect::InTime && outcome.is_broken() {
            let again = self.subject.requests(case, Timestamp::now())?;
            outcome = self.delivered(case, &again).await?;
        }
        let is_unanswered = !outcome.replies.is_empty() && outcome.replies.iter().all(|reply| reply.status().is_none());
        // A handler that a request ended takes connections for a moment still.
        if outcome.replies.iter().any(|reply| matches!(reply, Reply::Closed(_))) {
            sleep(AFTER_CLOSING).await;
        }
        self.unanswered = if is_unanswered { self.unanswered + 1 } else { 0 };
        let is_unreachable = |reply: &Reply| matches!(reply, Reply::Unreachable(_));
        if !case.always && outcome.replies.iter().any(is_unreachable) {
            self.unanswered = PATIENCE;
            return Ok(self.outcome(case, Outcome::Skipped, "nobody is at the target any more".to_owned()));
        }
        Ok(outcome)
    }

    fn holds(&self, condition: Condition) -> bool {
        self.subject.holds(condition, &self.options.client)
    }

    /// Looks at the state before the first delivery that must be refused.
    async fn before_family(&mut self, case: &Case) {
        if case.family == Family::Refuses && self.before_refusals.is_none() {
            self.before_refusals = self.state("").await.ok().flatten();
        }
    }

    /// Makes the requests, and judges the answers and what came of them.
    async fn delivered(&mut self, case: &Case, made: &[Made]) -> Result<CaseOutcome, CheckError> {
        let is_compared = !matches!(case.effect, Effect::Any) && case.family != Family::Refuses;
        let before = match is_compared {
            true => self.state_anew(first_id(made)).await,
            false => Ok(None),
        };
        let replies = self.send_all(case, made).await;
        let longest = self.subject.provider.table.delivery.timeout;
        let broken = replies
            .iter()
            .find_map(|reply| unmet(case.expect, reply, Some(longest)));
        if case.family == Family::Refuses && broken.is_none() {
            self.refused_ids.extend(ids(made));
        }
        let (outcome, reason) = match broken {
            Some(reason) => (Outcome::Fail, reason),
            None => match self.effect(case, made, before).await {
                Ok(judged) => judged,
                Err(problem) => (Outcome::Unseen, format!("its effects can't be seen: {problem}")),
            },
        };
        let mut outcome = self.outcome(case, outcome, reason);
        let shown = if is_one_request(case) {
            &made[..made.len().min(1)]
        } else {
            made
        };
        outcome.sent = shown.iter().map(|made| made.message.clone()).collect();
        outcome.replies = replies.into_iter().map(|reply| cut(reply, KEPT)).collect();
        Ok(outcome)
    }

    async fn send_all(&mut self, case: &Case, made: &[Made]) -> Vec<Reply> {
        if matches!(case.repeat, Repeat::AtOnce | Repeat::DifferentAtOnce) {
            let messages: Vec<_> = made.iter().map(|made| &made.message).collect();
            let mut replies = self.caller.call_together(&messages).await;
            for (made, reply) in made.iter().zip(&mut replies) {
                self.note(made, reply);
                // A server whose queue of connections is full drops some. They come again, as a provider's would.
                if matches!(reply, Reply::Closed(_) | Reply::Unreachable(_)) {
                    *reply = self.send(made, case.wire).await;
                }
            }
            return replies;
        }
        if matches!(case.repeat, Repeat::Twice | Repeat::Retried) {
            let messages: Vec<_> = made.iter().map(|made| &made.message).collect();
            let replies = self.caller.call_over_one(&messages).await;
            for (made, reply) in made.iter().zip(&replies) {
                self.note(made, reply);
            }
            return replies;
        }
        let mut rest = made;
        if case.repeat == Repeat::AfterHangUp
            && let Some((first, others)) = made.split_first()
        {
            self.requests += 1;
            // What could not be sent is sent again behind it.
            let _ = self.caller.hang_up(&first.message).await;
            sleep(AFTER_HANG_UP).await;
            rest = others;
        }
        let mut replies = Vec::new();
        for made in rest {
            replies.push(self.send(made, case.wire).await);
            // One that gives no answer is not waited for as often as there are events.
            let last = replies.iter().rev().take(PATIENCE);
            if last.filter(|reply| reply.status().is_none()).count() == PATIENCE {
                break;
            }
        }
        replies
    }

    async fn send(&mut self, made: &Made, how: Wire) -> Reply {
        let reply = self.caller.call(&made.message, how).await;
        self.note(made, &reply);
        reply
    }

    /// Counts a request, and keeps what its answer gives away.
    fn note(&mut self, made: &Made, reply: &Reply) {
        self.requests += 1;
        self.last_request = Instant::now();
        let Reply::Answer(answer, _) = reply else { return };
        for expect in [Expect::NoSecret, Expect::NoSignature, Expect::NoPath, Expect::NoVersion] {
            let is_known = self.given_away.iter().any(|(known, _)| *known == expect);
            if !is_known && let Some(what) = told(expect, answer, &self.secrets, &made.right) {
                let reason = format!("an answer with status {} holds {what}", answer.status);
                self.given_away.push((expect, reason));
            }
        }
    }

    fn private(&self, case: &Case) -> CaseOutcome {
        match self.given_away.iter().find(|(expect, _)| *expect == case.expect) {
            Some((_, reason)) => self.outcome(case, Outcome::Fail, reason.clone()),
            None => self.outcome(
                case,
                Outcome::Pass,
                format!("none of {} answers holds it", self.requests),
            ),
        }
    }

    /// What came of `made`, where its effect matters; or why that can't be seen.
    async fn effect(
        &mut self,
        case: &Case,
        made: &[Made],
        before: Result<Option<String>, CheckError>,
    ) -> Result<(Outcome, String), CheckError> {
        let before = before?;
        let kept = || (Outcome::Pass, "as it should".to_owned());
        if case.effect == Effect::Any {
            return Ok(kept());
        }
        if self.observer.is_none() {
            let unseen = || (Outcome::Unseen, "its effects can't be seen: give --observe".to_owned());
            return Ok(if case.family == Family::Accepts {
                kept()
            } else {
                unseen()
            });
        }
        if case.effect == Effect::SameAsInOrder {
            return self.order(made).await;
        }
        if self.unit <= 0.0 {
            let reason = "a right delivery changes nothing of what is observed".to_owned();
            return Ok((Outcome::Unseen, reason));
        }
        let after = self.state(first_id(made)).await?.unwrap_or_default();
        if case.family == Family::Refuses {
            return Ok(self.effect_of_refused(&after));
        }
        let count = added(&before.unwrap_or_default(), &after, &ids(made)) / self.unit;
        let wanted = if case.effect == Effect::Once { 1.0 } else { 0.0 };
        if (count - wanted).abs() < 0.01 {
            return Ok(kept());
        }
        let times = match made.len() {
            1 => "one request".to_owned(),
            several => format!("{several} requests"),
        };
        Ok((
            Outcome::Fail,
            format!("{times} had {} effects, where {wanted} was due", shown(count)),
        ))
    }

    fn effect_of_refused(&self, after: &str) -> (Outcome, String) {
        let before = self.before_refusals.clone().unwrap_or_default();
        let is_accepted = |outcome: &CaseOutcome| {
            outcome.case.family == Family::Refuses && outcome.replies.iter().any(Reply::is_accepted)
        };
        let any_accepted = self.outcomes.iter().any(is_accepted);
        if any_accepted && self.names_ids && !names(after, &self.refused_ids) {
            return (Outcome::Pass, "no refused delivery had an effect".into());
        }
        if any_accepted && !self.names_ids {
            let reason =
                "deliveries were accepted that should have been refused, and what is observed does not tell them apart";
            return (Outcome::Unseen, reason.into());
        }
        let count = added(&before, after, &self.refused_ids) / self.unit;
        if count < 0.01 {
            return (Outcome::Pass, "no refused delivery had an effect".into());
        }
        (
            Outcome::Fail,
            format!("deliveries that it refused had {} effects", shown(count)),
        )
    }

    /// Compares the state after `made`, the newer first, with that of two in their order.
    async fn order(&mut self, made: &[Made]) -> Result<(Outcome, String), CheckError> {
        let Some(first) = self.state(first_id(made)).await? else {
            return Ok((Outcome::Unseen, "its effects can't be seen: give --observe".into()));
        };
        let reversed = state_of(&first, &ids(made));
        self.reset().await?;
        let in_order = self.subject.in_order(Timestamp::now())?;
        for made in &in_order {
            self.send(made, Wire::Usual).await;
        }
        let second = self.state(first_id(&in_order)).await?.unwrap_or_default();
        if !names(&first, &ids(made)) || !names(&second, &ids(&in_order)) {
            let reason = "what is observed names neither the event nor its object";
            return Ok((Outcome::Unseen, reason.into()));
        }
        let expected = state_of(&second, &ids(&in_order));
        if reversed == expected {
            return Ok((Outcome::Pass, "the newer event's state stayed".into()));
        }
        Ok((
            Outcome::Fail,
            format!(
                "the state is `{}`, and in order `{}`",
                reversed.join(" "),
                expected.join(" ")
            ),
        ))
    }

    /// What is observed after effects were undone.
    async fn state_anew(&self, id: &str) -> Result<Option<String>, CheckError> {
        self.reset().await?;
        self.state(id).await
    }

    /// What is observed, once it stays the same; `None` where nothing is.
    async fn state(&self, id: &str) -> Result<Option<String>, CheckError> {
        let Some(observer) = &self.observer else {
            return Ok(None);
        };
        let is_quiet = self.requests == 0 || self.last_request.elapsed() > self.options.settle;
        Ok(Some(match is_quiet {
            true => observer.look(id, &self.groups).await?,
            false => observer.settled(id, &self.groups).await?,
        }))
    }

    async fn reset(&self) -> Result<(), CheckError> {
        if let Some(reset) = &self.options.reset {
            reset.run("", &self.groups).await.map_err(CheckError::Reset)?;
        }
        Ok(())
    }

    /// A broken rule is a failure where the provider asks for it.
    fn outcome(&self, case: &Case, outcome: Outcome, reason: String) -> CaseOutcome {
        let is_required = !case.only_warns
            && case
                .fail_when
                .iter()
                .all(|condition: &Condition| self.holds(*condition));
        let outcome = match outcome {
            Outcome::Fail if !is_required => Outcome::Warn,
            other => other,
        };
        CaseOutcome {
            case: case.clone(),
            is_known: outcome == Outcome::Fail && self.options.known.contains(&case.full_name()),
            outcome,
            is_required,
            reason,
            root: None,
            sent: Vec::new(),
            replies: Vec::new(),
        }
    }
}

/// What names the events of `made`.
fn ids(made: &[Made]) -> Vec<String> {
    made.iter().flat_map(|made| made.ids.clone()).collect()
}

/// What names the first of them.
fn first_id(made: &[Made]) -> &str {
    let first = made.first().and_then(|made| made.ids.first());
    first.map_or("", String::as_str)
}

/// A count without digits that say nothing.
fn shown(count: f64) -> String {
    let text = format!("{count:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether a state names one of `ids`.
fn names(state: &str, ids: &[String]) -> bool {
    ids.iter().any(|id| state.contains(id.as_str()))
}
