//! What people reported, rebuilt: each file in `cases` is a delivery with its public source, and what is to be said.
//!
//! `want` is a pattern that one of "kind detail" or "valid" must match, `not` one that none may, and `forbid` one that the
//! whole answer must not. Kinds may be named otherwise where that says it better: `says` is what counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::parallel;
use crate::support::{Home, run};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Where it was reported, and what it is a variation of.
    source: String,
    says: String,
    want: String,
    not: Option<String>,
    forbid: Option<String>,
    /// Whether `unknown` is an answer.
    #[serde(default)]
    unknown: bool,
    args: Vec<String>,
    secret: Bytes,
    body: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bytes {
    Text(String),
    Base64(String),
}

impl Bytes {
    fn read(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Base64(text) => STANDARD.decode(text).unwrap(),
        }
    }
}

/// What is said of a case.
struct Answer {
    /// "kind detail" of each cause, or "valid".
    found: Vec<String>,
    is_right: bool,
}

impl Case {
    fn answer(&self) -> Answer {
        let home = Home::new();
        fs::write(home.work().join("body"), self.body.read()).unwrap();
        fs::write(home.work().join("secret"), self.secret.read()).unwrap();
        let mut args = vec!["verify", "body", "--secret-file", "secret"];
        args.extend(self.args.iter().map(String::as_str));
        // Only what must not be said is looked for in all of it.
        let whole = self.forbid.as_ref().map_or(String::new(), |_| {
            let shown = run(&mut home.ckwh(&args), b"");
            format!("{}{}", String::from_utf8_lossy(&shown.stdout), shown.stderr)
        });
        args.push("--json");
        let ran = run(&mut home.ckwh(&args), b"");
        let verdict: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let causes = verdict["causes"].as_array().cloned().unwrap_or_default();
        let text = |cause: &Value, field: &str| cause[field].as_str().unwrap().to_owned();
        let mut found: Vec<String> = causes
            .iter()
            .map(|cause| format!("{} {}", text(cause, "kind"), text(cause, "detail")))
            .collect();
        let right = verdict["computed"]
            .as_array()
            .is_some_and(|all| all.contains(&Value::Bool(true)));
        if verdict["valid"] == true && (!self.is_forward() || right) {
            found.push("valid".to_owned());
        }
        let matches = |pattern: &String, text: &str| Regex::new(&format!("(?m){pattern}")).unwrap().is_match(text);
        let any = |pattern: &String| found.iter().any(|said| matches(pattern, said));
        let is_unknown = !self.unknown && found.iter().all(|said| said.starts_with("unknown"));
        let is_right = any(&self.want)
            && !self.not.as_ref().is_some_and(any)
            && !self.forbid.as_ref().is_some_and(|forbid| matches(forbid, &whole))
            && !is_unknown;
        Answer { found, is_right }
    }

    /// Whether a handler computed the signature, or a sender wrote it.
    fn is_forward(&self) -> bool {
        self.args.iter().any(|arg| arg == "--computed")
    }
}

impl Answer {
    /// The first cause's kind.
    fn kind(&self) -> &str {
        self.found
            .first()
            .map_or("nothing", |said| said.split(' ').next().unwrap())
    }

    fn family(&self) -> &str {
        self.kind().split('.').next().unwrap()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain")
}

/// Every case by its name.
fn all() -> BTreeMap<String, Case> {
    let files = fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|file| file.unwrap().path());
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&fs::read(&file).unwrap()).unwrap())
    };
    files.map(read).collect()
}

/// One line a case, and the page of them: `docs/explanations.md` is what this writes. Set CKWH_REFRESH to write it anew.
#[test]
fn what_people_reported_is_explained() {
    let cases = all();
    let numbered: Vec<(&String, &Case)> = cases.iter().collect();
    let mut answers = parallel::each(&numbered, |(name, case)| (*name, *case, case.answer()));
    answers.sort_by_key(|(name, ..)| *name);
    for (name, case, answer) in &answers {
        let mark = if answer.is_right { "explained" } else { "not explained" };
        println!("{name}: {mark}: {} ({})", answer.kind(), case.says);
    }
    let wrong: Vec<String> = answers
        .iter()
        .filter(|(.., answer)| !answer.is_right)
        .map(|(name, case, answer)| format!("{name} ({}): {}, and not {:?}", case.source, case.says, answer.found))
        .collect();
    assert!(answers.len() >= 352, "{}", answers.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explanations.md");
    let page = page(&answers);
    if std::env::var_os("CKWH_REFRESH").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        fs::read_to_string(&path).unwrap_or_default(),
        page,
        "write it anew with CKWH_REFRESH=1"
    );
}

const HEAD: &str = "# Explanations

People report signatures that do not match, and what was wrong with them in the end. Each case below is such a report, or a variation of one, rebuilt with the runtime that it happened in: the body, the secret and the headers stand in `tests/explain/cases`, beside what is to be said. `cargo test --test explain what_people_reported -- --nocapture` judges them, a line each. This page is written by the same test.

A *family* is what a cause is of: the secret, the body, the signed content, the MAC's text, or the time. *Named* counts the cases whose answer is the right one; a case that must stay unknown counts where it does.
";

const PEERS: &str = "
## What the providers' own libraries say

The same cases, given to the libraries of the providers that have one on npm or PyPI (`tests/explain/peers.py`; what they said is kept in `tests/explain/peers.tsv`). A case of a handler's signature is given to them with that signature in the header's place. They are made to refuse a delivery, and not to explain it; those that look at the clock refuse an old delivery for that first. *Sentences* counts the different ones that they said.
";

fn page(answers: &[(&String, &Case, Answer)]) -> String {
    let mut families: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (.., answer) in answers {
        let [all, named] = families.entry(answer.family()).or_default();
        *all += 1;
        *named += usize::from(answer.is_right);
    }
    let mut out = format!("{HEAD}\n| family | cases | named |\n|---|--:|--:|\n");
    for (family, [all, named]) in &families {
        out.push_str(&format!("| {family} | {all} | {named} |\n"));
    }
    let named = answers.iter().filter(|(.., answer)| answer.is_right).count();
    out.push_str(&format!("| **all** | **{}** | **{named}** |\n", answers.len()));
    out.push_str(PEERS);
    out.push_str("\n| library | version | cases | accepted | refused | sentences | the commonest |\n|---|---|--:|--:|--:|--:|---|\n");
    for (library, (version, said)) in &peers() {
        let accepted = said.iter().filter(|said| *said == "accepts it").count();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for said in said.iter().filter(|said| *said != "accepts it") {
            *counts.entry(said).or_default() += 1;
        }
        let commonest = counts
            .iter()
            .max_by_key(|(_, count)| **count)
            .map_or("", |(said, _)| said);
        let commonest: String = commonest.chars().take(90).collect();
        out.push_str(&format!(
            "| {library} | {version} | {} | {accepted} | {} | {} | {} |\n",
            said.len(),
            said.len() - accepted,
            counts.len(),
            commonest.replace('|', "\\|")
        ));
    }
    out.push_str("\n## The cases\n\n| case | way | reported in | the cause that is named |\n|---|---|---|---|\n");
    for (name, case, answer) in answers {
        let way = if case.is_forward() { "handler" } else { "sender" };
        let source = case.source.split(" | ").next().unwrap();
        out.push_str(&format!("| {name} | {way} | {source} | `{}` |\n", answer.kind()));
    }
    out
}

/// Each library with its version and what it said.
fn peers() -> BTreeMap<String, (String, Vec<String>)> {
    let mut all: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for line in fs::read_to_string(folder().join("peers.tsv")).unwrap().lines() {
        let [library, version, _, said] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let entry = all.entry(library.to_owned()).or_default();
        entry.0 = version.to_owned();
        entry.1.push(said.to_owned());
    }
    all
}
