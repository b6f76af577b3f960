//! Whether a webhook handler is right: cases are delivered to it, and what it answers and does is judged.
//!
//! A [`Subject`] is the handler and whose deliveries it gets, [`Cases`] are the rules as data, [`CheckOptions`] say how
//! its effects can be seen. [`check`] gives a [`CheckOutcome`]; [`explore()`] looks for an order of events that breaks it.

mod case;
mod effects;
mod explore;
mod fault;
mod groups;
mod outcome;
mod private;
mod program;
mod request;
mod run;
mod subject;
mod wire;

use std::time::Duration;

pub use case::{
    Age, BodyChange, Case, CaseError, Cases, Condition, Effect, EventChoice, Expect, Family, Fault, Remedy, Repeat,
    Root, Signing, Wire, matches,
};
pub use effects::{Observation, ObserveError};
pub use explore::{Exploration, ExploreOptions, ExploreOutcome, explore};
pub use outcome::{CaseOutcome, Counts, Finding, Outcome};
pub use program::{Program, ProgramError};
pub use request::RequestError;
pub use run::{Probe, check};
pub use subject::{MARK, Subject};
pub use wire::Reply;

use crate::delivery::Client;

/// How a handler is tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Makes the requests that are not plain HTTP.
    pub client: Client,
    /// How long an answer may take before nobody waits for it.
    pub timeout: Duration,
    /// Where the handler's effects can be seen.
    pub observation: Option<Observation>,
    /// How long what is observed must stay the same.
    pub settle: Duration,
    /// What undoes the handler's effects before each case.
    pub reset: Option<Program>,
    /// How many requests may be made.
    pub most_requests: usize,
    /// The failures that are known: full names of cases.
    pub known: Vec<String>,
}

impl CheckOptions {
    /// How effects are looked at where nothing else is asked for: not at all.
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            observation: None,
            settle: Duration::from_millis(500),
            reset: None,
            most_requests: 2000,
            known: Vec::new(),
        }
    }
}

/// Is told how far a check has come.
pub trait Progress {
    /// So many cases are to be tried.
    fn begins(&mut self, cases: usize);
    /// One more is done.
    fn done(&mut self, outcome: &CaseOutcome);
}

/// Why a check can't go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A request can't be made.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What undoes the effects failed.
    #[error("--reset: {0}")]
    Reset(#[source] ProgramError),
    /// The effects can't be seen.
    #[error("--observe: {0}")]
    Observe(#[from] ObserveError),
    /// Orders of events can't be compared without a view of the state.
    #[error("an exploration compares states: give --observe or --observe-url, and --reset")]
    NoView,
    /// The chain's events are not accepted in their order.
    #[error("the events in their order got {0}, where 2xx was due: run ckwh check without --explore")]
    ChainRefused(u16),
    /// They change nothing that can be seen.
    #[error("the events in their order change nothing of what is observed, so no orders can be compared")]
    ChainUnseen,
    /// There is no chain of events.
    #[error("no events of this provider are known to follow each other; name some with --chain a,b,c")]
    NoChain,
}

/// What came of a check.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckOutcome {
    /// Whether a right delivery was accepted at all; else nothing more was tried.
    pub probe: Probe,
    /// The cases in the order they were tried.
    pub cases: Vec<CaseOutcome>,
    /// How many requests were made.
    pub requests: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

impl CheckOutcome {
    /// What is wrong, failures first. `cases` are those that were tried.
    pub fn findings<'a>(&'a self, cases: &'a Cases) -> Vec<Finding<'a>> {
        outcome::findings(cases, &self.cases)
    }

    /// How many cases of `family`, or of all, ended in which way.
    pub fn counts(&self, family: Option<Family>) -> Counts {
        Counts::of(&self.cases, family)
    }

    /// Whether the handler broke a rule that its provider asks for; known failures aside.
    pub fn fails(&self) -> bool {
        let fails = |outcome: &CaseOutcome| outcome.outcome == Outcome::Fail && !outcome.is_known;
        !self.probe.is_passed() || self.cases.iter().any(fails)
    }
}
