//! What real runtimes made of a body is named: `tests/golden/rows` holds what each was told to do, and what came of it.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::explain::{Basis, Kind};

use crate::golden::folder;
use crate::parallel;
use crate::question::{Case, SECRET, Said, dotted, kinds, mac};
use crate::rounds::sampled;

/// What a runtime did to a body.
struct Done {
    runtime: String,
    /// The call, in words of its language.
    call: String,
    file: String,
    body: Vec<u8>,
    made: Vec<u8>,
}

fn all() -> Vec<Done> {
    let mut all = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder().join("rows"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let [call, file, made] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            all.push(Done {
                runtime: path.file_stem().unwrap().to_string_lossy().into_owned(),
                call: call.into(),
                file: file.into(),
                body: fs::read(folder().join("texts").join(file)).unwrap(),
                made: STANDARD.decode::<&str>(made).unwrap(),
            });
        }
    }
    assert!(all.len() >= 900, "the golden files are incomplete: {}", all.len());
    all
}

fn is_body(kind: Kind) -> bool {
    serde_json::to_string(&kind).unwrap().starts_with("\"body.")
}

/// What is said of `done`, where that is not what the runtime did.
fn wrong(done: &Done, way: &str, said: &Said) -> Option<String> {
    let causes = &said.causes;
    let named = !causes.is_empty() && causes.iter().all(|cause| is_body(cause.kind));
    let by_mac = |proof: &ckwh::explain::Proof| proof.by == Basis::Mac;
    if named && causes.iter().all(|cause| cause.proof.as_ref().is_some_and(by_mac)) {
        return None;
    }
    let Done {
        runtime, call, file, ..
    } = done;
    Some(format!("{runtime}: {call} of {file}, {way}: {:?}", kinds(said)))
}

/// Every body with what was made of it.
fn by_body(all: &[Done]) -> Vec<Vec<&Done>> {
    let mut bodies: BTreeMap<&str, Vec<&Done>> = BTreeMap::new();
    for done in all.iter().filter(|done| done.made != done.body) {
        bodies.entry(&done.file).or_default().push(done);
    }
    bodies.into_values().collect()
}

/// The delivery is the body, and the handler hashed what the runtime made of it: all that was made of one, in one search.
#[test]
fn what_every_runtime_makes_of_a_body_is_named() {
    let all = all();
    let found = parallel::each(&by_body(&all), |made| {
        let signature = |done: &&Done| mac(SECRET.as_bytes(), &dotted(&done.made));
        let signatures: Vec<String> = made.iter().map(signature).collect();
        let said = Case::usual(made[0].body.clone()).did_each(&signatures);
        let all = made.iter().zip(&said);
        all.filter_map(|(done, said)| wrong(done, "forward", said))
            .collect::<Vec<_>>()
    });
    let found: Vec<String> = found.into_iter().flatten().collect();
    assert!(found.is_empty(), "{} are not named:\n{}", found.len(), found.join("\n"));
}

/// The runtime made what was signed of what arrived. The same tables are searched: one in five says as much, and one in
/// ten but in the nightly run.
#[test]
fn what_a_runtime_made_before_it_was_signed_is_named() {
    let all = all();
    let some: Vec<&Done> = all.iter().filter(|done| done.made != done.body).step_by(5).collect();
    let found = parallel::each(&sampled(some, 2), |done| {
        let said = Case::usual(done.made.clone()).arrived(done.body.clone()).why();
        wrong(done, "reverse", &said)
    });
    let found: Vec<String> = found.into_iter().flatten().collect();
    assert!(found.is_empty(), "{} are not named:\n{}", found.len(), found.join("\n"));
}

/// The same with a line break behind the secret, for one in each eleven; for an eighth of those but in the nightly run.
#[test]
fn what_a_runtime_makes_of_a_body_is_named_with_another_cause() {
    let all = all();
    let some: Vec<&Done> = all.iter().filter(|done| done.made != done.body).step_by(11).collect();
    let some = sampled(some, 8);
    let wrong = parallel::each(&some, |done| {
        let padded = format!("{SECRET}\n");
        let case = Case::usual(done.body.clone());
        let mut found = kinds(&case.did(mac(padded.as_bytes(), &dotted(&done.made))));
        found.retain(|kind| !is_body(*kind));
        (found != [Kind::SecretWhitespace])
            .then(|| format!("{}: {} of {}: {found:?}", done.runtime, done.call, done.file))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are not named:\n{}",
        wrong.len(),
        some.len(),
        wrong.join("\n")
    );
}

/// What a runtime made arrived, and the body was signed: named for those whose making can be undone.
#[test]
fn what_was_made_on_the_way_is_undone() {
    let calls = [
        "toString('base64')",
        "toString('base64url')",
        "toString('hex')",
        "JSON.stringify(buffer)",
        "JSON.stringify([...bytes])",
        "JSON.stringify(text)",
        "encodeURIComponent(text)",
        "update(toString('latin1'))",
        "update(text, 'utf16le')",
        "text.normalize('NFD')",
        "new URLSearchParams({ payload: text })",
        "JSON.stringify({ data: body })",
        "JSON.stringify([body])",
        "encodebytes",
        "quote_plus(text)",
        "html.escape(text)",
        "encode('utf-8-sig')",
        "encode('ascii', 'xmlcharrefreplace')",
        "str(list(body))",
    ];
    let all = all();
    let some: Vec<&Done> = all
        .iter()
        .filter(|done| done.file == "event.json" && calls.contains(&done.call.as_str()))
        .collect();
    assert!(some.len() >= calls.len(), "{}", some.len());
    for done in some {
        let explanation = Case::usual(done.body.clone()).arrived(done.made.clone()).why();
        let named = !explanation.causes.is_empty() && explanation.causes.iter().all(|cause| is_body(cause.kind));
        assert!(named, "{} of {}: {:?}", done.call, done.file, kinds(&explanation));
    }
}

/// A body that two workers share: what stands first in the plan is named, whoever was faster, and each time the same.
#[test]
fn a_large_body_is_explained_as_a_small_one_is() {
    let item = r#"{ "id": "evt_1", "note": "café", "amount": 1.50, "url": "https://ex.test/a" }"#;
    let body = format!("[{}]\n", vec![item; 450].join(", "));
    // What Node 20 writes of it: JSON.stringify(JSON.parse(body)).
    let compact = r#"{"id":"evt_1","note":"café","amount":1.5,"url":"https://ex.test/a"}"#;
    let made = [
        format!("[{}]", vec![compact; 450].join(",")),
        body.trim_end().to_owned(),
        body.replace('é', ""),
        body.replace(": ", ":")
            .replace(", ", ",")
            .replace("{ ", "{")
            .replace(" }", "}")
            .replace('\n', ""),
        hex::encode(&body),
        body[..16_384].to_owned(),
    ];
    for made in made {
        let case = Case::usual(body.clone());
        let told = |said: Said| serde_json::to_value(said).unwrap();
        let first = told(case.did(mac(SECRET.as_bytes(), &dotted(made.as_bytes()))));
        let kind = first["causes"][0]["kind"].as_str().unwrap();
        assert!(kind.starts_with("body."), "{}: {first:#}", &made[..40]);
        for _ in 0..2 {
            assert_eq!(told(case.did(mac(SECRET.as_bytes(), &dotted(made.as_bytes())))), first);
        }
    }
}
