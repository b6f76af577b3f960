//! `ckwh verify`: is this signature right?

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use ckwh::capture::{BodyHeld, Capture, DeliveryKind, Recorded};
use ckwh::clock::{self, Tolerance};
use ckwh::exchange::Files;
use ckwh::judge;
use ckwh::message::{Headers, Message};
use ckwh::provider::{Provider, Recognition};
use ckwh::scheme::fingerprint;
use ckwh::secret::Secret;
use ckwh::verify::{self, Options, Reason, Verdict};

use super::app::App;
use super::args::{ExplainArgs, ProviderArgs, SecretArg, VerifyArgs};
use super::exit::{Failure, Status};
use super::explain::{self, Explained, Grounds};
use super::input::{self, Named};
use super::report::{Item, TriedItem, VerdictItem};

pub fn run(app: &mut App, args: &VerifyArgs) -> Result<Status, Failure> {
    let computed_files = args.explain.computed.iter().map(Path::new);
    let inputs = [Path::new(&args.input)].into_iter();
    input::one_stdin(inputs.chain(args.secrets.files()).chain(computed_files))?;
    let computed = explain::computed(app, &args.explain)?;
    let now = Timestamp::now();
    let tolerance = match args.tolerance {
        Some(tolerance) => Some(tolerance),
        None => app.tolerance()?.as_deref().map(clock::duration).transpose()?,
    };
    let mut options = Options::new(args.at.as_deref().map_or(Ok(now), |text| clock::moment(text, now))?);
    options.tolerance = tolerance.map(Tolerance::both);
    let grounds = Grounds {
        provider: &args.provider,
        secrets: &args.secrets.0,
        explain: &args.explain,
        computed: &computed,
        server: None,
    };
    let mut all_valid = true;
    let mut one = |app: &mut App, subject: Subject| {
        let provider = subject.sent_as.as_ref().filter(|_| args.provider.provider.is_none());
        let grounds = Grounds {
            server: subject.server.as_deref(),
            provider: provider.unwrap_or(&args.provider),
            ..grounds
        };
        let item = subject_item(app, &grounds, &subject, args, &options)?;
        all_valid &= item.counts() && item.computed.iter().all(|right| *right);
        app.result(Item::Verdict(item))
    };
    let given = input::named(app, &args.input, &args.store, !args.headers.is_empty())?;
    let public_url = app.public_url(args.provider.public_url.as_deref())?;
    let public_url = public_url.as_deref();
    let mut all_read = true;
    match given {
        Named::Capture(capture) => one(app, Subject::of_capture(*capture, args, public_url))?,
        Named::Body(bytes) => one(app, Subject::of_body(args, bytes, public_url)?)?,
        Named::Requests(requests) => {
            let counts = requests.each(&Files::Refused, |recorded| {
                app.say_taken(&recorded);
                one(app, Subject::of_file(recorded, public_url))
            })?;
            app.say_skipped(&counts);
            all_read = counts.skipped == 0;
        }
    }
    Ok(if all_valid && all_read { Status::Yes } else { Status::No })
}

/// The verdict on one of what is judged.
fn subject_item(
    app: &mut App,
    grounds: &Grounds<'_>,
    subject: &Subject,
    args: &VerifyArgs,
    options: &Options,
) -> Result<VerdictItem, Failure> {
    let mut options = *options;
    options.at = subject.arrived.filter(|_| args.at.is_none()).unwrap_or(options.at);
    let mut item = judge(app, grounds, &subject.message, subject.held, &options)?;
    if subject.is_bare && matches!(item.reason, Reason::MissingHeader | Reason::Unrecognised) {
        let own = item
            .detail
            .take()
            .map(|detail| format!("; {detail}"))
            .unwrap_or_default();
        item.detail = Some(match input::shown_as(&subject.message.body) {
            Some(what) => format!("{}: {what}", args.input),
            None => format!(
                "{} was read as a bare body, without headers: give them with -H{own}",
                args.input
            ),
        });
    }
    if let (Some(arrived), Some(age)) = (subject.arrived, item.timestamp_age_ms) {
        item.timestamp_age_today_ms = i64::try_from(Timestamp::now().duration_since(arrived).as_millis())
            .ok()
            .map(|since| since + age);
    }
    Ok(item)
}

/// What is judged.
struct Subject {
    message: Message,
    /// Whether its body is the one that came.
    held: BodyHeld,
    /// When it arrived, where it is a capture.
    arrived: Option<Timestamp>,
    /// What the handler that it was forwarded to answered of itself.
    server: Option<String>,
    /// Whether there is a body and nothing else.
    is_bare: bool,
    /// Whose it is, where it was sent from here.
    sent_as: Option<ProviderArgs>,
}

impl Subject {
    fn of_capture(capture: Capture, args: &VerifyArgs, public_url: Option<&str>) -> Self {
        let url = capture.recorded.signed_url(public_url);
        Self {
            arrived: capture.recorded.received_at,
            server: capture.recorded.server().map(Cow::into_owned),
            held: capture.recorded.body_held,
            is_bare: false,
            sent_as: sent_as(&capture, args),
            message: Message {
                target: capture.recorded.message.url.clone(),
                url,
                ..Arc::unwrap_or_clone(capture.recorded).message
            },
        }
    }

    fn of_file(recorded: Recorded, public_url: Option<&str>) -> Self {
        let held = recorded.body_held;
        let mut message = recorded.message;
        // A raw request holds a path alone, which no scheme signs.
        message.target = message.url.take();
        let own = message.target.clone().filter(|url| url.contains("://"));
        message.url = public_url.map(str::to_owned).or(own);
        Self {
            message,
            held,
            arrived: None,
            server: None,
            is_bare: false,
            sent_as: None,
        }
    }

    /// A bare body, with the headers that were given.
    fn of_body(args: &VerifyArgs, bytes: Vec<u8>, public_url: Option<&str>) -> Result<Self, Failure> {
        let headers = args.headers.iter().map(|line| Headers::parse_line(line));
        let message = Message {
            method: args.method.clone(),
            url: args.url.clone(),
            headers: headers.collect::<Result<Headers, _>>()?,
            ..Message::new(bytes)
        };
        Ok(Self {
            is_bare: args.headers.is_empty(),
            ..Self::of_file(Recorded::new(message), public_url)
        })
    }
}

/// A detail with whose headers the delivery has, where it is another's than the provider that was named.
fn with_sender(
    app: &App,
    detail: Option<String>,
    provider: &Provider,
    message: &Message,
) -> Result<Option<String>, Failure> {
    let Recognition::One(sender) = app.registry.recognise(message, None)? else {
        return Ok(detail);
    };
    if sender.name == provider.name {
        return Ok(detail);
    }
    let said = detail.map(|detail| detail + "; ").unwrap_or_default();
    Ok(Some(format!(
        "{said}the headers are those of {}: --provider {}",
        sender.table.title, sender.name
    )))
}

/// The provider of what was sent from here.
fn sent_as(capture: &Capture, args: &VerifyArgs) -> Option<ProviderArgs> {
    let recorded = &capture.recorded;
    let is_sent = recorded
        .deliveries
        .iter()
        .any(|delivered| delivered.kind == DeliveryKind::Send);
    let judgement = recorded.judgement.as_ref().filter(|_| is_sent)?;
    Some(ProviderArgs {
        provider: judgement.provider.clone(),
        dialect: args.provider.dialect.clone().or_else(|| judgement.dialect.clone()),
        public_url: args.provider.public_url.clone(),
    })
}

/// The verdict on `message`, with its explanation.
pub fn judge(
    app: &mut App,
    grounds: &Grounds<'_>,
    message: &Message,
    held: BodyHeld,
    options: &Options,
) -> Result<VerdictItem, Failure> {
    let mut explained = Explained::default();
    let is_named = app.judging_provider(grounds.provider.provider.as_deref())?.is_some();
    let (provider, verdict, tried) = match find_provider(app, grounds, (message, held), options)? {
        Ok(provider) => {
            let secrets = app.secrets(grounds.secrets, &provider)?;
            let tried = tried(&secrets);
            let mut verdict = judge::verdict(&provider, &secrets, message, held, options);
            if verdict.reason == Reason::NoSecret && verdict.detail.is_none() {
                verdict.detail = Some(format!(
                    "set {}, or give --secret-file PATH or --secret-env NAME",
                    provider.table.secret_env.join(" or ")
                ));
            }
            if verdict.reason == Reason::MissingHeader && is_named {
                verdict.detail = with_sender(app, verdict.detail, &provider, message)?;
            }
            let delivery = (message, &verdict, options);
            explained = explain::explain(app, grounds, &provider, &secrets, delivery)?;
            (Some(provider), verdict, tried)
        }
        Err(_) if held == BodyHeld::Missing => (None, Verdict::unchecked(Reason::NoBody, None), Vec::new()),
        Err(detail) => (None, Verdict::unchecked(Reason::Unrecognised, detail), Vec::new()),
    };
    let signature_base = provider
        .as_ref()
        .and_then(|provider| verify::signature_base(&provider.scheme, message));
    Ok(VerdictItem {
        causes: explained.causes,
        computed: explained.computed,
        signature_base,
        ..item(provider.as_ref(), &verdict, tried, is_named)
    })
}

/// Says why a capture was not valid when it arrived; nothing where there is nothing to say. `public_url` is the one that
/// was signed, where the scheme signs it.
pub fn explain_capture(
    app: &mut App,
    capture: &Capture,
    public_url: Option<&str>,
    secrets: &[SecretArg],
    explain: &ExplainArgs,
) -> Result<(), Failure> {
    let judgement = capture.recorded.judgement.as_ref();
    let Some(judgement) =
        judgement.filter(|judgement| !judgement.reason.is_authentic() && judgement.reason != Reason::SignsNothing)
    else {
        return Ok(());
    };
    if judgement.provider.is_none() {
        return Ok(());
    }
    let public_url = app.public_url(public_url)?;
    let message = Message {
        url: capture.recorded.signed_url(public_url.as_deref()),
        target: capture.recorded.message.url.clone(),
        ..capture.recorded.message.clone()
    };
    let provider = ProviderArgs {
        provider: judgement.provider.clone(),
        dialect: judgement.dialect.clone(),
        public_url: None,
    };
    let options = Options::new(capture.recorded.received_at.unwrap_or_else(Timestamp::now));
    let server = capture.recorded.server();
    let grounds = Grounds {
        provider: &provider,
        secrets,
        explain,
        computed: &[],
        server: server.as_deref(),
    };
    let item = judge(app, &grounds, &message, capture.recorded.body_held, &options)?;
    if item.reason.is_authentic() || item.reason == Reason::NoSecret {
        return Ok(());
    }
    app.result(Item::Verdict(VerdictItem {
        capture: Some(capture.id),
        ..item
    }))
}

/// The secrets as they are named to the user.
pub fn tried(secrets: &[Secret]) -> Vec<TriedItem> {
    let mut tried: Vec<TriedItem> = secrets
        .iter()
        .map(|secret| TriedItem {
            secret: secret.source().to_string(),
            fingerprint: fingerprint(secret),
        })
        .collect();
    tried.dedup();
    tried
}

/// The verdict as it is reported; `is_named` says whether the user named the provider.
pub fn item(provider: Option<&Provider>, verdict: &Verdict, tried: Vec<TriedItem>, is_named: bool) -> VerdictItem {
    VerdictItem {
        valid: verdict.is_valid(),
        reason: verdict.reason,
        signature: verdict.signature,
        provider: provider.map(|provider| provider.name.clone()),
        dialect: provider.map(|provider| provider.dialect.clone()),
        timestamp_age_today_ms: None,
        timestamp_age_ms: verdict.age.and_then(|age| i64::try_from(age.as_millis()).ok()),
        matched_secret: verdict.matched_secret.as_ref().map(ToString::to_string),
        caveat: provider.and_then(|provider| provider.caveat(verdict, is_named)),
        capture: None,
        causes: Vec::new(),
        computed: Vec::new(),
        detail: verdict.detail.clone(),
        tried,
        signature_base: None,
        is_shown: provider.is_some_and(|provider| !provider.scheme.covers()),
    }
}

/// The provider that was named, in the dialect that was named or that the request shows; or the one that the request
/// shows; or why there is none.
fn find_provider(
    app: &mut App,
    grounds: &Grounds<'_>,
    (message, held): (&Message, BodyHeld),
    options: &Options,
) -> Result<Result<Provider, String>, Failure> {
    let args = grounds.provider;
    let typed = args.provider.as_deref();
    let named = app.judging_provider(typed)?;
    let dialect = app.judging_dialect(args.dialect.as_deref())?;
    if let (Some(name), Some(dialect)) = (&named, &dialect) {
        return Ok(Ok(app.provider(name, Some(dialect))?));
    }
    let recognised = app.registry.recognise(message, named.as_deref())?;
    Ok(match (recognised, named) {
        (Recognition::One(provider), _) => {
            app.announce_shadow(&provider.name)?;
            Ok(*provider)
        }
        (_, Some(name)) => Ok(app.provider(&name, None)?),
        (Recognition::Several(several), None) => {
            let (secrets, _) = app.secrets_of_each(grounds.secrets, &several)?;
            let candidates: Vec<&Provider> = several.iter().collect();
            judge::decide(&candidates, &secrets, message, held, options).cloned()
        }
        (Recognition::None, None) => match app.proposed_provider(typed) {
            Some(name) => Ok(app.provider(&name, dialect.as_deref())?),
            None => {
                let near = app.registry.near(message);
                Err(near.unwrap_or_else(|| "say whose it is with --provider; `ckwh providers` lists them".into()))
            }
        },
    })
}
