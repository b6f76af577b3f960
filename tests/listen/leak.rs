//! No secret in anything that any command prints or writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Listen, Place, text};

/// Secrets by the variables that they stand in, with the bytes that they are decoded to as a key. The pair is the first
/// of RFC 8032, 7.1: a seed and its public key.
const SECRETS: [(&str, &str); 7] = [
    ("WEBHOOK_SECRET", "Zq9-never-to-be-seen-as-text"),
    ("STANDARD_WEBHOOKS_SECRET", "whsec_bmV2ZXItdG8tYmUtc2Vlbi1hcy1iYXNlNjQ="),
    (
        "GITHUB_WEBHOOK_SECRET",
        "6e657665722d746f2d62652d7365656e2d61732d686578",
    ),
    (
        "DISCORD_KEY",
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    ),
    ("RSA_KEY", include_str!("../support/keys/rsa.pem")),
    ("EC_KEY", include_str!("../support/keys/p256.pem")),
    ("EC_KEYS", include_str!("../support/keys/p384.json")),
];

/// The lines of a private key in PEM, but for the first, which says what kind of key it is, and the last, which is short;
/// and the bytes that they are.
fn secret_lines(pem: &str) -> Vec<Vec<u8>> {
    let lines: Vec<&str> = pem.lines().collect();
    let secret = &lines[2..lines.len() - 2];
    let decoded = secret.iter().map(|line| STANDARD_NO_PAD.decode(line).unwrap());
    secret
        .iter()
        .map(|line| line.as_bytes().to_vec())
        .chain(decoded)
        .collect()
}

/// What must not be seen: each secret as text, as what it decodes to, and both in hex and base64.
fn needles() -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for (name, secret) in SECRETS {
        if secret.starts_with("-----BEGIN") {
            keys.extend(secret_lines(secret));
            continue;
        }
        if secret.starts_with('{') {
            let set: serde_json::Value = serde_json::from_str(secret).unwrap();
            let private = set["keys"][0]["d"].as_str().unwrap();
            keys.push(private.into());
            keys.push(URL_SAFE_NO_PAD.decode(private).unwrap());
            continue;
        }
        let inner = secret.trim_start_matches("whsec_").trim_end_matches('=');
        if name == "DISCORD_KEY" {
            // The public half is no secret.
            keys.push(secret[..64].into());
            keys.push(hex::decode(&secret[..64]).unwrap());
            continue;
        }
        keys.push(inner.into());
        keys.extend(hex::decode(inner));
        keys.extend(
            STANDARD_NO_PAD
                .decode(inner)
                .ok()
                .filter(|_| secret.starts_with("whsec_")),
        );
    }
    let mut needles = keys.clone();
    for key in keys {
        needles.push(hex::encode(&key).into_bytes());
        needles.push(hex::encode_upper(&key).into_bytes());
        for encoded in [STANDARD_NO_PAD.encode(&key), URL_SAFE_NO_PAD.encode(&key)] {
            // The last character depends on what follows.
            needles.push(encoded[..encoded.len() - 1].into());
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
    (0, "send PING --provider discord --secret-env DISCORD_KEY --dry-run"),
    (0, "send cost.alert --to {listen} --secret {secret}"),
    (2, "send nothing.at.all"),
    (0, "sign body --provider costkatana"),
    (0, "sign body --provider standard-webhooks --print value"),
    (0, "sign body --provider standard-webhooks --print curl"),
    (0, "sign body --provider github --print json"),
    (0, "sign body --provider discord --secret-env DISCORD_KEY"),
    (0, "sign body --provider wise --secret-env RSA_KEY"),
    (0, "send balances#credit --provider wise --secret-env RSA_KEY --dry-run"),
    (2, "sign body --provider wise --secret-env EC_KEY"),
    (2, "sign body --provider wise --secret-env EC_KEYS"),
    (2, "sign body --provider wise --secret-env WEBHOOK_SECRET"),
    (0, "sign body --provider sendgrid --secret-env EC_KEY"),
    (2, "sign body --provider sendgrid --secret-env EC_KEYS"),
    (2, "sign body --provider sendgrid --secret-env RSA_KEY"),
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
        "send balances#credit --provider wise --secret-env RSA_KEY --to {listen}",
    ),
    (0, "verify sent --secret-env RSA_KEY"),
    (0, "replay sent --secret-env RSA_KEY --to {listen}"),
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
    command.envs(SECRETS).env("RUST_BACKTRACE", "full").stdin(Stdio::null());
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
