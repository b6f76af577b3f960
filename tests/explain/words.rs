//! Keys, values, algorithms and writings of a MAC as runtimes make them: `tests/golden/words`, written by the generators.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::explain::{Effort, Kind};
use ckwh::message::Place;
use ckwh::scheme::Scheme;

use crate::golden;
use crate::question::{Case, content, named, scheme, secret};
use crate::rounds::sampled;

const BODY: &str = r#"{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}"#;

/// One line of a file.
struct Line {
    file: String,
    table: String,
    /// Nothing where the MAC is right.
    kind: String,
    name: String,
    secret: Vec<u8>,
    text: String,
}

fn lines() -> Vec<Line> {
    let mut all = Vec::new();
    for file in fs::read_dir(golden::folder().join("words")).unwrap() {
        let path = file.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let [table, kind, name, secret, text] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            all.push(Line {
                file: file.clone(),
                table: table.into(),
                kind: kind.into(),
                name: name.into(),
                secret: STANDARD.decode::<&str>(secret).unwrap(),
                text: String::from_utf8(STANDARD.decode::<&str>(text).unwrap()).unwrap(),
            });
        }
    }
    all
}

/// `{id}.{timestamp}.{body}` in hex, the timestamp in milliseconds.
fn with_id() -> Scheme {
    let mut with_id = scheme();
    with_id.id = Some(Place::Header("X-Id".into()));
    with_id.signatures[0].content = content(&["{id}", ".", "{timestamp}", ".", "{body}"]);
    with_id
}

impl Line {
    fn case(&self) -> Case {
        Case::signed(with_id(), &secret(self.secret.clone()), BODY)
    }

    fn expects(&self) -> Vec<&str> {
        self.kind.split(' ').filter(|kind| !kind.is_empty()).collect()
    }
}

fn names(kinds: &[Kind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name()).collect()
}

#[test]
fn what_runtimes_make_is_named() {
    let mut wrong = Vec::new();
    let lines = lines();
    for line in &lines {
        let said = line.case().did(line.text.clone());
        let kinds: Vec<Kind> = said.causes.iter().map(|cause| cause.kind).collect();
        if names(&kinds) != line.expects() {
            wrong.push(format!(
                "{} {} {}: {:?}, and not {:?}: {:?}",
                line.file,
                line.table,
                line.name,
                names(&kinds),
                line.kind,
                said.causes.first().map(|cause| &cause.detail)
            ));
        }
    }
    assert!(lines.len() >= 300, "{}", lines.len());
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        lines.len(),
        wrong.join("\n")
    );
}

/// What a sender made of a key, a value or an algorithm, told from the delivery alone; its MAC in the header is whole. Half of them
/// but in the nightly run.
#[test]
fn what_senders_make_is_named() {
    let mut wrong = Vec::new();
    let lines = lines();
    let of_senders: Vec<&Line> = lines.iter().filter(|line| line.table != "mac").collect();
    for line in sampled(of_senders, 2) {
        let case = line.case().header(format!("sha256={}", line.text));
        let kinds = case.why_kinds();
        // An empty key tells another story first where nobody decodes it.
        let is_empty = line.kind == "secret.hex" && names(&kinds) == ["secret.empty"];
        if names(&kinds) != line.expects() && !is_empty {
            wrong.push(format!(
                "{} {}: {:?}, and not {:?}",
                line.file,
                line.name,
                names(&kinds),
                line.kind
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same keys with one other thing wrong: the body has a line break more. A third of them but in the nightly run.
#[test]
fn a_key_is_named_beside_another_cause() {
    let mut wrong = Vec::new();
    let lines = lines();
    let keys: Vec<&Line> = lines.iter().filter(|line| line.table == "key").collect();
    for line in sampled(keys, 3) {
        let case = line.case().arrived(format!("{BODY}\n"));
        let kinds = case.header(format!("sha256={}", line.text)).why_kinds();
        let found = names(&kinds);
        let is_body = |name: &&str| name.starts_with("body.");
        if !(found.iter().any(is_body) && found.iter().any(|name| name.starts_with("secret."))) {
            wrong.push(format!("{} {}: {found:?}", line.file, line.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every word of a log is compared, and no other text of it is taken for a cause.
#[test]
fn a_log_of_another_delivery_is_unknown() {
    for line in lines().iter().filter(|line| line.table == "mac") {
        let case = Case {
            effort: Effort::Low,
            ..Case::signed(with_id(), &named("another-secret-entirely", "OTHER"), BODY)
        };
        let said = case.did(line.text.clone());
        assert!(
            said.causes.iter().all(|cause| cause.kind == Kind::Unknown),
            "{}: {said:?}",
            line.name
        );
    }
}
