//! The providers' own libraries (`tests/receivers/libraries`): they accept what `ckwh send` sends, refuse what it
//! breaks, and `ckwh verify` accepts what they sign.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "libraries/http_signatures.rs"]
mod http_signatures;
mod support;
#[path = "support/table.rs"]
mod table;
#[path = "support/receivers.rs"]
mod theirs;
#[path = "libraries/tokens.rs"]
mod tokens;

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use ckwh::provider::{Places, Provider, Registry};
use serde_json::{Value, json};
use support::{Home, missing, run};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Finch's library takes nothing before the base64.
const FINCHS_SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Adyen's keys are hexadecimal digits, and Contentful's secrets 64 characters.
const HEX_SECRET: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
/// RFC 8032, section 7.1, test 1, as Discord and as Telnyx write a key.
const HEX_PAIR: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const BASE64_PAIR: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
const EC_PAIR: &str = include_str!("support/keys/p256.pem");
/// Libraries that leave the signed time to their user.
const TIMELESS: [&str; 6] = ["replicate", "sanity", "cashfree", "discord", "mercadopago", "sendgrid"];
const FAULTS: [&str; 6] = ["signature", "body", "timestamp", "stale", "secret", "header"];

/// So many events of a provider are broken, and signed by its library; every event is accepted.
const BROKEN: usize = 8;

/// A runtime's program, the providers whose library it has, and those whose library can sign.
struct Runtime {
    command: &'static [&'static str],
    verifies: &'static [&'static str],
    signs: &'static [&'static str],
}

const NODE: Runtime = Runtime {
    command: &["node", "library.mjs"],
    verifies: &[
        "stripe",
        "github",
        "standard-webhooks",
        "svix",
        "slack",
        "twilio",
        "square",
        "razorpay",
        "linear",
        "paddle",
        "livekit",
        "upstash-qstash",
        "messagebird",
        "anthropic",
        "easypost",
        "finch",
        "gocardless",
        "hubspot",
        "kontent-ai",
        "line",
        "lithic",
        "modern-treasury",
        "mux",
        "onfido",
        "openai",
        "pusher",
        "replicate",
        "retell",
        "sanity",
        "stream",
        "workos",
        "adyen",
        "adyen-platform",
        "cashfree",
        "contentful",
        "discord",
        "mercadopago",
        "orb",
        "plivo",
        "polar",
        "sendgrid",
        "telnyx",
    ],
    signs: &[
        "stripe",
        "github",
        "standard-webhooks",
        "svix",
        "twilio",
        "adyen-platform",
        "contentful",
        "orb",
    ],
};

const PYTHON: Runtime = Runtime {
    command: &[".venv/bin/python", "library.py"],
    verifies: &["stripe", "standard-webhooks", "slack", "twilio"],
    signs: &["stripe", "standard-webhooks", "slack", "twilio"],
};

impl Runtime {
    /// The runtime's program, or `None` where that is missing.
    fn start(&self) -> Option<Library> {
        if let Err(problem) = theirs::installed() {
            missing(problem);
            return None;
        }
        let folder = theirs::folder().join("libraries");
        let program = match self.command[0] {
            "node" => PathBuf::from("node"),
            inside => folder.join(inside),
        };
        let mut child = Command::new(program)
            .args(&self.command[1..])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Library {
            child,
            stdin,
            answers: BufReader::new(stdout).lines(),
        })
    }
}

/// A running program that answers one line with one line: at once, since Paddle gives a request five seconds.
struct Library {
    child: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Library {
    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.stdin, "{question}").unwrap();
        let answer = self.answers.next().expect("an answer for each line").unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn secret_of(provider: &str) -> &'static str {
    match provider {
        "finch" => FINCHS_SECRET,
        "adyen" | "adyen-platform" | "contentful" => HEX_SECRET,
        "discord" => HEX_PAIR,
        "telnyx" => BASE64_PAIR,
        "sendgrid" => EC_PAIR,
        _ => SECRET,
    }
}

fn provider(name: &str) -> Provider {
    Registry::new(&Places::default()).provider(name, None).unwrap()
}

/// The request that `ckwh send` with `args` would make, or what it says where it can't.
fn sent(home: &Home, provider: &str, event_type: &str, args: &[&str]) -> Result<Value, String> {
    let send = ["send", event_type, "--provider", provider, "--dry-run", "--json"];
    let secret = secret_of(provider);
    let made = run(home.ckwh(&[&send[..], args].concat()).env("CKWH_SECRET", secret), b"");
    match made.status {
        0 => Ok(serde_json::from_slice(&made.stdout).unwrap()),
        _ => Err(made.stderr),
    }
}

/// A request as the libraries' programs read it.
fn question(what: &str, provider: &str, request: &Value) -> Value {
    let body = request["body"].as_str().unwrap();
    json!({
        "do": what,
        "provider": provider,
        "url": request["url"],
        "headers": request["headers"],
        "body_base64": STANDARD.encode(body),
        "secret": secret_of(provider),
    })
}

fn accept_and_refuse(runtime: &Runtime) {
    let Some(mut library) = runtime.start() else { return };
    let home = Home::new();
    let (mut asked, mut wrong) = (0, Vec::new());
    for name in runtime.verifies {
        let provider = provider(name);
        let has_time = provider.scheme.timestamp.is_some();
        for (place, event_type) in provider.folder.event_types().into_iter().enumerate() {
            let mut ask = |what: &str, request: &Value, accepted: bool| {
                let answer = library.ask(&question("verify", name, request));
                asked += 1;
                if answer["ok"] != accepted {
                    wrong.push(format!("{event_type} of {name}, {what}: {answer}"));
                }
            };
            ask("as sent", &sent(&home, name, &event_type, &[]).unwrap(), true);
            for fault in FAULTS.into_iter().filter(|_| place < BROKEN) {
                match sent(&home, name, &event_type, &["--break", fault]) {
                    // Where no time is looked at, an hour is no fault.
                    Ok(request) => {
                        let is_looked_at = has_time && !TIMELESS.contains(name);
                        ask(fault, &request, fault == "stale" && !is_looked_at);
                    }
                    Err(said) => {
                        let is_unsigned = match fault {
                            "timestamp" => !has_time,
                            "body" => !provider.scheme.covers_body(),
                            _ => false,
                        };
                        assert!(is_unsigned, "{name}, {fault}: {said}");
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked >= 7 * runtime.verifies.len());
}

fn verify_what_it_signs(runtime: &Runtime) {
    let Some(mut library) = runtime.start() else { return };
    let home = Home::new();
    for name in runtime.signs {
        for event_type in provider(name).folder.event_types().into_iter().take(BROKEN) {
            let of = format!("{event_type} of {name}");
            let unsigned = sent(&home, name, &event_type, &["--no-sign"]).unwrap();
            let signed = library.ask(&question("sign", name, &unsigned));
            assert_eq!(signed["type"], "request", "{of}: {signed}");
            let mut verify = home.ckwh(&["verify", "-", "--json"]);
            let verified = run(
                verify.env("CKWH_SECRET", secret_of(name)),
                signed.to_string().as_bytes(),
            );
            let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
            assert_eq!(verdict["reason"], "valid", "{of}: {verdict}");
            assert_eq!(verdict["provider"], **name, "{of}");
        }
    }
}

#[test]
fn node_libraries_accept_what_is_sent_and_refuse_what_is_broken() {
    accept_and_refuse(&NODE);
}

#[test]
fn python_libraries_accept_what_is_sent_and_refuse_what_is_broken() {
    accept_and_refuse(&PYTHON);
}

#[test]
fn what_node_libraries_sign_verifies() {
    verify_what_it_signs(&NODE);
}

#[test]
fn what_python_libraries_sign_verifies() {
    verify_what_it_signs(&PYTHON);
}
