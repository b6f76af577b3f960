//! What people reported, rebuilt: each file in `cases` is a delivery with its public source, and what is to be said.
//!
//! `want` is a pattern that one of "kind detail" or "valid" must match, `not` one that none may, and `forbid` one that the
//! whole answer must not. Kinds may be named otherwise where that says it better: `says` is what counts.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

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

impl Case {
    /// What was said, where that is not what is to be said.
    fn fails(&self) -> Option<String> {
        let home = Home::new();
        fs::write(home.work().join("body"), self.body.read()).unwrap();
        fs::write(home.work().join("secret"), self.secret.read()).unwrap();
        let mut args = vec!["verify", "body", "--secret-file", "secret"];
        args.extend(self.args.iter().map(String::as_str));
        let shown = run(&mut home.ckwh(&args), b"");
        let whole = format!("{}{}", String::from_utf8_lossy(&shown.stdout), shown.stderr);
        args.push("--json");
        let ran = run(&mut home.ckwh(&args), b"");
        let verdict: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let causes = verdict["causes"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<String> = causes
            .iter()
            .map(|cause| {
                format!(
                    "{} {}",
                    cause["kind"].as_str().unwrap(),
                    cause["detail"].as_str().unwrap()
                )
            })
            .collect();
        let forward = self.args.iter().any(|arg| arg == "--computed");
        let right = verdict["computed"]
            .as_array()
            .is_some_and(|all| all.contains(&Value::Bool(true)));
        if verdict["valid"] == true && (!forward || right) {
            found.push("valid".to_owned());
        }
        let matches = |pattern: &String, text: &str| Regex::new(&format!("(?m){pattern}")).unwrap().is_match(text);
        let is_wanted = found.iter().any(|said| matches(&self.want, said));
        let is_not = self
            .not
            .as_ref()
            .is_some_and(|not| found.iter().any(|said| matches(not, said)));
        let is_forbidden = self.forbid.as_ref().is_some_and(|forbid| matches(forbid, &whole));
        let is_unknown = !self.unknown && found.iter().all(|said| said.starts_with("unknown"));
        let fails = !is_wanted || is_not || is_forbidden || is_unknown;
        fails.then(|| format!("{found:?}"))
    }
}

#[test]
fn what_people_reported_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/cases");
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        let case: Case = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        cases += 1;
        if let Some(found) = case.fails() {
            wrong.push(format!("{name} ({}): {}, and not {found}", case.source, case.says));
        }
    }
    assert!(cases >= 66, "{cases}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
