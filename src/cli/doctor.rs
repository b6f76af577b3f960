//! `ckwh doctor`: what is missing before an event can arrive.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use ckwh::delivery::{Delivery, Endpoint, Next, Retry, deliver};
use ckwh::message::Message;
use ckwh::provider::{DeliveryPolicy, Provider};
use ckwh::scheme::fingerprint;
use ckwh::secret::SecretError;
use ckwh::store::{Store, wait};

use super::app::App;
use super::args::DoctorArgs;
use super::exit::{Failure, Status};
use super::report::{DiagnosisItem, Item};
use super::runtime::block_on;
use super::wait::{addresses, takes};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A clock that is off by more has signatures refused, in seconds: half of the usual tolerance.
const OFF: u64 = 150;
/// Programs that bring the internet to a port.
const TUNNELS: [&str; 4] = ["cloudflared", "ngrok", "tailscale", "ssh"];

pub fn run(app: &mut App, args: &DoctorArgs) -> Result<Status, Failure> {
    let named = args.provider.provider.clone().or_else(|| app.proposed_provider(None));
    let provider = named
        .map(|name| app.provider(&name, args.provider.dialect.as_deref()))
        .transpose()?;
    let mut found = vec![secret(app, args, provider.as_ref())?];
    let set = app.settings.to.as_ref().map(|set| set.text.clone());
    match args.to.clone().or(set) {
        Some(target) => found.extend(handler(app, args, &target, provider.as_ref())?),
        None => found.push(nothing(
            "target",
            "none is named, so no handler is looked at",
            Some("ckwh doctor --to 3000"),
        )),
    }
    found.push(store(app, args));
    found.push(tunnels());
    let mut status = Status::Yes;
    for item in found {
        if item.ok == Some(false) {
            status = Status::No;
        }
        app.result(Item::Diagnosis(item))?;
    }
    Ok(status)
}

fn good(subject: &'static str, says: impl Into<String>) -> DiagnosisItem {
    DiagnosisItem {
        subject,
        ok: Some(true),
        says: says.into(),
        hint: None,
    }
}

fn bad(subject: &'static str, says: impl Into<String>, hint: Option<&str>) -> DiagnosisItem {
    DiagnosisItem {
        ok: Some(false),
        hint: hint.map(str::to_owned),
        ..good(subject, says)
    }
}

fn nothing(subject: &'static str, says: &str, hint: Option<&str>) -> DiagnosisItem {
    DiagnosisItem {
        ok: None,
        hint: hint.map(str::to_owned),
        ..good(subject, says)
    }
}

/// Which secrets are at hand, and from where.
fn secret(app: &mut App, args: &DoctorArgs, provider: Option<&Provider>) -> Result<DiagnosisItem, Failure> {
    let secrets = match provider {
        Some(provider) => app.secrets(&args.secrets.0, provider)?,
        None => {
            let providers = app.recogniser(None)?.providers().to_vec();
            let (each, _) = app.secrets_of_each(&args.secrets.0, &providers)?;
            each.into_values().flatten().collect()
        }
    };
    let named: BTreeSet<String> = secrets
        .iter()
        .map(|secret| format!("{} (fingerprint {})", secret.source(), fingerprint(secret)))
        .collect();
    if named.is_empty() {
        let variable = provider.map_or("WEBHOOK_SECRET", |provider| &provider.table.secret_env[0]);
        return Ok(bad(
            "secret",
            "none is found, in the environment or in ./.env",
            Some(&format!("export {variable}=what-your-handler-has")),
        ));
    }
    let unusable = provider.and_then(|provider| {
        let usable = |secret: &ckwh::secret::Secret| -> Result<(), SecretError> {
            provider.scheme.signatures[0].mac(secret).map(|_| ())
        };
        secrets.iter().find_map(|secret| usable(secret).err())
    });
    Ok(match unusable {
        Some(error) => bad("secret", error.to_string(), Some("ckwh help secrets")),
        None => good("secret", named.into_iter().collect::<Vec<_>>().join(", ")),
    })
}

/// Whether somebody listens, how, at which path, and by which clock.
fn handler(
    app: &mut App,
    args: &DoctorArgs,
    target: &str,
    provider: Option<&Provider>,
) -> Result<Vec<DiagnosisItem>, Failure> {
    let path = provider.map_or("/", |provider| &provider.table.path);
    let endpoint = Endpoint::parse(target, path)?;
    let all = addresses(&endpoint);
    let (open, closed): (Vec<SocketAddr>, Vec<SocketAddr>) = all.iter().partition(|address| takes(**address, PATIENCE));
    let list = |some: &[SocketAddr]| some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    if open.is_empty() {
        let says = match all.is_empty() {
            true => format!("{} has no address here", endpoint.place()),
            false => format!("nothing listens at {}", list(&all)),
        };
        let hint = "start your handler, or name its port with --to";
        return Ok(vec![bad("target", says, Some(hint))]);
    }
    let mut found = vec![good(
        "target",
        match closed.is_empty() {
            true => format!("something listens at {}", list(&open)),
            false => format!(
                "something listens at {}, and nothing at {}, which is tried too",
                list(&open),
                list(&closed)
            ),
        },
    )];
    let client = app.client(&args.connection, &endpoint, &DeliveryPolicy::default())?;
    let message = Message {
        method: "OPTIONS".to_owned(),
        ..Message::new("")
    };
    let retry = Retry::never(DeliveryPolicy::default());
    let next = async |_| {
        let message = std::borrow::Cow::Borrowed(&message);
        Ok::<_, Failure>(Some(Next { message, until: None }))
    };
    let delivery = block_on(deliver(&client, &endpoint, &retry, next))?;
    found.extend(delivery.iter().flat_map(|delivery| answer(&endpoint, delivery)));
    Ok(found)
}

/// What OPTIONS shows, which asks a handler for nothing.
fn answer(endpoint: &Endpoint, delivery: &Delivery) -> Vec<DiagnosisItem> {
    let Some(answer) = &delivery.answer else {
        let failure = delivery.failure().map(|failure| failure.message.clone());
        return vec![bad("protocol", failure.unwrap_or_default(), None)];
    };
    let path = endpoint.target();
    let origin = endpoint.url().origin().ascii_serialization();
    let place = origin.strip_prefix("http://").unwrap_or(&origin);
    let mut found = vec![match answer.status {
        404 if endpoint.default_path && path == "/" => nothing(
            "path",
            "none is named, so none is looked at; name it, or the provider",
            Some(&format!("ckwh doctor --to {place}/your/path")),
        ),
        404 => bad(
            "path",
            format!("{path} is not there"),
            Some(&format!("name its path, as in --to {place}/your/path")),
        ),
        300..=399 => bad(
            "path",
            format!(
                "{path} is redirected to {}",
                answer.headers.text("location").unwrap_or("another place")
            ),
            Some("name that place with --to, or add --follow"),
        ),
        status => good("path", format!("{path} is there (OPTIONS: {status})")),
    }];
    let date = answer.headers.text("date");
    let date = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    if let Some(date) = date {
        let off = Timestamp::now().duration_since(date).as_secs().unsigned_abs();
        found.push(match off {
            0..=OFF => good("clock", "the target's clock agrees with this one"),
            _ => bad(
                "clock",
                format!("the target's clock is {off} s off, so that it may take a signature for stale"),
                Some("set the clock of one of them"),
            ),
        });
    }
    found
}

fn store(app: &mut App, args: &DoctorArgs) -> DiagnosisItem {
    let location = match app.store_location(&args.store) {
        Ok(location) => location,
        Err(error) => return bad("store", error.to_string(), None),
    };
    let shown = location.to_string();
    if location.file().is_some_and(|path| !path.exists()) {
        return nothing("store", "there is none yet; `ckwh listen` makes it", None);
    }
    match wait(Store::open(location)).and_then(|store| wait(store.count()).map(|count| (count, store))) {
        Ok((count, store)) => match store.notes() {
            [] => good(
                "store",
                match count {
                    1 => format!("{shown} is well, and holds 1 capture"),
                    _ => format!("{shown} is well, and holds {count} captures"),
                },
            ),
            notes => bad("store", notes.join("; "), None),
        },
        Err(error) => bad("store", error.to_string(), Some("name another with --store")),
    }
}

fn tunnels() -> DiagnosisItem {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &&&str| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&folders).any(|folder| folder.join(&file).is_file())
    };
    let there: Vec<&str> = TUNNELS.iter().filter(is_there).copied().collect();
    match there.as_slice() {
        [] => nothing(
            "tunnel",
            "no program is there that brings real events here; cloudflared and ngrok do",
            None,
        ),
        some => good("tunnel", format!("{} can bring real events here", some.join(", "))),
    }
}
