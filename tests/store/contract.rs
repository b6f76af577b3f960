//! The contract of the store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ckwh::capture::{BodyHeld, Delivered, DeliveryKind, Excerpt, Judgement, Outcome, Recorded};
use ckwh::message::Message;
use ckwh::store::{
    Answered, DeliveryQuery, Ended, NewRun, Numbers, Order, Pattern, Selection, Store, Summary, copy, wait,
};
use ckwh::verify::{Reason, SignatureState};
use jiff::{SignedDuration, Timestamp};

use super::{place_of, places};

/// More than a page of any backend.
const MANY: usize = 450;

fn request(body: &str) -> Recorded {
    Recorded {
        received_at: Some("2026-05-08T12:00:00.000001Z".parse().unwrap()),
        ..Recorded::new(Message {
            url: Some("/a?b".into()),
            headers: [("x-a", &b"\xff"[..]), ("x-a", b"2")].into_iter().collect(),
            ..Message::new(body.as_bytes().to_vec())
        })
    }
}

fn of_event(identity: u8) -> Recorded {
    let mut judgement = Judgement::new(Reason::Valid, SignatureState::Match);
    judgement.identity = Some([identity; 16]);
    Recorded {
        judgement: Some(judgement),
        ..request("of an event")
    }
}

fn outcome(status: Option<u16>) -> Outcome {
    Outcome {
        status,
        duration: Duration::from_micros(1234),
        failure: status.is_none().then(|| "refused\0".into()),
        server: Some("Express".into()),
        answer: status.map(|status| {
            let headers = [("server", "x")].into_iter().collect();
            let mut answer = Excerpt::new(status, headers);
            answer.body = b"\0\xffanswer".to_vec();
            answer.truncated = true;
            Box::new(answer)
        }),
    }
}

fn forwarded(outcome: Option<Outcome>) -> Delivered {
    Delivered {
        id: 0,
        kind: DeliveryKind::Forward,
        target: "http://x.test/a?b".into(),
        at: "2026-05-08T12:00:01Z".parse().unwrap(),
        outcome,
    }
}

/// Everything that a request can be, and bytes and characters that a database may not like.
fn everything() -> Recorded {
    let mut judgement = Judgement::new(Reason::Mismatch, SignatureState::Mismatch);
    judgement.provider = Some("costkatana".into());
    judgement.dialect = Some(String::new());
    judgement.event_type = Some("a\0b\u{F0000}\u{10FFFF}'\"\\".into());
    judgement.identity = Some([0; 16]);
    judgement.signed_at = Some("1969-12-31T23:59:59.999999Z".parse().unwrap());
    judgement.matched_secret = Some("CKWH_SECRET".into());
    judgement.detail = Some("é\n".into());
    Recorded {
        peer: Some("[::1]:80".into()),
        http_1_0: true,
        answer: Some(401),
        body_held: BodyHeld::Rewritten,
        deliveries: vec![
            forwarded(None),
            forwarded(Some(outcome(None))),
            forwarded(Some(outcome(Some(299)))),
        ],
        judgement: Some(judgement),
        ..Recorded::new(Message {
            method: "PATCH".into(),
            url: Some("/\u{F0000}0?\0=%00".into()),
            headers: [("X-A", &b"\x80\x01"[..]), ("x-a", b""), ("Host", b"h")]
                .into_iter()
                .collect(),
            ..Message::new((0..=255).cycle().take(70_000).collect::<Vec<u8>>())
        })
    }
}

fn listed(store: &Store, selection: Selection, order: Order) -> Vec<Summary> {
    store
        .summaries(selection, order)
        .pages()
        .flat_map(Result::unwrap)
        .collect()
}

fn ids(all: &[Summary]) -> Vec<i64> {
    all.iter().map(|summary| summary.id).collect()
}

/// Without what a store gives.
fn plain(recorded: &Recorded) -> Recorded {
    let mut recorded = recorded.clone();
    recorded.deliveries.iter_mut().for_each(|delivered| delivered.id = 0);
    recorded
}

#[test]
fn what_is_added_comes_back_as_it_was() {
    for (name, place) in places() {
        let store = place.open();
        let far = Recorded {
            received_at: Some("0007-01-02T03:04:05.000006Z".parse().unwrap()),
            ..request("")
        };
        let all = vec![
            Recorded {
                received_at: Some(Timestamp::now()).map(|at| Timestamp::from_microsecond(at.as_microsecond()).unwrap()),
                ..everything()
            },
            far,
            request("plain"),
        ];
        let ids = wait(store.add(all.clone())).unwrap();
        for (id, recorded) in ids.iter().zip(&all) {
            let capture = wait(store.capture(*id)).unwrap().unwrap();
            assert_eq!(plain(&capture.recorded), *recorded, "{name}");
        }
        let several = wait(store.captures(vec![ids[0], ids[2], 999])).unwrap();
        assert_eq!(several.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
        assert_eq!(plain(&several[0].recorded), all[0], "{name}");
        assert_eq!(wait(store.capture(999)).unwrap(), None);
    }
}

#[test]
fn pages_follow_each_other_and_a_number_is_never_given_twice() {
    for (name, place) in places() {
        let store = place.open();
        assert_eq!(wait(store.last()).unwrap(), None);
        let many: Vec<_> = (0..MANY).map(|n| request(&n.to_string())).collect();
        let given = wait(store.add(many)).unwrap();
        assert_eq!(
            ids(&listed(&store, Selection::default(), Order::OldestFirst)),
            given,
            "{name}"
        );
        let mut backward = ids(&listed(&store, Selection::default(), Order::NewestFirst));
        backward.reverse();
        assert_eq!(backward, given, "{name}");
        let some = Selection {
            ids: Some(vec![given[3]..=given[5], given[300]..=given[300]]),
            ..Selection::default()
        };
        assert_eq!(
            ids(&listed(&store, some, Order::OldestFirst)),
            [given[3], given[4], given[5], given[300]]
        );
        let removed = MANY - 40;
        assert_eq!(wait(store.remove(given[..removed].to_vec())).unwrap(), removed);
        assert_eq!(wait(store.remove(given[..3].to_vec())).unwrap(), 0);
        assert_eq!(
            ids(&listed(&store, Selection::default(), Order::OldestFirst)),
            given[removed..]
        );
        assert_eq!(wait(store.count()).unwrap(), 40);
        let numbers = wait(store.numbers(0..=i64::MAX)).unwrap();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), given[removed..], "{name}");
        wait(store.remove(given.clone())).unwrap();
        let next = wait(store.add(vec![request("next")])).unwrap();
        assert!(next[0] > given[MANY - 1], "{name}: {next:?}");
        assert_eq!(wait(store.last()).unwrap(), Some(next[0]));
    }
}

#[test]
fn a_list_says_what_became_of_each_and_selects() {
    for (name, place) in places() {
        let store = place.open();
        let with = |outcomes: Vec<Option<Outcome>>| Recorded {
            deliveries: outcomes.into_iter().map(forwarded).collect(),
            ..everything()
        };
        let all = vec![
            with(vec![]),
            with(vec![Some(outcome(Some(200))), None]),
            with(vec![None, Some(outcome(Some(204)))]),
            with(vec![Some(outcome(Some(500)))]),
            request("b"),
        ];
        let given = wait(store.add(all)).unwrap();
        let list = listed(&store, Selection::default(), Order::OldestFirst);
        let delivered: Vec<_> = list.iter().map(|summary| summary.delivered).collect();
        assert_eq!(delivered, [None, Some(false), Some(true), Some(false), None], "{name}");
        assert_eq!((list[0].size, list[0].response_status), (70_000, Some(401)));
        assert_eq!(list[0].event_type.as_deref(), Some("a\0b\u{F0000}\u{10FFFF}'\"\\"));
        assert_eq!(list[0].duplicate_of, None);
        assert_eq!(list[3].duplicate_of, Some(given[0]));
        let failed = Selection {
            failed: true,
            ..Selection::default()
        };
        assert_eq!(
            ids(&listed(&store, failed, Order::OldestFirst)),
            [given[1], given[3]],
            "{name}"
        );
        let event = Selection {
            event: Some(Pattern::new("a\0*")),
            status: vec![Pattern::new("4??")],
            ..Selection::default()
        };
        assert_eq!(ids(&listed(&store, event, Order::NewestFirst)).len(), 4, "{name}");
    }
}

#[test]
fn what_is_read_to_go_out_again_is_bounded_by_a_last_number() {
    for (name, place) in places() {
        let store = place.open();
        let large = "x".repeat(100_000);
        let all: Vec<_> = (0..12).map(|number| request(&format!("{number}{large}"))).collect();
        let given = wait(store.add(all.clone())).unwrap();
        let read: Vec<_> = store
            .requests(Selection::default(), given[9])
            .pages()
            .map(Result::unwrap)
            .collect();
        assert!(read.len() > 1, "{name}: a megabyte is more than a page");
        let read: Vec<_> = read.into_iter().flatten().collect();
        assert_eq!(
            read.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            given[..10],
            "{name}"
        );
        assert!(read.iter().zip(&all).all(|((_, read), added)| read == added), "{name}");
    }
}

#[test]
fn duplicates_are_found_whoever_kept_the_first_and_the_next_is_first_where_it_is_gone() {
    for (name, place) in places() {
        let (one, other) = (place.open(), place.open());
        let writers = [&one, &other].map(|store| wait(store.clone().writer(drop)).unwrap());
        let keep = |at: usize, identity: u8| {
            let handle = writers[at].handle();
            wait(handle.keep(Arc::new(of_event(identity)))).unwrap()
        };
        let first = keep(0, 1);
        assert_eq!(first.duplicate_of, None);
        let second = keep(1, 1);
        assert_eq!(second.duplicate_of, Some(first.id), "{name}");
        assert_eq!(keep(0, 1).duplicate_of, Some(first.id), "{name}");
        assert_eq!(keep(0, 2).duplicate_of, None);
        drop(writers);
        wait(one.remove(vec![first.id])).unwrap();
        let added = wait(other.add(vec![of_event(1), of_event(1)])).unwrap();
        for id in added {
            let capture = wait(one.capture(id)).unwrap().unwrap();
            assert_eq!(capture.duplicate_of, Some(second.id), "{name}");
        }
        let all = wait(one.numbers(0..=i64::MAX)).unwrap();
        wait(one.remove(all.iter().collect())).unwrap();
        let again = wait(other.add(vec![of_event(1)])).unwrap();
        assert_eq!(
            wait(one.capture(again[0])).unwrap().unwrap().duplicate_of,
            None,
            "{name}"
        );
    }
}

#[test]
fn many_keep_at_once_and_what_came_of_it_is_recorded() {
    for (name, place) in places() {
        let stores = [place.open(), place.open()];
        let kept: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = stores
                .iter()
                .map(|store| wait(store.clone().writer(drop)).unwrap())
                .collect();
            let threads: Vec<_> = (0..8_u8)
                .map(|number| {
                    let handle = writers[usize::from(number) % 2].handle();
                    scope.spawn(move || {
                        let one = |turn: u8| {
                            let recorded = Recorded {
                                deliveries: vec![forwarded(None)],
                                received_at: Some(Timestamp::now()),
                                ..of_event(turn)
                            };
                            let kept = wait(handle.keep(Arc::new(recorded))).unwrap();
                            handle.finish(&kept, outcome(Some(200)));
                            handle.answered(&kept, 202);
                            kept
                        };
                        (0..25).map(one).collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let distinct: BTreeSet<i64> = kept.iter().map(|kept| kept.id).collect();
        assert_eq!(distinct.len(), 200, "{name}");
        let firsts = kept.iter().filter(|kept| kept.duplicate_of.is_none()).count();
        assert_eq!(firsts, 25, "{name}: each event has one first");
        for one in &kept {
            let capture = wait(stores[0].capture(one.id)).unwrap().unwrap();
            assert_eq!(capture.recorded.answer, Some(202), "{name}");
            assert_eq!(capture.recorded.deliveries[0].id, one.deliveries[0]);
            assert_eq!(
                capture.recorded.deliveries[0].outcome,
                Some(outcome(Some(200))),
                "{name}"
            );
        }
    }
}

fn ended(record: i64, status: Option<u16>) -> Ended {
    Ended {
        capture: Some(record),
        record,
        turn: 0,
        target: "http://x.test/".into(),
        at: "2026-05-08T12:00:01Z".parse().unwrap(),
        attempts: 1,
        outcome: outcome(status),
        worker: None,
        key: None,
        holds: false,
    }
}

fn numbers(all: &[i64]) -> Numbers {
    let mut numbers = Numbers::default();
    all.iter().for_each(|number| numbers.push(*number));
    numbers
}

#[test]
fn what_holds_its_key_is_not_over_until_it_is_delivered() {
    for (name, place) in places() {
        let store = place.open();
        let given = wait(store.add(vec![of_event(1), of_event(2)])).unwrap();
        let new = NewRun {
            target: "http://h/".into(),
            plan: "{}".into(),
            digest: None,
            planned: Some(numbers(&given)),
            shared_turns: None,
            keys: None,
        };
        let run = wait(store.begin_run(new)).unwrap().id;
        let writer = wait(store.run_writer(run, 1)).unwrap();
        let put = |ended| writer.put(ended, wait(writer.slot()).unwrap());
        put(Ended {
            holds: true,
            ..ended(given[0], Some(500))
        });
        put(Ended {
            attempts: 0,
            ..ended(given[1], None)
        });
        wait(writer.close(false)).unwrap();
        let deliveries = wait(store.run_deliveries(run, 0)).unwrap();
        let told: Vec<_> = deliveries.iter().map(|one| (one.holds, one.attempts)).collect();
        assert_eq!(told, [(true, 1), (false, 0)], "{name}");
        assert_eq!(wait(store.answered(run)).unwrap(), Answered::default(), "{name}");
        let writer = wait(store.run_writer(run, 1)).unwrap();
        writer.put(ended(given[0], Some(200)), wait(writer.slot()).unwrap());
        wait(writer.close(false)).unwrap();
        let answered = wait(store.answered(run)).unwrap();
        assert!(
            answered.contains(given[0], 0) && !answered.contains(given[1], 0),
            "{name}"
        );
    }
}

#[test]
fn a_run_knows_what_was_answered_also_of_what_was_removed() {
    for (name, place) in places() {
        let store = place.open();
        let given = wait(store.add((0..200).map(|n| request(&n.to_string())).collect())).unwrap();
        let mut planned = Numbers::default();
        given.iter().for_each(|id| planned.push(*id));
        let new = NewRun {
            target: "http://x.test/".into(),
            plan: "{\"a\":\"\0\"}".into(),
            digest: Some([7; 32]),
            planned: Some(planned.clone()),
            shared_turns: None,
            keys: None,
        };
        let run = wait(store.begin_run(new)).unwrap();
        assert_eq!(
            (run.finished, run.digest.as_deref()),
            (false, Some(&[7; 32][..])),
            "{name}"
        );
        assert_eq!(
            (run.planned.as_ref(), run.plan.as_str()),
            (Some(&planned), "{\"a\":\"\0\"}")
        );
        assert_eq!((run.last_capture, run.last_delivery), (given[199], 0), "{name}");
        let writer = wait(store.run_writer(run.id, 1)).unwrap();
        for id in &given {
            let status = match id - given[0] {
                7 => None,
                9 => Some(500),
                _ => Some(200),
            };
            writer.put(ended(*id, status), wait(writer.slot()).unwrap());
        }
        let third = Ended {
            turn: 2,
            ..ended(given[3], Some(200))
        };
        writer.put(third, wait(writer.slot()).unwrap());
        wait(writer.close(false)).unwrap();
        let check = || {
            let answered = wait(store.answered(run.id)).unwrap();
            assert!([0, 9, 199].iter().all(|at| answered.contains(given[*at], 0)), "{name}");
            assert!(
                !answered.contains(given[7], 0) && !answered.contains(given[0], 1),
                "{name}"
            );
            assert_eq!([answered.turns_of(given[3]), answered.turns_of(given[7])], [2, 0]);
        };
        check();
        let to = |capture, last| {
            let other = ["http://y.test/".to_owned(), "http://z.test/".to_owned()];
            let urls = vec![other, [String::new(), "http://x.test/".to_owned()]];
            let query = DeliveryQuery { capture, urls };
            wait(store.last_deliveries(vec![query.clone(), query], last)).unwrap()
        };
        assert_eq!(to(given[0], i64::MAX), [Some(true); 2], "{name}");
        assert_eq!(to(given[7], i64::MAX), [Some(false); 2]);
        assert_eq!(to(given[9], i64::MAX), [Some(false); 2]);
        assert_eq!(to(given[0], 0), [None; 2]);
        wait(store.remove(given[..100].to_vec())).unwrap();
        check();
        assert_eq!(
            wait(store.capture(given[150]))
                .unwrap()
                .unwrap()
                .recorded
                .deliveries
                .len(),
            1
        );
        assert_eq!(wait(store.run(None)).unwrap().map(|run| run.id), Some(run.id));
        wait(store.finish_run(run.id)).unwrap();
        assert_eq!(wait(store.run(None)).unwrap(), None);
        assert!(wait(store.run(Some(run.id))).unwrap().unwrap().finished, "{name}");
        assert_eq!(wait(store.run(Some(999))).unwrap(), None);
    }
}

#[test]
fn runs_are_listed_and_each_has_its_deliveries_alone() {
    for (name, place) in places() {
        let store = place.open();
        let given = wait(store.add((0..3).map(|n| request(&n.to_string())).collect())).unwrap();
        let begin = |target: &str| {
            let new = NewRun {
                target: target.into(),
                plan: "{}".into(),
                digest: None,
                planned: None,
                shared_turns: None,
                keys: None,
            };
            wait(store.begin_run(new)).unwrap().id
        };
        let deliver = |run: i64, of: &[(i64, Option<u16>)]| {
            let writer = wait(store.run_writer(run, 1)).unwrap();
            for (record, status) in of {
                writer.put(ended(*record, *status), wait(writer.slot()).unwrap());
            }
            wait(writer.close(false)).unwrap();
        };
        let all = |run: i64| {
            let (mut all, mut after) = (Vec::new(), 0);
            loop {
                let page = wait(store.run_deliveries(run, after)).unwrap();
                let Some(last) = page.last() else { return all };
                after = last.id;
                all.extend(page);
            }
        };
        let runs: Vec<i64> = ["http://a.test/", "http://b.test/", "http://c.test/"]
            .map(begin)
            .to_vec();
        // Two at a time, one of them with more than a page, and one that goes on after it ended.
        let many: Vec<(i64, Option<u16>)> = (0..1500).map(|n| (given[n % 3], Some(200))).collect();
        deliver(runs[0], &[(given[0], Some(200)), (given[1], None)]);
        deliver(runs[1], &many);
        deliver(runs[0], &[(given[1], Some(503))]);
        let listed = |before, most| {
            let found = wait(store.runs(before, most)).unwrap();
            found.into_iter().map(|run| run.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(i64::MAX, 2), [runs[2], runs[1]], "{name}");
        assert_eq!(listed(runs[1], 2), [runs[0]], "{name}");
        assert_eq!(all(runs[2]), [], "{name}");
        assert_eq!(all(runs[1]).len(), 1500, "{name}");
        let first = all(runs[0]);
        let told: Vec<_> = first
            .iter()
            .map(|one| (one.capture, one.record, one.turn, one.status, one.failure.as_deref()))
            .collect();
        let [one, two] = [given[0], given[1]];
        assert_eq!(
            told,
            [
                (Some(one), one, 0, Some(200), None),
                (Some(two), two, 0, None, Some("refused\0")),
                (Some(two), two, 0, Some(503), None),
            ],
            "{name}"
        );
        let outcome = outcome(Some(200));
        assert_eq!((first[0].duration, first[0].attempts), (outcome.duration, 1), "{name}");
        assert_eq!(first[0].target, ended(one, None).target.as_ref(), "{name}");
        wait(store.remove(vec![two])).unwrap();
        let captures: Vec<_> = all(runs[0]).iter().map(|one| (one.capture, one.record)).collect();
        assert_eq!(captures, [(Some(one), one), (None, two), (None, two)], "{name}");
    }
}

#[test]
fn one_process_at_a_time_holds_a_run() {
    for (name, place) in places() {
        let (one, other) = (place.open(), place.open());
        let new = NewRun {
            target: "http://x.test/".into(),
            plan: "{}".into(),
            digest: None,
            planned: None,
            shared_turns: None,
            keys: None,
        };
        let run = wait(one.begin_run(new)).unwrap().id;
        let held = wait(one.claim_run(run)).unwrap();
        let refused = wait(other.claim_run(run)).unwrap_err().to_string();
        assert!(refused.contains("another process"), "{name}: {refused}");
        drop(held);
        let mut tries = 0;
        // A connection that ends gives its lock back a moment later.
        while wait(other.claim_run(run)).is_err() {
            tries += 1;
            assert!(tries < 600, "{name}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn what_arrived_before_a_time_is_removed_and_the_rest_stays() {
    for (name, place) in places() {
        let store = place.open();
        let now = Timestamp::now();
        let at = |hours: i64, identity| Recorded {
            received_at: Some(now - SignedDuration::from_hours(hours)),
            deliveries: vec![forwarded(None)],
            ..of_event(identity)
        };
        let all = vec![
            at(24 * 900, 1),
            at(24 * 10, 2),
            at(75, 1),
            at(73, 2),
            at(71, 3),
            at(1, 1),
            at(0, 2),
        ];
        let given = wait(store.add(all)).unwrap();
        assert_eq!(
            wait(store.remove_before(now - SignedDuration::from_hours(72))).unwrap(),
            4,
            "{name}"
        );
        assert_eq!(
            ids(&listed(&store, Selection::default(), Order::OldestFirst)),
            given[4..],
            "{name}"
        );
        let next = wait(store.add(vec![at(0, 1), at(0, 2), at(0, 3)])).unwrap();
        let firsts: Vec<_> = next
            .iter()
            .map(|id| wait(store.capture(*id)).unwrap().unwrap().duplicate_of)
            .collect();
        assert_eq!(firsts, [Some(given[5]), Some(given[6]), Some(given[4])], "{name}");
        assert_eq!(
            wait(store.remove_before(now - SignedDuration::from_hours(72))).unwrap(),
            0
        );
    }
}

#[test]
fn a_copy_is_the_same_and_goes_on_where_it_was_cut_off() {
    let kinds: Vec<_> = places().map(|(name, _)| name).collect();
    for from in &kinds {
        for to in &kinds {
            let (source, target, other) = (place_of(from), place_of(to), place_of(to));
            let store = source.open();
            let mut all: Vec<_> = (0..250).map(|number| of_event(number as u8 % 200)).collect();
            all[7] = Recorded {
                received_at: Some("2026-05-08T12:00:00.000001Z".parse().unwrap()),
                ..everything()
            };
            let given = wait(store.add(all)).unwrap();
            wait(store.remove(vec![given[0], given[100]])).unwrap();
            let whole = target.open();
            let half = wait(store.captures(given[..50].to_vec())).unwrap();
            wait(whole.put(half)).unwrap();
            let copied = wait(copy(&store, &whole, |_, _| {})).unwrap();
            assert_eq!(
                (copied.captures, copied.copied, copied.there),
                (248, 199, 49),
                "{from} {to}"
            );
            let again = wait(copy(&store, &whole, |_, _| {})).unwrap();
            assert_eq!(
                (again.copied, again.there, again.digest),
                (0, 248, copied.digest),
                "{from} {to}"
            );
            // A duplicate is one there too, and the next number is a new one.
            let next = wait(whole.add(vec![of_event(9)])).unwrap();
            assert!(next[0] > given[249], "{from} {to}");
            assert_eq!(
                wait(whole.capture(next[0])).unwrap().unwrap().duplicate_of,
                Some(given[9])
            );
            let refused = wait(copy(&store, &whole, |_, _| {})).unwrap_err().to_string();
            assert!(refused.contains(&format!("#{}", next[0])), "{refused}");
            let else_ = other.open();
            wait(else_.add(vec![request("another"), request("another")])).unwrap();
            let refused = wait(copy(&store, &else_, |_, _| {})).unwrap_err().to_string();
            assert!(refused.contains("copy into one that is empty"), "{refused}");
        }
    }
}
