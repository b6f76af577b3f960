//! `ckwh fingerprint`: what to compare with the handler's secret.

use std::collections::HashSet;

use ckwh::scheme::{fingerprint, is_key};

use super::app::App;
use super::args::FingerprintArgs;
use super::exit::{Failure, Status};
use super::report::{FingerprintItem, Item};

/// What gives the same eight digits on the handler's side, where `secret` is the text that it verifies with.
const LINES: [(&str, &str); 5] = [
    (
        "Node",
        "console.log(require('crypto').createHash('sha256').update(secret).digest('hex').slice(0, 8))",
    ),
    (
        "Python",
        "import hashlib; print(hashlib.sha256(secret.encode()).hexdigest()[:8])",
    ),
    ("PHP", "echo substr(hash('sha256', $secret), 0, 8), \"\\n\";"),
    ("Ruby", "require 'digest'; puts Digest::SHA256.hexdigest(secret)[0, 8]"),
    ("shell", "printf %s \"$SECRET\" | sha256sum | cut -c1-8"),
];

/// What gives them for a key's file, private or public.
const KEY_LINES: [(&str, &str); 2] = [
    (
        "OpenSSL, of the private key",
        "printf %s \"$(openssl pkey -in KEY.pem -pubout)\" | sha256sum | cut -c1-8",
    ),
    (
        "OpenSSL, of the public key",
        "printf %s \"$(openssl pkey -pubin -in KEY.pem -pubout)\" | sha256sum | cut -c1-8",
    ),
];

pub fn run(app: &mut App, args: &FingerprintArgs) -> Result<Status, Failure> {
    let secrets = match &args.provider {
        Some(name) => {
            let provider = app.provider(name, None)?;
            app.signing_secrets(&args.secrets.0, &provider)?
        }
        None => match app.general_secrets(&args.secrets.0)? {
            Some(secrets) => secrets,
            None => {
                app.announce_project()?;
                let providers = app.recogniser(None)?.providers().to_vec();
                let (each, _) = app.secrets_of_each(&[], &providers)?;
                let mut names: Vec<_> = each.into_iter().collect();
                names.sort_by(|(one, _), (other, _)| one.cmp(other));
                names.into_iter().flat_map(|(_, secrets)| secrets).collect()
            }
        },
    };
    if secrets.is_empty() {
        return Err(Failure::usage(
            "no secret is set; name one with --secret-env NAME or --secret-file PATH, or a provider with --provider; `ckwh help secrets` says where they are looked for",
        ));
    }
    let mut seen = HashSet::new();
    let mut items: Vec<FingerprintItem> = secrets
        .iter()
        .map(|secret| FingerprintItem {
            secret: secret.source().to_string(),
            fingerprint: fingerprint(secret),
            lines: match is_key(secret) {
                true => &KEY_LINES,
                false => &LINES,
            },
        })
        .filter(|item| seen.insert((item.secret.clone(), item.fingerprint.clone())))
        .collect();
    // Each set of lines stands once, at the end.
    items.sort_by_key(|item| item.lines.len() == KEY_LINES.len());
    for at in 1..items.len() {
        if items[at - 1].lines.len() == items[at].lines.len() {
            items[at - 1].lines = &[];
        }
    }
    for item in items {
        app.result(Item::Fingerprint(item))?;
    }
    Ok(Status::Yes)
}
