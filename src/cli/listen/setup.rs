//! What was typed, made into what a receiver needs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use tokio::runtime::Runtime;
use uuid::Uuid;

use ckwh::clock::{self, Tolerance};
use ckwh::delivery::Endpoint;
use ckwh::judge::Judge;
use ckwh::message::Headers;
use ckwh::provider::{DeliveryPolicy, ProviderError};
use ckwh::receiver::{Answers, Forward, Handshakes, Health, Limits, Reply, Route};
use ckwh::secret::{Secret, Source};
use ckwh::store::{Pattern, Store};
use ckwh::trust::Caveat;

use super::exec::CommandLine;
use super::queue::EventQueue;
use super::tunnel::Tunnel;
use crate::cli::app::App;
use crate::cli::args::ListenArgs;
use crate::cli::dotenv;
use crate::cli::exit::Failure;
use crate::cli::{input, secrets, wait, words};

const PORT: u16 = 7788;
/// The longest body of an answer, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;
/// File descriptors that are not for connections.
const RESERVED: u64 = 64;

/// Where to listen, and whether the port was typed.
pub fn addresses(args: &ListenArgs) -> Result<(Vec<SocketAddr>, bool), Failure> {
    let both = |port| {
        vec![
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        ]
    };
    let Some(text) = &args.address else {
        return Ok((both(args.port.unwrap_or(PORT)), args.port.is_some()));
    };
    let wrong = || {
        Failure::usage(format!(
            "`{}` is no place to listen: give a port (7788) or an address and a port (127.0.0.1:7788, [::1]:7788)",
            text.escape_debug()
        ))
    };
    let found = if let Ok(port) = text.parse() {
        both(port)
    } else if let Some(port) = text.strip_prefix("localhost:") {
        both(port.parse().map_err(|_| wrong())?)
    } else {
        vec![text.parse().map_err(|_| wrong())?]
    };
    Ok((found, true))
}

/// The error of a port that can't be had, with one that can.
pub fn bind_failure(addresses: &[SocketAddr], typed: bool, error: &io::Error) -> Failure {
    let address = addresses[0];
    let free = TcpListener::bind((address.ip(), 0)).and_then(|listener| listener.local_addr());
    let advice = match (error.kind(), free) {
        (io::ErrorKind::AddrInUse, Ok(free)) => format!(
            "the port {} is in use{}; {} is free: ckwh listen {}",
            address.port(),
            if typed { "" } else { ", perhaps by another ckwh listen" },
            free.port(),
            free.port()
        ),
        (io::ErrorKind::PermissionDenied, _) => {
            format!(
                "ports such as {} are the system's; give one from 1024 on",
                address.port()
            )
        }
        _ => format!("{error}; give an address of this machine"),
    };
    Failure::Unavailable(anyhow!("can't listen on {address}: {advice}"))
}

/// Says so where others than this machine can reach it.
pub fn warn_of_others(app: &mut App, addresses: &[SocketAddr]) {
    for address in addresses.iter().filter(|address| !address.ip().is_loopback()) {
        let who = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => "every machine that reaches this one",
            IpAddr::V6(ip) if ip.is_unspecified() => "every machine that reaches this one",
            _ => "other machines",
        };
        app.report.warn(&format!("{address} can be reached by {who}"));
    }
}

/// Connections that file descriptors are left for, after their limit was raised as far as it may be.
#[cfg(unix)]
pub fn connections() -> usize {
    let most = Limits::default().connections;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = most as u64 + RESERVED;
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(raised),
                maximum: limit.maximum,
            },
        );
    }
    let current = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let left = usize::try_from(current.saturating_sub(RESERVED)).unwrap_or(most);
    left.clamp(16, most)
}

#[cfg(not(unix))]
pub fn connections() -> usize {
    Limits::default().connections
}

/// What is answered where nothing is forwarded.
pub fn answers(args: &ListenArgs) -> Result<Answers, Failure> {
    let body = match &args.respond_body {
        None => bytes::Bytes::new(),
        Some(text) => match text.strip_prefix('@') {
            Some(path) => input::read_bounded(Path::new(path), "the answer's body", LONGEST_ANSWER)?.into(),
            None => text.clone().into(),
        },
    };
    let headers: Headers = args
        .respond_header
        .iter()
        .map(|line| Headers::parse_line(line))
        .collect::<Result<_, _>>()?;
    Ok(Answers {
        reply: Reply {
            status: args.respond.unwrap_or(200),
            headers,
            body,
        },
        script: args.script.clone(),
        fail_rate: args.fail_rate.map(|rate| (rate, args.seed)),
        reject_invalid: args.reject_invalid,
        handshakes: None,
        delay: args.delay.unwrap_or(Duration::ZERO),
    })
}

/// Who judges: one provider, or whichever is recognised.
///
/// The other value says whether signatures are verified at all: whether any secret is set, be it one that can't be used.
pub fn judge(app: &mut App, args: &ListenArgs) -> Result<(Judge, bool), Failure> {
    let typed = args.provider.provider.as_deref();
    let named = app.judging_provider(typed)?;
    let dialect = app.judging_dialect(args.provider.dialect.as_deref())?;
    let (recogniser, fallback) = match (&named, &dialect) {
        (Some(name), dialect) => {
            let fallback = app.provider(name, dialect.as_deref())?;
            let recogniser = match dialect {
                Some(_) => ckwh::provider::Recogniser::default(),
                None => app.recogniser(Some(name))?,
            };
            (recogniser, Some(fallback))
        }
        (None, dialect) => {
            app.announce_project()?;
            let proposed = app.proposed_provider(typed);
            let fallback = proposed
                .map(|name| app.provider(&name, dialect.as_deref()))
                .transpose()?;
            (app.recogniser(None)?, fallback)
        }
    };
    if let (Some(_), Some(provider)) = (&named, &fallback) {
        // What is wrong with the one that was named is told.
        app.secrets(&args.secrets.0, provider)?;
    }
    let providers: Vec<_> = recogniser.providers().iter().chain(&fallback).cloned().collect();
    let (secrets, all_usable) = app.secrets_of_each(&args.secrets.0, &providers)?;
    let tolerance = app.tolerance()?.as_deref().map(clock::duration).transpose()?;
    let judge = Judge {
        recogniser,
        fallback,
        is_named: named.is_some(),
        secrets,
        last_resort: None,
        tolerance: tolerance.map(Tolerance::both),
        public_url: app.public_url(args.provider.public_url.as_deref())?,
    };
    if args.reject_invalid {
        match judge.fallback.as_ref().filter(|_| named.is_some()) {
            None => {
                return Err(Failure::usage(
                    "--reject-invalid wants --provider NAME: else the sender would choose how it is verified",
                ));
            }
            Some(provider) if provider.scheme.signatures.is_empty() => {
                return Err(Failure::usage(format!(
                    "{} signs nothing, so --reject-invalid would refuse everything; leave it out",
                    provider.name
                )));
            }
            Some(provider) if !judge.has_secrets() => return Err(app.no_secret(provider)),
            Some(_) => {}
        }
    }
    let verifies = judge.has_secrets() || !all_usable;
    Ok((judge, verifies))
}

/// Says whose verdicts run no program and meet no expectation, where there is one.
pub fn warn_of_caveats(app: &mut App, args: &ListenArgs, judge: &Judge) {
    let runs = args.exec.is_some() && !args.exec_any;
    if !runs && args.expect_event.is_empty() {
        return;
    }
    for provider in judge.recogniser.providers().iter().chain(&judge.fallback) {
        let secrets = judge.secrets_of(&provider.name).iter();
        let why = secrets
            .filter_map(|secret| provider.caveat_of(Some(secret.source())))
            .filter_map(|caveat| match caveat {
                Caveat::ProjectProvider => Some(("this project's own", provider.folder.path_of(""))),
                Caveat::TrackedSecret => Some(("verified by a secret that git tracks", dotenv::NAME.to_owned())),
                Caveat::SenderChosen => None,
            })
            .next();
        if let Some((why, path)) = why {
            let command = app.trust_command(path);
            app.warn_once(&format!(
                "{} is {why}, so it runs no --exec and meets no --expect-event; where you trust it: {command}",
                provider.name
            ));
        }
    }
}

/// Who answers handshakes. A secret that is proved by one is nobody else's: one for the provider that was typed, or what
/// is in a variable that no other provider's table names.
pub fn handshakes(app: &App, args: &ListenArgs, judge: &Judge) -> Result<Option<Handshakes>, Failure> {
    if !args.handshake {
        return Ok(None);
    }
    let typed = args.provider.provider.as_deref();
    let mut secrets = judge.secrets.clone();
    if typed.is_none() {
        let everyone = app.registry.recogniser(None)?;
        let mut owners: HashMap<&str, HashSet<&str>> = HashMap::new();
        for provider in everyone.providers() {
            for name in &provider.table.secret_env {
                owners.entry(name).or_default().insert(&provider.name);
            }
        }
        let is_alone = |provider: &str, secret: &Secret| match secret.source() {
            Source::Variable(name) | Source::DotEnv(name) => owners
                .get(name.as_str())
                .is_some_and(|owners| owners.len() == 1 && owners.contains(provider)),
            _ => false,
        };
        for (provider, secrets) in &mut secrets {
            secrets.retain(|secret| is_alone(provider, secret));
        }
    }
    let providers = judge.recogniser.providers().iter().chain(&judge.fallback);
    Ok(Some(Handshakes::new(providers, typed, secrets)))
}

/// Where events are passed on to: the settings' routes, then `--forward`.
pub fn forward(
    app: &mut App,
    args: &ListenArgs,
    own: &[SocketAddr],
) -> Result<(Option<Forward>, Vec<String>), Failure> {
    let mut routes = Vec::new();
    let mut about = Vec::new();
    let settings = app.settings.routes.clone();
    let wanted = settings
        .iter()
        .map(|route| (Some(Pattern::new(&route.event)), &route.to, route.of_project))
        .chain(args.forward.as_ref().map(|to| (None, to, false)));
    for (event, to, of_project) in wanted {
        let endpoint = Endpoint::parse(to, "/")?;
        if of_project {
            app.permit(&endpoint)?;
        }
        let port = endpoint.url().port_or_known_default();
        let same_port = own.iter().any(|own| Some(own.port()) == port && own.port() != 0);
        if same_port && endpoint.is_loopback() {
            return Err(Failure::usage(format!(
                "{} is where this listens: it would forward to itself; name the port of your handler",
                endpoint.place()
            )));
        }
        let client = app.client(&args.connection, &endpoint, &DeliveryPolicy::default())?;
        let what = event
            .as_ref()
            .map_or_else(|| "every request".to_owned(), |event| event.as_str().to_owned());
        let path = if endpoint.default_path {
            ", each with its own path"
        } else {
            ""
        };
        let url = app.settings.credentials.mask_url(endpoint.url().as_str());
        about.push(format!("{what} goes on to {url}{path}"));
        if endpoint.is_loopback() && !wait::listens(&endpoint) {
            app.report
                .warn(&format!("nobody is at {url} yet; is your handler running?"));
        }
        routes.push(Route {
            event,
            endpoint,
            client,
        });
    }
    if !settings.is_empty() && args.forward.is_none() {
        about.push("what no route is for is answered here".into());
    }
    let forward = (!routes.is_empty()).then(|| Forward::new(routes, args.preserve_host));
    Ok((forward, about))
}

/// What is done with what arrives, for people.
pub fn about(args: &ListenArgs, answers: &Answers, judge: &Judge) -> Vec<String> {
    let mut about = Vec::new();
    if args.drop {
        about.push("every connection is closed at once (--drop), and nothing is kept".into());
    } else if args.forward.is_none() && (args.respond.is_some() || !answers.script.is_empty()) {
        let statuses = match answers.script.as_slice() {
            [] => answers.reply.status.to_string(),
            script => script.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        about.push(format!("answers {statuses}"));
    }
    if let Some(handshakes) = &answers.handshakes {
        about.push(match handshakes.titles().as_slice() {
            [] => "no handshake is answered: the provider's table has none".into(),
            titles if titles.len() > 3 => format!("answers the handshakes of {} providers", titles.len()),
            titles => format!("answers the handshakes of {}", titles.join(", ")),
        });
        let typed = args.provider.provider.is_some();
        for provider in handshakes.without_proof().filter(|_| typed) {
            about.push(format!(
                "its handshakes that want a proof of the secret are not answered: set {}",
                provider.table.secret_env.join(" or ")
            ));
        }
    }
    about.extend(verified_by(judge));
    about
}

/// Which secrets were found, and whose signatures each verifies.
fn verified_by(judge: &Judge) -> Vec<String> {
    let mut by: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, secrets) in &judge.secrets {
        for secret in secrets {
            by.entry(secret.source().to_string()).or_default().insert(name);
        }
    }
    let all = judge.secrets.len();
    let told = by.into_iter().map(|(source, names)| match names.len() {
        count if count == all && count > 1 => format!("{source} verifies every provider"),
        _ => format!("{source} verifies {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    });
    told.collect()
}

/// Gives the judge a secret for this run alone: it is tried last.
pub fn throw_away(judge: &mut Judge) -> Result<String, Failure> {
    // Hex is what every provider's steps to an HMAC key can be made of.
    let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    judge.last_resort = Some(Secret::new(text.clone().into_bytes(), Source::ThrowAway)?);
    Ok(text)
}

/// The line that sends what the throw-away secret verifies.
pub fn try_line(args: &ListenArgs, url: &str, secret: &str) -> String {
    let event = match &args.provider.provider {
        Some(name) => format!("{name} --all"),
        None => "cost.alert".to_owned(),
    };
    format!("ckwh send {event} --to {url} --secret {secret}")
}

/// The tunnel that was asked for, to a port that is chosen before.
pub fn tunnel(args: &ListenArgs, addresses: &mut [SocketAddr]) -> Result<Option<Tunnel>, Failure> {
    let Some(typed) = &args.tunnel else { return Ok(None) };
    if addresses[0].port() == 0 {
        let free = TcpListener::bind(addresses[0]).and_then(|listener| listener.local_addr());
        let free = free.map_err(|error| bind_failure(addresses, false, &error))?;
        addresses.iter_mut().for_each(|address| address.set_port(free.port()));
    }
    Tunnel::start(typed, addresses[0].port(), args.provider.public_url.as_deref()).map(Some)
}

/// What answers whether the store can be written to.
pub fn health(runtime: &Runtime, args: &ListenArgs, store: &Store) -> Result<Option<Health>, Failure> {
    let Some(address) = args.health else { return Ok(None) };
    let started = runtime.block_on(Health::start(address, store.clone()));
    started
        .map(Some)
        .map_err(|error| Failure::Unavailable(anyhow!("--health {address}: {error}")))
}

/// What is pasted at the provider.
pub fn to_paste(app: &App, args: &ListenArgs, url: &str) -> String {
    if args.provider.public_url.as_deref() == Some(url) {
        return format!("paste at the provider: {url}");
    }
    let named = args.provider.provider.as_deref();
    let path = named.and_then(|name| app.registry.provider(name, None).ok());
    let path = path.map(|provider| provider.table.path).unwrap_or_default();
    format!("paste at the provider: {url}{path}")
}

/// Whether a person who opens the URL may be shown a page: nothing else is set up to answer.
pub fn has_page(args: &ListenArgs, forward: Option<&Forward>) -> bool {
    let answers = args.respond.is_some()
        || args.respond_body.is_some()
        || !args.respond_header.is_empty()
        || !args.script.is_empty()
        || args.fail_rate.is_some()
        || args.delay.is_some()
        || args.handshake
        || args.reject_invalid;
    forward.is_none() && !answers && !args.drop && args.tunnel.is_none()
}

/// The program of `--exec`.
pub fn command(app: &App, args: &ListenArgs) -> Result<Option<CommandLine>, Failure> {
    let Some(text) = &args.exec else { return Ok(None) };
    let words = shlex::split(text).filter(|words| !words.is_empty()).ok_or_else(|| {
        Failure::usage("--exec is no command line: a quote is not closed, or it is empty; try --exec 'node handle.js'")
    })?;
    if !is_program(&words[0]) {
        return Err(Failure::Unavailable(anyhow!(
            "--exec: there is no program {}; give its path, or one that is on PATH",
            words[0].escape_debug()
        )));
    }
    let without = secrets::variables_with_secrets(app, &args.secrets.0);
    Ok(Some(CommandLine { words, without }))
}

/// Whether a program of that name can be started.
fn is_program(name: &str) -> bool {
    let path = Path::new(name);
    if path.components().count() > 1 {
        return path.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| {
        ["", std::env::consts::EXE_SUFFIX]
            .iter()
            .any(|suffix| folder.join(format!("{name}{suffix}")).is_file())
    })
}

/// Says which expected events no provider has, where one that it has is near.
pub fn warn_of_misspelt(app: &mut App, args: &ListenArgs) {
    for pattern in &args.expect_event {
        let typed = pattern.as_str();
        let provider = args.provider.provider.as_deref();
        if words::is_pattern(typed) || app.registry.has_event(typed) {
            continue;
        }
        if let ProviderError::Event { hint, .. } = app.registry.unknown_event(typed, provider)
            && !hint.is_empty()
        {
            app.report.warn(&format!(
                "no provider is known to send {typed}, which is waited for.{hint}"
            ));
        }
    }
}

/// Ctrl-C and SIGTERM end it; a second one ends it at once. They are heeded from when this returns.
#[cfg(unix)]
pub fn heed_signals(queue: &Arc<EventQueue>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ: a file would grow beyond its limit. Writing fails then, which is told.
    const FILE_SIZE: i32 = 25;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let file_size = signal(SignalKind::from_raw(FILE_SIZE))?;
    let queue = queue.clone();
    tokio::spawn(async move {
        let _file_size = file_size;
        for again in [false, true] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            asked_to_end(&queue, again);
        }
    });
    Ok(())
}

/// Ctrl-C ends it; a second one ends it at once.
#[cfg(not(unix))]
pub fn heed_signals(queue: &Arc<EventQueue>) -> io::Result<()> {
    let queue = queue.clone();
    tokio::spawn(async move {
        for again in [false, true] {
            let _ = tokio::signal::ctrl_c().await;
            asked_to_end(&queue, again);
        }
    });
    Ok(())
}

fn asked_to_end(queue: &EventQueue, again: bool) {
    if again {
        std::process::exit(i32::from(crate::cli::Status::Interrupted.code()));
    }
    queue.stop();
}
