//! `ckwh replay`: what arrives, what is kept of it, and how it goes on after it was cut off.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod file;
mod interrupted;
mod mixed;
mod order;
mod policy;
#[expect(dead_code, reason = "what each answers to a fault is asked elsewhere")]
#[path = "../support/process.rs"]
mod process;
mod receiver;
mod removed;
#[path = "../support/rounds.rs"]
mod rounds;
mod runs;
mod selection;
mod signature;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/receivers.rs"]
mod theirs;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ckwh::capture::{Judgement, Recorded};
use ckwh::message::{Headers, Message};
use ckwh::store::{Store, wait};
use ckwh::verify::{Reason, SignatureState};
use hmac::{Hmac, KeyInit as _, Mac as _};
use receiver::Seen;
use serde_json::Value;
use sha2::Sha256;
use support::{Home, Run, run};

pub const COSTKATANA: &str = "correct horse battery staple";
pub const QUOTAWATCH: &str = "another secret";

impl Home {
    pub fn store_path(&self) -> PathBuf {
        self.work().join("captures.db")
    }

    pub fn store(&self) -> Store {
        wait(Store::open(&self.store_path())).unwrap()
    }

    /// `ckwh` with this home's store and both secrets.
    pub fn replaying(&self, args: &[&str]) -> Command {
        let mut command = self.ckwh(args);
        command
            .env("CKWH_STORE", self.store_path())
            .env("WEBHOOK_SECRET", COSTKATANA)
            .env("QUOTAWATCH_WEBHOOK_SECRET", QUOTAWATCH);
        command
    }

    pub fn replay(&self, args: &[&str]) -> Run {
        run(&mut self.replaying(&[&["replay"], args].concat()), b"")
    }

    /// Begins a replay that a test means to cut off.
    pub fn begin(&self, args: &[&str]) -> Child {
        self.replaying(&[&["replay"], args].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Puts `count` captures of both providers in turn into the store; the nth has the number n, from 1 on.
    pub fn fill(&self, count: usize) -> Vec<Recorded> {
        let captures: Vec<Recorded> = (1..=count).map(capture).collect();
        wait(self.store().add(captures.clone())).unwrap();
        captures
    }
}

impl Run {
    /// The JSON lines of a run that ended with `status`.
    pub fn lines(&self, status: i32) -> Vec<Value> {
        let text = std::str::from_utf8(&self.stdout).unwrap();
        assert_eq!(self.status, status, "{text}{}", self.stderr);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What stands in the one line of that type.
    pub fn summary(&self, status: i32) -> Value {
        let lines = self.lines(status);
        let mut found = lines.into_iter().filter(|line| line["type"] == "summary");
        found.next().expect("a summary")
    }
}

/// The nth capture: whose signature was right long ago, and whose body no JSON writer would write.
pub fn capture(number: usize) -> Recorded {
    let (headers, body, provider, dialect, event): (Headers, Vec<u8>, _, _, _) = if number % 2 == 1 {
        let body = format!(
            "{{ \"event_id\":\"evt_{number}\",\n\t\"event_type\":\"cost.alert\", \"n\":{number}.0e0, \"t\":\"\\u00e9 é\"}}"
        );
        let headers = [
            ("host", &b"elsewhere.test"[..]),
            ("content-type", b"application/json"),
            ("connection", b"keep-alive, x-hop"),
            ("x-hop", b"1"),
            ("content-length", b"7"),
            ("x-costkatana-timestamp", b"1700000000000"),
            ("x-costkatana-signature", b"sha256=00"),
            ("x-several", b"1"),
            ("x-several", b"2"),
        ];
        let headers = headers.into_iter().collect();
        (headers, body.into_bytes(), "costkatana", "documented", "cost.alert")
    } else {
        let mut body = format!("{{\"event\":\"quota.threshold_reached\",\"n\":{number}}}\r\n").into_bytes();
        body.extend_from_slice(b"\0\xff\xfe");
        let headers = [
            ("x-quotawatch-event", &b"quota.threshold_reached"[..]),
            ("x-quotawatch-signature", b"sha256=00"),
            ("transfer-encoding", b"chunked"),
        ];
        let headers = headers.into_iter().collect();
        (headers, body, "quotawatch", "default", "quota.threshold_reached")
    };
    let mut judgement = Judgement::new(Reason::Stale, SignatureState::Match);
    judgement.provider = Some(provider.into());
    judgement.dialect = Some(dialect.into());
    judgement.event_type = Some(event.into());
    judgement.signed_at = (number % 2 == 1).then(|| "2023-11-14T22:13:20Z".parse().unwrap());
    Recorded {
        received_at: Some("2026-05-08T12:00:00Z".parse().unwrap()),
        judgement: Some(judgement),
        ..Recorded::new(Message {
            url: Some(format!("/hooks/{provider}?n={number}")),
            headers,
            ..Message::new(body)
        })
    }
}

/// The number of the capture that a request is a copy of.
pub fn number(seen: &Seen) -> usize {
    seen.target.split_once("n=").unwrap().1.parse().unwrap()
}

/// Whether the receiver's own computation gives the signature that came: as the providers' documentation has it, with
/// the primitives of RustCrypto.
pub fn is_signed(seen: &Seen) -> bool {
    let tag = |secret: &str, parts: &[&[u8]]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        parts.iter().for_each(|part| mac.update(part));
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    };
    match seen.header("x-costkatana-signature") {
        Some(signature) => {
            let timestamp = seen.header("x-costkatana-timestamp").unwrap();
            signature == tag(COSTKATANA, &[timestamp.as_bytes(), b".", &seen.body])
        }
        None => seen.header("x-quotawatch-signature").unwrap() == tag(QUOTAWATCH, &[&seen.body]),
    }
}
