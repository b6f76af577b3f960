//! No secret in anything that any command prints or writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Listen, Place, text};

/// Secrets by the variables that they stand in.
const SECRETS: [(&str, &str); 3] = [
    ("WEBHOOK_SECRET", "Zq9-never-to-be-seen-as-text"),
    ("STANDARD_WEBHOOKS_SECRET", "whsec_bmV2ZXItdG8tYmUtc2Vlbi1hcy1iYXNlNjQ="),
    (
        "GITHUB_WEBHOOK_SECRET",
        "6e657665722d746f2d62652d7365656e2d61732d686578",
    ),
];

/// Private keys in every form: one RSA key, one of P-256 and one of Ed25519, each as openssl writes PEM and node's crypto a
/// JWK, and a set with one of P-384. The Ed25519 key is the first of RFC 8032, 7.1.
const KEYS: [(&str, &str); 10] = [
    ("RSA_PKCS8", include_str!("../support/keys/rsa.pem")),
    ("RSA_PKCS1", include_str!("../support/keys/rsa-pkcs1.pem")),
    ("RSA_JWK", include_str!("../support/keys/rsa.json")),
    ("EC_PKCS8", include_str!("../support/keys/p256.pem")),
    ("EC_SEC1", include_str!("../support/keys/p256-sec1.pem")),
    ("EC_JWK", include_str!("../support/keys/p256.json")),
    ("EC_JWKS", include_str!("../support/keys/p384.json")),
    ("ED_PKCS8", include_str!("../support/keys/ed25519.pem")),
    ("ED_JWK", include_str!("../support/keys/ed25519.json")),
    (
        "ED_HEX",
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    ),
];

/// So long is a piece of a private number that is looked for, in bytes: a line of PEM that holds the number holds one.
const PIECE: usize = 18;

/// Every secret: those of PEM as DER in base64 too, and the pair of bytes in base64.
fn secrets() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, text) in SECRETS.iter().chain(&KEYS) {
        all.push(((*name).to_owned(), (*text).to_owned()));
        if text.starts_with("-----BEGIN") {
            let lines = text.lines().filter(|line| !line.starts_with('-'));
            all.push((format!("{name}_DER"), lines.collect()));
        }
        if let Ok(pair) = hex::decode(text)
            && *name == "ED_HEX"
        {
            all.push(("ED_BASE64".to_owned(), STANDARD.encode(pair)));
        }
    }
    all
}

/// The private members of every JWK (RFC 7518, section 6; RFC 8037, section 2), in bytes.
fn private_numbers() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (_, text) in KEYS.iter().filter(|(_, text)| text.starts_with('{')) {
        let file: serde_json::Value = serde_json::from_str(text).unwrap();
        let key = file.get("keys").map_or(&file, |keys| &keys[0]);
        let members = ["d", "p", "q", "dp", "dq", "qi"].iter();
        let texts = members.filter_map(|name| key[name].as_str());
        all.extend(texts.map(|text| URL_SAFE_NO_PAD.decode(text).unwrap()));
    }
    all
}

/// A key's bytes as they stand in other texts: in hex, and in base64 behind any number of other bytes.
fn written(key: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![
        key.to_vec(),
        hex::encode(key).into_bytes(),
        hex::encode_upper(key).into_bytes(),
    ];
    for (before, cut) in [(0, 0), (1, 2), (2, 3)] {
        let bytes = [vec![0; before], key.to_vec()].concat();
        let whole = bytes.len() * 8 / 6;
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            all.push(text[cut..whole].into());
        }
    }
    all
}

/// What must not be seen: each secret as text, and as what it decodes to; and pieces of each private number.
fn needles() -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = Vec::new();
    for (_, secret) in SECRETS {
        let inner = secret.trim_start_matches("whsec_").trim_end_matches('=');
        needles.extend(written(inner.as_bytes()));
        let decoded = match secret.starts_with("whsec_") {
            true => STANDARD_NO_PAD.decode(inner).ok(),
            false => hex::decode(inner).ok(),
        };
        needles.extend(decoded.iter().flat_map(|key| written(key)));
    }
    for number in private_numbers() {
        let middle = (number.len() - PIECE) / 2;
        for start in [0, middle, number.len() - PIECE] {
            needles.extend(written(&number[start..start + PIECE]));
        }
    }
    needles
}

/// Command lines, and how each ends.
const COMMANDS: &[(i32, &str)] = &[
    (0, "send cost.alert --to {listen}"),
    (0, "verify sent"),
    (0, "captures show sent"),
    (0, "send cost.alert --to {listen} --break body"),
    (0, "send cost.alert --to {listen} --break secret"),
    (0, "send invoice.paid --provider standard-webhooks --to {listen}"),
    (0, "send push --provider github --to {listen}"),
    (0, "send cost.alert"),
    (0, "send cost.alert --count 3"),
    (3, "send cost.alert --to 127.0.0.1:1"),
    (0, "send cost.alert --dry-run"),
    (0, "send cost.alert --dry-run --print curl"),
    (0, "send cost.alert --dry-run --print json"),
    (0, "send push --provider github --dry-run --print http"),
    (0, "send PING --provider discord --secret-env ED_HEX --dry-run"),
    (0, "send cost.alert --to {listen} --secret {secret}"),
    (2, "send nothing.at.all"),
    (0, "sign body --provider costkatana"),
    (0, "sign body --provider standard-webhooks --print value"),
    (0, "sign body --provider standard-webhooks --print curl"),
    (0, "sign body --provider github --print json"),
    (0, "sign body --provider discord --secret-env ED_HEX"),
    (0, "sign body --provider wise --secret-env RSA_PKCS8"),
    (
        0,
        "send balances#credit --provider wise --secret-env RSA_PKCS8 --dry-run",
    ),
    (2, "sign body --provider wise --secret-env EC_PKCS8"),
    (2, "sign body --provider wise --secret-env EC_JWKS"),
    (2, "sign body --provider wise --secret-env WEBHOOK_SECRET"),
    (0, "sign body --provider wise --secret-env RSA_PKCS1"),
    (0, "sign body --provider wise --secret-env RSA_JWK"),
    (0, "sign body --provider wise --secret-env RSA_PKCS8_DER"),
    (0, "sign body --provider wise --secret-env RSA_PKCS1_DER"),
    (0, "sign body --provider wise --secret-file {keys}/rsa.json"),
    (0, "sign body --provider wise --secret-file {keys}/rsa-pkcs1.pem"),
    (2, "sign body --provider wise --secret-env ED_JWK"),
    (2, "sign body --provider wise --secret-file {keys}/ed25519.pem"),
    (0, "sign body --provider sendgrid --secret-env EC_SEC1"),
    (0, "sign body --provider sendgrid --secret-env EC_JWK"),
    (0, "sign body --provider sendgrid --secret-env EC_PKCS8_DER"),
    (0, "sign body --provider sendgrid --secret-env EC_SEC1_DER"),
    (0, "sign body --provider sendgrid --secret-file {keys}/p256-sec1.pem"),
    (2, "sign body --provider sendgrid --secret-env RSA_JWK"),
    (2, "sign body --provider sendgrid --secret-env ED_PKCS8_DER"),
    (0, "sign body --provider telnyx --secret-env ED_PKCS8"),
    (0, "sign body --provider telnyx --secret-env ED_JWK"),
    (0, "sign body --provider telnyx --secret-env ED_PKCS8_DER"),
    (0, "sign body --provider telnyx --secret-env ED_BASE64"),
    (2, "sign body --provider telnyx --secret-env EC_SEC1"),
    (2, "sign body --provider telnyx --secret-env RSA_PKCS1_DER"),
    (0, "sign body --provider discord --secret-file {keys}/ed25519.json"),
    (0, "sign body --provider sendgrid --secret-env EC_PKCS8"),
    (2, "sign body --provider sendgrid --secret-env EC_JWKS"),
    (2, "sign body --provider sendgrid --secret-env RSA_PKCS8"),
    (2, "sign body --provider discord --secret-env GITHUB_WEBHOOK_SECRET"),
    (0, "sign body --provider standard-webhooks --secret-env WEBHOOK_SECRET"),
    (0, "verify 1"),
    (1, "verify 2"),
    (1, "verify 2 --effort low"),
    (
        1,
        "verify 1 --computed 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ),
    (1, "verify body --provider costkatana"),
    (0, "verify delivery.http"),
    (0, "captures"),
    (0, "captures show 1"),
    (0, "captures show 2"),
    (1, "captures diff 1 2"),
    (0, "captures export 1..3"),
    (0, "captures export 1..3 --format har"),
    (0, "captures export 1..3 --format curl"),
    (0, "captures export 1 --format http"),
    (0, "captures export 1..3 --output kept.jsonl"),
    (0, "captures import kept.jsonl"),
    (0, "replay 1..3 --to {listen}"),
    (0, "replay 1..3 --to {listen} --report junit=report.xml"),
    (0, "replay 1..3 --to {listen} --dry-run"),
    (0, "replay 1..3 --to {listen} --dry-run --print curl"),
    (0, "replay --from delivery.http --to {listen}"),
    (0, "replay sent --to {listen}"),
    (0, "captures diff sent:1 sent:1"),
    (
        0,
        "send balances#credit --provider wise --secret-env RSA_PKCS8 --to {listen}",
    ),
    (0, "verify sent --secret-env RSA_PKCS8"),
    (0, "verify sent --secret-env RSA_JWK"),
    (0, "verify sent --secret-file {keys}/rsa-pkcs1.pem"),
    (0, "providers new keyed-{n} --learn sent --secret-env RSA_PKCS1"),
    (0, "replay sent --secret-env RSA_PKCS8 --to {listen}"),
    (2, "replay --resume"),
    (0, "check --list"),
    (
        1,
        "check --provider costkatana --to {listen} --only accepts/right,refuses/unsigned --html check-{n}.html",
    ),
    (0, "fingerprint"),
    (0, "mcp --to {listen} --print-config codex"),
    (0, "doctor --to {listen} --provider costkatana"),
    (0, "events"),
    (0, "events cost.alert"),
    (0, "providers"),
    (0, "providers show costkatana"),
    (0, "providers test costkatana"),
    (0, "providers new learned-{n} --learn 1 --secret-env WEBHOOK_SECRET"),
    (
        1,
        "providers new unlearned-{n} --learn 1 --secret-env GITHUB_WEBHOOK_SECRET",
    ),
    (0, "providers new copied-{n} --from costkatana"),
    (0, "trust"),
    (0, "trust --show"),
    (0, "untrust"),
    (0, "store"),
    (0, "causes"),
    (0, "captures runs"),
    (0, "captures runs last"),
    (0, "schema"),
    (0, "completions bash"),
    (0, "man"),
    (0, "man send"),
    (0, "help exit-codes"),
    (0, "captures rm 1"),
    (0, "captures prune --keep 1"),
];

fn command(place: &Place, args: &[&str]) -> std::process::Command {
    let mut command = place.ckwh(args);
    command
        .envs(secrets())
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null());
    command
}

/// The commands that `ckwh help` lists.
fn listed(place: &Place) -> BTreeSet<String> {
    let help = place.text(&["help"], 0);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.take_while(|line| !line.is_empty());
    names
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

fn search(what: &str, bytes: &[u8], needles: &[Vec<u8>]) {
    for needle in needles {
        let found = bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!found, "{what} holds {:?}", String::from_utf8_lossy(needle));
    }
}

fn search_files(folder: &Path, needles: &[Vec<u8>]) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            count += search_files(&path, needles);
        } else {
            search(&path.display().to_string(), &fs::read(&path).unwrap(), needles);
            count += 1;
        }
    }
    count
}

#[test]
fn nothing_that_any_command_prints_or_writes_holds_a_secret() {
    let place = Place::new();
    let needles = needles();
    fs::write(place.path("body"), "{}").unwrap();
    let made = command(&place, &["send", "cost.alert", "--dry-run", "--print", "http"])
        .output()
        .unwrap();
    fs::write(place.path("delivery.http"), made.stdout).unwrap();
    let mut run = BTreeSet::from(["listen".to_owned()]);
    for (number, more) in [&[][..], &["--json"], &["--color", "always"]].into_iter().enumerate() {
        let mut listen = command(&place, &["listen", "0", "--json", "--explain"]);
        let store = place.path(&format!("store-{number}.db"));
        listen.arg("--handshake").env("CKWH_STORE", &store);
        let listen = Listen::spawn(listen);
        for (status, line) in COMMANDS {
            let line = line
                .replace("{listen}", &listen.url("/"))
                .replace("{secret}", SECRETS[0].1)
                .replace("{keys}", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/keys"))
                .replace("{n}", &number.to_string());
            let more = if line.starts_with("help") { &[] } else { more };
            let args: Vec<&str> = line.split(' ').chain(more.iter().copied()).collect();
            run.insert(args[0].to_owned());
            let output = command(&place, &args).env("CKWH_STORE", &store).output().unwrap();
            assert_eq!(output.status.code(), Some(*status), "{args:?} {}", text(&output.stderr));
            search(&line, &output.stdout, &needles);
            search(&line, &output.stderr, &needles);
        }
        let (lines, said) = listen.stop(0);
        search("listen", format!("{lines:?}").as_bytes(), &needles);
        search("listen", said.as_bytes(), &needles);
        assert!(search_files(&place.path(""), &needles) > 10);
        fs::remove_dir_all(place.path(".ckwh")).unwrap();
    }
    let mut people = command(&place, &["listen", "0", "--for", "1s", "--explain"]);
    let shown = people.output().unwrap();
    search("listen", text(&shown.stdout).as_bytes(), &needles);
    search("listen", text(&shown.stderr).as_bytes(), &needles);
    // `tests/ui` looks for them in every page.
    run.extend(["help", "ui"].map(str::to_owned));
    assert_eq!(run, listed(&place), "every command is among them");
}
