//! A result of each type with every field in it, for the tests of the reports.

use std::collections::BTreeMap;

use ckwh::capture::BodyHeld;
use ckwh::check::{Counts, Family, Outcome};
use ckwh::delivery::FailureCause;
use ckwh::delivery::run::RequestOrigin;
use ckwh::exchange::jsonl::{AnswerFields, BodyFields, CaptureFields, DeliveryFields, HeaderPairs, ResponseFields};
use ckwh::explain::Search;
use ckwh::learn::Searched;
use ckwh::message::Headers;
use ckwh::provider;
use ckwh::store::{Change, Summary};
use ckwh::trust::{Caveat, State};
use ckwh::verify::{Reason, SignatureState};
use jiff::Timestamp;

use super::checked::*;
use super::item::*;
use super::options::SignatureFormat;
use super::run::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// One of each.
pub fn all() -> Vec<Item> {
    let all = [
        of_deliveries(),
        of_signatures(),
        of_providers(),
        of_captures(),
        of_stores(),
        of_checks(),
    ];
    all.into_iter().flatten().collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn headers() -> HeaderPairs {
    HeaderPairs([("x-a", "1")].into_iter().collect::<Headers>())
}

/// With both fields for the body, of which a real one has one.
fn body() -> BodyFields {
    BodyFields {
        body: some("a"),
        body_base64: some("YQ=="),
        truncated: true,
    }
}

fn origin() -> RequestOrigin {
    RequestOrigin {
        capture: Some(1),
        record: Some(2),
        turn: Some(3),
    }
}

fn of_checks() -> Vec<Item> {
    let list = || vec!["a".to_owned()];
    vec![
        Item::Case(Box::new(CaseItem {
            name: "unsigned".into(),
            family: Family::Refuses,
            outcome: Outcome::Fail,
            severity: Severity::Fail,
            root: some("verifies-nothing"),
            known: true,
            reason: "it answered 200".into(),
            sent: vec![SentItem {
                method: "POST".into(),
                url: "http://localhost/".into(),
                headers: headers(),
                body: body(),
            }],
            answered: vec![AnsweredItem {
                status: Some(200),
                duration_ms: Some(1.0),
                error: some("closed"),
                body: body(),
            }],
            why: "anyone".into(),
            remedy: "verify".into(),
        })),
        Item::CheckSummary(Box::new(CheckSummaryItem {
            provider: "mine".into(),
            dialect: "default".into(),
            url: "http://localhost/".into(),
            ok: false,
            problem: None,
            pass: 1,
            fail: 1,
            warn: 1,
            unseen: 1,
            skipped: 1,
            known: 1,
            findings: vec![FindingItem {
                outcome: Outcome::Fail,
                root: some("verifies-nothing"),
                says: "it verifies nothing\u{1b}".into(),
                cases: list(),
                sent: "a delivery".into(),
                answered: "200".into(),
                why: "anyone".into(),
                remedy: "verify".into(),
                lines: some("a\nb"),
                curl: some("curl"),
                command: "ckwh check".into(),
            }],
            requests: 1,
            interrupted: true,
            families: vec![(Family::Refuses, Counts::default())],
            left_out: vec![("why".into(), 1)],
        })),
        Item::Exploration(ExplorationItem {
            provider: "mine".into(),
            chain: list(),
            found: Some(list()),
            left: list(),
            in_order: list(),
            tried: 1,
            left_out: Some(1),
            longest: 2,
            requests: 3,
        }),
    ]
}

fn of_deliveries() -> Vec<Item> {
    vec![
        Item::Delivery(DeliveryItem {
            provider: some("mine"),
            dialect: some("default"),
            caveat: Some(Caveat::ProjectProvider),
            event_type: some("order.paid"),
            event_id: some("evt_1"),
            origin: origin(),
            url: "http://localhost/".into(),
            ok: true,
            attempts: vec![AttemptItem {
                status: Some(200),
                duration_ms: 1.0,
                error: None,
            }],
            response: Some(ResponseItem {
                status: 200,
                headers: headers(),
                body: body(),
            }),
            unmet: Vec::new(),
            change: Some(VerdictChange::Fixed),
        }),
        Item::Skipped(SkippedItem {
            origin: origin(),
            reason: "it has no secret".into(),
        }),
        Item::Summary(SummaryItem {
            run: Some(1),
            deliveries: 2,
            ok: 1,
            failed: 1,
            skipped: 0,
            not_sent: Some(0),
            statuses: BTreeMap::from([(200, 1)]),
            failures: BTreeMap::from([(FailureCause::Refused, 1)]),
            duration_ms: 2.0,
            latencies: latencies(),
            slowest: Vec::new(),
        }),
        Item::Request(RequestItem {
            method: "POST".into(),
            url: "http://localhost/".into(),
            headers: headers(),
            body: body(),
            target: "/".into(),
            bytes: "a".into(),
            format: None,
        }),
    ]
}

fn of_signatures() -> Vec<Item> {
    vec![
        Item::Signature(SignatureItem {
            provider: "mine".into(),
            dialect: "default".into(),
            timestamp: some("1"),
            headers: headers(),
            signed_bytes: 1,
            header: "x-a".into(),
            format: SignatureFormat::Headers,
        }),
        Item::Diagnosis(DiagnosisItem {
            subject: "target",
            ok: Some(true),
            says: "A".into(),
            hint: some("B"),
        }),
        Item::Error(ErrorItem {
            kind: "usage".into(),
            message: "A".into(),
            did_you_mean: vec!["B".into()],
            hint: some("C"),
        }),
        Item::Fingerprint(FingerprintItem {
            secret: "A".into(),
            fingerprint: "2c26b46b".into(),
            lines: &[],
        }),
        Item::Verdict(VerdictItem {
            valid: false,
            reason: Reason::Mismatch,
            signature: SignatureState::Mismatch,
            provider: some("mine"),
            dialect: some("default"),
            timestamp_age_ms: Some(1),
            capture: Some(1),
            timestamp_age_today_ms: Some(2),
            matched_secret: some("CKWH_SECRET"),
            caveat: Some(Caveat::TrackedSecret),
            causes: Vec::new(),
            computed: vec![true],
            detail: some("wrong"),
            tried: vec![TriedItem {
                secret: "A".into(),
                fingerprint: "2c26b46b".into(),
            }],
            signature_base: some("A: B"),
            is_shown: false,
        }),
    ]
}

fn of_providers() -> Vec<Item> {
    let searched = Searched {
        headers: vec!["x-a".into()],
        keys: 1,
        contents: 1,
        search: Search::Complete,
    };
    vec![
        Item::Event(EventItem {
            event_type: "order.paid".into(),
            provider: "mine".into(),
            documented: true,
            description: some("An order was paid"),
        }),
        Item::Payload(PayloadItem {
            event_type: "order.paid".into(),
            provider: "mine".into(),
            dialect: "default".into(),
            documented: true,
            body: "{}".into(),
            is_raw: false,
        }),
        Item::Provider(ProviderItem {
            provider: "mine".into(),
            dialect: "default".into(),
            title: "Mine".into(),
            about: "mine".into(),
            checked: None,
            docs: some("https://example.com"),
            origin: provider::Origin::User,
            dialects: vec!["default".into()],
            events: 1,
            path: "/".into(),
            secret_env: vec!["MINE".into()],
            signature_headers: vec!["x-a".into()],
            facts: None,
        }),
        Item::ProviderTest(ProviderTestItem {
            provider: "mine".into(),
            dialect: "default".into(),
            subject: "order.paid".into(),
            ok: true,
            detail: some("fine"),
        }),
        Item::Learned(Box::new(LearnedItem::new("mine", &searched))),
        Item::Trust(TrustItem {
            path: ".ckwh/providers/mine".into(),
            digest: "sha256:00".into(),
            state: State::Trusted,
            allows: vec!["it may sign".into()],
        }),
        Item::Text {
            text: "a page\n".into(),
        },
    ]
}

fn of_captures() -> Vec<Item> {
    vec![
        Item::Ready(ReadyItem {
            url: "http://127.0.0.1:7788".into(),
            addresses: vec!["127.0.0.1:7788".into()],
            store: "captures.db".into(),
            ui: some("http://127.0.0.1:7789/"),
            health: some("http://127.0.0.1:8081/healthz"),
            about: Vec::new(),
        }),
        Item::Capture(Box::new(capture())),
        Item::Entry(Box::new(Summary {
            id: 1,
            received_at: AT,
            method: "POST".into(),
            target: "/".into(),
            provider: some("mine"),
            event_type: some("order.paid"),
            reason: Some(Reason::Valid),
            signature: Some(SignatureState::Match),
            signed_at: None,
            timestamp_age_ms: Some(1),
            duplicate_of: Some(1),
            size: 1,
            response_status: Some(200),
            delivered: Some(true),
            caveat: Some(Caveat::ProjectProvider),
        })),
        Item::Refused(RefusedItem {
            peer: "127.0.0.1:1".into(),
            status: Some(413),
            problem: "too long".into(),
        }),
        Item::ListenSummary(ListenSummaryItem {
            captures: 1,
            valid: 1,
            authenticated: 0,
            invalid: 0,
            unverified: 0,
            duplicates: 0,
            refused: 0,
            duration_ms: 1.0,
            unmet: Vec::new(),
        }),
        Item::Difference(DifferenceItem {
            a: 1,
            b: 2,
            equal: false,
            head: Vec::new(),
            body_equal: false,
            first_difference: Some(0),
            json: None,
            lines: Vec::new(),
        }),
        Item::Run(Box::new(run())),
        Item::Store(StoreItem {
            store: "captures.db".into(),
            change: Change::Removed,
            next: 1,
            detail: "it was taken away".into(),
        }),
    ]
}

fn latencies() -> LatenciesItem {
    LatenciesItem {
        p50_ms: Some(1.0),
        p90_ms: Some(1.0),
        p99_ms: Some(1.0),
        max_ms: Some(1.0),
        histogram: vec![StepItem {
            up_to_ms: 1.0,
            count: 2,
        }],
    }
}

fn run() -> RunItem {
    RunItem {
        id: 1,
        started_at: AT,
        url: "http://localhost/\u{1b}[31m".into(),
        finished: true,
        planned: Some(3),
        deliveries: 2,
        ok: 1,
        failed: 1,
        blocked: 1,
        ordered_by: some("/a\u{1b}"),
        lost_claims: vec![LostClaimItem {
            origin: origin(),
            times: 1,
        }],
        statuses: BTreeMap::from([(200, 1)]),
        failures: BTreeMap::from([("refused\u{1b}".into(), 1)]),
        latencies: latencies(),
        changes: Some(ChangesItem {
            fixed: 0,
            regressed: 1,
            still_failing: 0,
        }),
        requests: Some(vec![RunRequestItem {
            origin: origin(),
            provider: some("mine"),
            event_type: some("order\u{1b}"),
            url: "http://localhost/".into(),
            at: AT,
            ok: false,
            status: None,
            error: some("refused\u{1b}"),
            duration_ms: 1.0,
            attempts: 1,
            change: Some(VerdictChange::Regressed),
        }]),
        left_off: Some(0),
    }
}

fn of_stores() -> Vec<Item> {
    vec![
        Item::StoreStatus(StoreStatusItem {
            store: "captures.db".into(),
            state: StoreState::Ready,
            version: Some(1),
            captures: Some(1),
            last: Some(1),
            notes: Vec::new(),
        }),
        Item::StoreCopy(StoreCopyItem {
            from: "captures.db".into(),
            to: "postgres://me@db.test/hooks".into(),
            captures: 1,
            copied: 1,
            there: 0,
            digest: "00".into(),
        }),
    ]
}

fn capture() -> CaptureItem {
    let delivery = DeliveryFields {
        target: "http://localhost/".into(),
        at: AT,
        status: Some(200),
        duration_ms: Some(1.0),
        error: None,
        server: some("nginx"),
        response: Some(AnswerFields {
            status: 200,
            headers: headers(),
            body: body(),
        }),
    };
    CaptureItem {
        fields: CaptureFields {
            id: 2,
            received_at: AT,
            peer: some("127.0.0.1:1"),
            http_version: "1.1",
            method: "POST".into(),
            target: "/".into(),
            headers: headers(),
            body: body(),
            size: 1,
            event_type: some("order.paid"),
            identity: some("00"),
            verdict: None,
            duplicate: true,
            duplicate_of: Some(1),
            response: Some(ResponseFields { status: 200 }),
            forward: Some(delivery.clone()),
            replays: vec![delivery.clone()],
            send: Some(delivery),
            body_held: BodyHeld::Rewritten,
        },
        bytes: "a".into(),
    }
}
