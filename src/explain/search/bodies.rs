//! The bodies of the plan, made and tried by two workers where they are large; which one found something first does not
//! matter: the hypothesis that stands first in the plan counts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::finding::Found;
use super::report::Ruled;
use super::tags::{Behind, tags};
use super::{Effort, Engine, Keyed, Point, Signed, Work};
use crate::explain::algorithm::Algorithm;
use crate::explain::body::{Place, Rank, Variant, Worker};

/// Keys, contents and algorithms, each with each.
pub(super) type Combination<'c> = (&'c [Keyed], &'c [Signed], &'c [Algorithm]);

/// From this size on two workers are worth their threads; beyond the other, what two hold is too much memory; in bytes.
const SHARED: Range<usize> = 4 * 1024..8 * 1024 * 1024;

/// What a worker did.
struct Share {
    work: Work,
    /// The place in the plan of each body that it made, and a fingerprint of its bytes.
    made: Vec<(Place, u64)>,
    /// What it found: the place in the plan, and the target's index.
    found: Vec<(Place, usize, Found)>,
    ruled: Ruled,
}

/// Which hypotheses of the plan are looked at.
struct Wanted<'w> {
    families: &'w (dyn Fn(Rank) -> bool + Sync),
    places: &'w (dyn Fn(Place) -> bool + Sync),
}

impl Engine<'_> {
    /// Each body by itself. Which of them differ from each other is noted.
    pub(super) fn singles(&mut self, combinations: &[Combination<'_>]) {
        if self.source.too_large {
            self.work.exhausted = true;
        }
        let only_likely = self.question.effort == Effort::Low;
        let wanted = Wanted {
            families: &|rank| rank == Rank::Likely || !only_likely,
            places: &|_| true,
        };
        let mut first: HashMap<u64, Place> = HashMap::new();
        for (place, print) in self.walk(&wanted, combinations) {
            match first.entry(print) {
                Entry::Vacant(empty) => drop(empty.insert(place)),
                Entry::Occupied(mut own) if *own.get() > place => drop(own.insert(place)),
                Entry::Occupied(_) => {}
            }
        }
        self.distinct = first.into_values().collect();
        self.distinct.sort_unstable();
    }

    /// The first `most` of the bodies that differ from each other, of the families of this rank.
    pub(super) fn again(&mut self, wants: Rank, most: usize, combinations: &[Combination<'_>]) {
        let wanted = self.distinct.iter().filter(|place| place.1 == wants);
        let places: Vec<Place> = wanted.take(most).copied().collect();
        let wanted = Wanted {
            families: &|rank| rank == wants,
            places: &|place| places.binary_search(&place).is_ok(),
        };
        self.walk(&wanted, combinations);
    }

    /// Tries every combination over every wanted body; gives what was made.
    fn walk(&mut self, wanted: &Wanted<'_>, combinations: &[Combination<'_>]) -> Vec<(Place, u64)> {
        if self.done() {
            return Vec::new();
        }
        let workers = if SHARED.contains(&self.source.body().len()) {
            2
        } else {
            1
        };
        let hasher = RandomState::new();
        let ends = self
            .targets
            .iter()
            .map(|target| AtomicUsize::new(if target.is_done() { 0 } else { usize::MAX }));
        let ends: Vec<AtomicUsize> = ends.collect();
        let shares = {
            let worker = |own: usize, _asks: Worker<'_>| self.share(own, workers, wanted, combinations, &hasher, &ends);
            let mut asking = (0..).zip(self.source.workers(workers));
            let first = asking.next();
            thread::scope(|scope| {
                let others: Vec<_> = asking
                    .map(|(own, asks)| scope.spawn(move || worker(own, asks)))
                    .collect();
                let mut shares: Vec<Share> = first.map(|(own, asks)| worker(own, asks)).into_iter().collect();
                // A worker that panicked has found nothing.
                shares.extend(others.into_iter().filter_map(|other| other.join().ok()));
                shares
            })
        };
        let mut made = Vec::new();
        let mut found = Vec::new();
        for (own, share) in shares.into_iter().enumerate() {
            let exhausted = self.work.exhausted || share.work.exhausted;
            if own == 0 {
                self.work = share.work;
            }
            self.work.exhausted = exhausted;
            self.ruled.add(share.ruled);
            made.extend(share.made);
            found.extend(share.found);
        }
        found.sort_by_key(|(place, ..)| *place);
        for (_, target, found) in found {
            self.targets[target].found.get_or_insert(found);
        }
        made
    }

    /// One worker's share: every `workers`th hypothesis. Each worker counts the work of all, so that both end at one.
    fn share(
        &self,
        own: usize,
        workers: usize,
        wanted: &Wanted<'_>,
        combinations: &[Combination<'_>],
        hasher: &RandomState,
        ends: &[AtomicUsize],
    ) -> Share {
        let mut share = Share {
            work: self.work.clone(),
            made: Vec::new(),
            found: Vec::new(),
            ruled: Ruled::default(),
        };
        let length = self.source.body().len();
        let points: usize = combinations
            .iter()
            .map(|(keys, contents, algorithms)| keys.len() * contents.len() * algorithms.len())
            .sum();
        let mut turn = 0;
        self.source.each(wanted.families, &mut |place, steps, make| {
            if !(wanted.places)(place) {
                return true;
            }
            turn += 1;
            if ends.iter().all(|end| end.load(Ordering::Relaxed) < place.0)
                || !share
                    .work
                    .take(points as u64 * self.cost, length + points * (length + 64))
            {
                return false;
            }
            if turn % workers != own {
                return true;
            }
            let Some(bytes) = make().filter(|bytes| bytes != self.source.body()) else {
                return true;
            };
            share.made.push((place, fingerprint(hasher, &bytes)));
            let variant = Variant {
                steps: steps(),
                bytes: bytes.into(),
            };
            self.tried(&variant, combinations, &mut share.ruled, &mut |target, found| {
                ends[target].fetch_min(place.0, Ordering::Relaxed);
                if !share.found.iter().any(|(_, own, _)| *own == target) {
                    share.found.push((place, target, found));
                }
            });
            true
        });
        share
    }

    /// Tries every combination over one body.
    fn tried(
        &self,
        body: &Variant<'_>,
        combinations: &[Combination<'_>],
        ruled: &mut Ruled,
        found: &mut dyn FnMut(usize, Found),
    ) {
        let own = Algorithm::Named(self.signature.kind);
        for (keys, contents, algorithms) in combinations {
            for key in *keys {
                let mut behind = Behind::default();
                for signed in *contents {
                    for algorithm in *algorithms {
                        let point = Point {
                            key,
                            body,
                            signed,
                            algorithm: *algorithm,
                            own_algorithm: *algorithm == own,
                        };
                        tags(&point, &mut behind, &mut |made, tail| {
                            ruled.note(&point, tail);
                            for (index, target) in self.targets.iter().enumerate() {
                                if let Some(own) = self.holds(target, &made, &point, tail) {
                                    found(index, own);
                                }
                            }
                        });
                    }
                }
            }
        }
    }
}

/// A number that two texts share by chance only: the words of each, mixed with a seed that nobody knows.
fn fingerprint(seed: &RandomState, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let start = seed.hash_one(bytes.len());
    let words = bytes.chunks_exact(8);
    let rest = words
        .remainder()
        .iter()
        .fold(0u64, |rest, byte| rest << 8 | u64::from(*byte));
    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(ODD);
    let state = words.fold(start, |state, word| {
        mix(state, word.try_into().map_or(0, u64::from_le_bytes))
    });
    mix(state, rest)
}
