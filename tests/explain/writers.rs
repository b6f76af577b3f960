//! Every writer of JSON is named, in both directions, from what the real runtimes wrote.

use std::collections::BTreeMap;

use ckwh::explain::{Basis, Effort, Kind};
use ckwh::json::{self, Style};

use crate::golden::{self, Golden};
use crate::losses::{self, Loss};
use crate::parallel;
use crate::question::{Case, SECRET, Said, dotted, mac};
use crate::rounds::{is_whole, sampled};

/// Forward: the delivery is the body, the handler hashed what the runtime wrote.
#[test]
fn every_writer_of_every_body_is_named() {
    let mut by_body: BTreeMap<String, Vec<Golden>> = BTreeMap::new();
    for golden in golden::all() {
        if !golden::is_read_otherwise(&golden) {
            by_body.entry(golden.body.clone()).or_default().push(golden);
        }
    }
    let tasks: Vec<(String, Vec<Golden>)> = by_body.into_iter().collect();
    let named = parallel::each(&tasks, |(name, written)| {
        let body = golden::body(name);
        let signature = |golden: &Golden| format!("sha256={}", mac(SECRET.as_bytes(), &dotted(&golden.written)));
        let signatures: Vec<String> = written.iter().map(signature).collect();
        let said = Case::usual(body.clone()).did_each(&signatures);
        let named = written
            .iter()
            .zip(said)
            .filter(|(golden, said)| is_named(golden, &body, said));
        named.count()
    });
    let named: usize = named.into_iter().sum();
    assert!(named > 500, "{named}");
}

/// Whether the writer is said; else it is the body's own, or only took its white space out.
fn is_named(golden: &Golden, body: &[u8], said: &Said) -> bool {
    if golden.written == body {
        assert!(said.causes.is_empty(), "{} {}", golden.style, golden.body);
        return false;
    }
    let what = format!("{} {}: {said:#?}", golden.style, golden.body);
    assert_eq!(said.causes.len(), 1, "{what}");
    let cause = &said.causes[0];
    let difference = cause.difference.as_ref().unwrap();
    assert_eq!(
        (difference.delivered_bytes, difference.signed_bytes),
        (body.len(), golden.written.len())
    );
    if cause.kind == Kind::BodyWhitespace {
        return false;
    }
    assert_eq!(cause.kind, Kind::BodyReserialised, "{what}");
    assert!(cause.writers.contains(&golden.style.as_str()), "{what}");
    true
}

/// What one or more writers made of a body, byte for byte the same.
struct Class {
    written: Vec<u8>,
    /// The names of their styles; none for the body itself, which somebody wrote by hand.
    writers: Vec<String>,
}

impl Class {
    /// The writers that give these bytes again when they read `arrived`, and the tables' rows for them say how.
    fn again_from(&self, arrived: &[u8]) -> Vec<&str> {
        let value = json::parse(arrived).unwrap();
        let gives = |writer: &&str| {
            let style = Style::named(writer).unwrap();
            json::rewrite(&value, style, usize::MAX).as_ref() == Some(&self.written)
        };
        self.writers.iter().map(String::as_str).filter(gives).collect()
    }
}

/// Each body with everything that was made of it.
fn classes() -> BTreeMap<String, Vec<Class>> {
    let mut by_body: BTreeMap<String, Vec<Class>> = BTreeMap::new();
    for golden in golden::all() {
        let classes = by_body.entry(golden.body.clone()).or_insert_with(|| {
            vec![Class {
                written: golden::body(&golden.body),
                writers: Vec::new(),
            }]
        });
        match classes.iter_mut().find(|class| class.written == golden.written) {
            Some(class) => class.writers.push(golden.style),
            None => classes.push(Class {
                written: golden.written,
                writers: vec![golden.style],
            }),
        }
    }
    by_body
}

/// What came of the pairs that were searched.
#[derive(Default)]
struct Tally {
    named: usize,
    lost: BTreeMap<Loss, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn and(mut self, other: Self) -> Self {
        self.named += other.named;
        self.wrong.extend(other.wrong);
        for (loss, count) in other.lost {
            *self.lost.entry(loss).or_default() += count;
        }
        self
    }
}

/// Reverse: one runtime wrote and signed it, another read that and wrote it again on the way. Every pair of writers of
/// every body is in one of two classes of bytes, and each two classes are searched: a sixteenth of them but in the nightly
/// run.
///
/// Where the signer can write its own bytes again from what arrived, it is named. Where it can't, something is lost
/// ([`Loss`] says what and why), and the signer is not named: the cause is unknown, or what does give the bytes.
#[test]
fn every_pair_of_writers_in_which_the_information_survives_is_named() {
    let bodies = classes();
    let tasks: Vec<_> = bodies
        .iter()
        .flat_map(|(body, classes)| classes.iter().map(move |signed| (body, classes, signed)))
        .collect();
    let tallies = parallel::each(&tasks, |(body, classes, signed)| {
        let mut tally = Tally::default();
        let others = classes.iter().filter(|arrived| arrived.written != signed.written);
        for arrived in sampled(others.collect(), 16) {
            pair(body, signed, arrived, &mut tally);
        }
        tally
    });
    let tally = tallies.into_iter().reduce(Tally::and).unwrap();
    let wrong = &tally.wrong;
    assert!(wrong.is_empty(), "{} are wrong, as {}", wrong.len(), wrong[0]);
    assert!(tally.named > 500, "{}", tally.named);
    // A part of the pairs need not have every loss in it.
    for loss in Loss::ALL.into_iter().filter(|_| is_whole()) {
        assert!(tally.lost.contains_key(&loss), "nothing is lost by {loss:?}");
    }
}

/// One pair of classes.
fn pair(body: &str, signed: &Class, arrived: &Class, tally: &mut Tally) {
    let able = signed.again_from(&arrived.written);
    let mut case = Case::usual(signed.written.clone()).arrived(arrived.written.clone());
    if able.is_empty() {
        // Every single cause is tried; two together are no matter of writers.
        case.effort = Effort::Low;
    }
    let explanation = case.why();
    let mut wrong = |what: &str| {
        let [written, arrived] = [&signed.written, &arrived.written].map(|bytes| String::from_utf8_lossy(bytes));
        tally.wrong.push(format!(
            "{body}: {what}\nsigned {written}\narrived {arrived}\n{explanation:#?}"
        ));
    };
    let [cause] = explanation.causes.as_slice() else {
        return wrong("not one cause");
    };
    if let Some(writer) = able.iter().find(|writer| !cause.writers.contains(writer)) {
        wrong(&format!("{writer} is not named"));
    }
    tally.named += able.len() * arrived.writers.len();
    if able.len() == signed.writers.len() && !able.is_empty() {
        return;
    }
    let named = |writer: &String| !able.contains(&writer.as_str()) && cause.writers.contains(&writer.as_str());
    if signed.writers.iter().any(named) {
        wrong("a writer is named that can't have it from what arrived");
    }
    let proven = cause.proof.as_ref().is_some_and(|proof| proof.by == Basis::Mac);
    if proven == (cause.kind == Kind::Unknown) {
        wrong("a cause without a proof");
    }
    let losses = losses::between(&signed.written, &arrived.written);
    if losses.is_empty() && !signed.writers.is_empty() {
        wrong("nothing is lost");
    }
    for loss in losses {
        *tally.lost.entry(loss).or_default() += 1;
    }
}
