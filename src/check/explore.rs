//! Orders and repetitions of a chain of events, until one leaves another state than the events in their order.

use std::collections::HashSet;

use jiff::Timestamp;

use super::case::Wire;
use super::effects::{Observer, state_of};
use super::groups::Groups;
use super::request::Made;
use super::subject::Subject;
use super::wire::{Caller, Reply};
use super::{CheckError, CheckOptions, RequestError};

/// How far an exploration goes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ExploreOptions {
    /// The longest sequence, in deliveries.
    pub longest: usize,
    /// How many sequences are tried.
    pub most: usize,
    /// What chooses among more than that.
    pub seed: u64,
}

impl ExploreOptions {
    /// Sequences of up to `longest` deliveries: a thousand of them at most.
    pub fn new(longest: usize) -> Self {
        Self {
            longest,
            most: 1000,
            seed: 0,
        }
    }
}

/// A sequence that leaves another state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exploration {
    /// The events, in the order they were delivered.
    pub events: Vec<String>,
    /// The state that they left.
    pub left: Vec<String>,
    /// The state that the same events leave in their order, each once.
    pub in_order: Vec<String>,
}

/// What came of an exploration.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExploreOutcome {
    /// The shortest sequence that was found to leave another state.
    pub found: Option<Exploration>,
    /// The chain's events.
    pub chain: Vec<String>,
    /// How many sequences were tried.
    pub tried: usize,
    /// How many of the length asked for were not; `None` is more than can be counted here.
    pub left_out: Option<usize>,
    /// How many requests were made.
    pub requests: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// More sequences than these are not listed, to choose among.
const LISTED: usize = 100_000;

/// Delivers the subject's chain in other orders and with repetitions, and compares the states that are left. The first
/// difference is made as short as it can be.
///
/// # Errors
/// [`CheckError`].
pub async fn explore(
    subject: &Subject,
    options: &CheckOptions,
    explore: &ExploreOptions,
    interrupt: impl Future<Output = ()>,
) -> Result<ExploreOutcome, CheckError> {
    let chain = subject.chain.clone().ok_or(CheckError::NoChain)?;
    let (Some(observer), Some(_)) = (Observer::new(options), &options.reset) else {
        return Err(CheckError::NoView);
    };
    let (sequences, left_out) = sequences(chain.events.len(), explore);
    let mut walk = Walk {
        subject,
        options,
        observer,
        caller: Caller::new(subject, options),
        groups: Groups::default(),
        requests: 0,
        started: Timestamp::now(),
        in_order: Vec::new(),
    };
    let mut tried = 0;
    let mut found = None;
    let mut interrupted = false;
    let work = async {
        walk.look_at_chain(chain.events.len()).await?;
        for sequence in &sequences {
            tried += 1;
            if let Some(difference) = walk.difference(sequence).await? {
                found = Some(walk.shortest(sequence.clone(), difference).await?);
                break;
            }
        }
        Ok::<_, CheckError>(())
    };
    tokio::select! {
        done = work => done?,
        () = interrupt => interrupted = true,
    }
    Ok(ExploreOutcome {
        found,
        left_out: left_out.map(|left_out| left_out + sequences.len() - tried),
        chain: chain.events,
        tried,
        requests: walk.requests,
        interrupted,
    })
}

/// The sequences to try of `events` events, the shortest first, and how many more there are. Those that are in order
/// and without repetition are left out: they are what others are compared with.
fn sequences(events: usize, explore: &ExploreOptions) -> (Vec<Vec<usize>>, Option<usize>) {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut longer: Vec<Vec<usize>> = vec![Vec::new()];
    let mut is_whole = true;
    'lengths: for _ in 0..explore.longest {
        let mut next = Vec::new();
        for shorter in &longer {
            for event in 0..events {
                let mut sequence = shorter.clone();
                sequence.push(event);
                if !sequence.is_sorted_by(|one, other| one < other) {
                    all.push(sequence.clone());
                }
                next.push(sequence);
                if all.len() + next.len() > LISTED {
                    is_whole = false;
                    break 'lengths;
                }
            }
        }
        longer = next;
    }
    // Of what is too much a part is chosen; short ones show most, and stay.
    let listed = all.len();
    if listed > explore.most {
        let mut random = fastrand::Rng::with_seed(explore.seed);
        let (short, long) = all.split_at_mut(explore.most / 2);
        random.shuffle(long);
        long[..explore.most - short.len()].sort_by_key(Vec::len);
        all.truncate(explore.most);
    }
    let left_out = is_whole.then(|| listed - all.len());
    (all, left_out)
}

struct Walk<'a> {
    subject: &'a Subject,
    options: &'a CheckOptions,
    observer: Observer,
    caller: Caller,
    groups: Groups,
    requests: usize,
    /// The time of all events, so that states with times in them can be compared.
    started: Timestamp,
    /// The states that sets of events leave in their order.
    in_order: Vec<(Vec<usize>, Vec<String>)>,
}

/// A state that a sequence leaves, and the one that it should.
struct Difference {
    left: Vec<String>,
    in_order: Vec<String>,
}

impl Walk<'_> {
    /// Whether the whole chain in its order is accepted, and shows in what is observed: without that nothing can be
    /// compared.
    async fn look_at_chain(&mut self, events: usize) -> Result<(), CheckError> {
        if let Some(reset) = &self.options.reset {
            reset.run("", &self.groups).await.map_err(CheckError::Reset)?;
        }
        let before = self.observer.settled("", &self.groups).await?;
        let in_order: Vec<usize> = (0..events).collect();
        let delivered = self.deliver(&in_order).await?;
        if let Some(status) = delivered.refused {
            return Err(CheckError::ChainRefused(status));
        }
        let after = self.observer.settled("", &self.groups).await?;
        if before == after {
            return Err(CheckError::ChainUnseen);
        }
        Ok(())
    }

    /// What `sequence` leaves, where that is not what its events leave in their order.
    async fn difference(&mut self, sequence: &[usize]) -> Result<Option<Difference>, CheckError> {
        let mut events = sequence.to_vec();
        events.sort_unstable();
        events.dedup();
        let known = self.in_order.iter().find(|(own, _)| *own == events);
        let in_order = match known {
            Some((_, state)) => state.clone(),
            None => {
                let state = self.state_after(&events).await?;
                self.in_order.push((events, state.clone()));
                state
            }
        };
        let left = self.state_after(sequence).await?;
        Ok((left != in_order).then_some(Difference { left, in_order }))
    }

    /// Takes deliveries away, and puts the rest nearer to their order, for as long as the state stays another.
    async fn shortest(
        &mut self,
        mut sequence: Vec<usize>,
        mut difference: Difference,
    ) -> Result<Exploration, CheckError> {
        let mut tried: HashSet<Vec<usize>> = HashSet::new();
        loop {
            let shorter = (0..sequence.len()).map(|at| {
                let mut shorter = sequence.clone();
                shorter.remove(at);
                shorter
            });
            let candidates: Vec<Vec<usize>> = shorter.filter(|shorter| !shorter.is_empty()).collect();
            let mut next = None;
            for candidate in candidates {
                if !tried.insert(candidate.clone()) {
                    continue;
                }
                if let Some(found) = self.difference(&candidate).await? {
                    next = Some((candidate, found));
                    break;
                }
            }
            match next {
                Some((shorter, found)) => (sequence, difference) = (shorter, found),
                None => break,
            }
        }
        let chain = self.subject.chain.as_ref().ok_or(CheckError::NoChain)?;
        Ok(Exploration {
            events: sequence.iter().map(|event| chain.events[*event].clone()).collect(),
            left: difference.left,
            in_order: difference.in_order,
        })
    }

    /// Begins anew, delivers `sequence` about one object, and looks at what is left of it.
    async fn state_after(&mut self, sequence: &[usize]) -> Result<Vec<String>, CheckError> {
        if let Some(reset) = &self.options.reset {
            reset.run("", &self.groups).await.map_err(CheckError::Reset)?;
        }
        let delivered = self.deliver(sequence).await?;
        let id = delivered.ids.first().cloned().unwrap_or_default();
        let state = self.observer.settled(&id, &self.groups).await?;
        Ok(state_of(&state, &delivered.ids))
    }

    async fn deliver(&mut self, sequence: &[usize]) -> Result<Delivered, CheckError> {
        let chain = self.subject.chain.as_ref().ok_or(CheckError::NoChain)?;
        let drafts = self.subject.chain_drafts(chain, self.started)?;
        let mut ids: Vec<String> = Vec::new();
        let mut made: Vec<Made> = Vec::new();
        for draft in &drafts {
            let right = self.subject.right(draft, Timestamp::now())?;
            ids.extend(right.ids.iter().cloned());
            made.push(right);
        }
        let mut refused = None;
        for event in sequence {
            self.requests += 1;
            match self.caller.call(&made[*event].message, Wire::Usual).await {
                Reply::Unreachable(problem) => return Err(RequestError::Unreachable(problem).into()),
                reply => refused = refused.or(reply.status().filter(|status| status / 100 != 2)),
            }
        }
        Ok(Delivered { ids, refused })
    }
}

/// What was delivered.
struct Delivered {
    /// What names its events and their object.
    ids: Vec<String>,
    /// The first status that is no 2xx.
    refused: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_other_orders_and_repetitions_the_shortest_first() {
        let (all, left_out) = sequences(2, &ExploreOptions::new(2));
        assert_eq!(all, [vec![0, 0], vec![1, 0], vec![1, 1]]);
        assert_eq!(left_out, Some(0));
        let (some, left_out) = sequences(
            3,
            &ExploreOptions {
                most: 10,
                ..ExploreOptions::new(4)
            },
        );
        assert_eq!(some.len(), 10);
        assert_eq!(left_out, Some(3 + 9 + 27 + 81 - 7 - 10));
        assert_eq!(sequences(5, &ExploreOptions::new(1000)).1, None);
    }
}
