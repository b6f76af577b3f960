//! `ckwh sign`: the signature headers for exactly these bytes.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use ckwh::capture::{BodyHeld, Recorded};
use ckwh::exchange::jsonl::HeaderPairs;
use ckwh::message::{Headers, Message};
use ckwh::provider::fixture;
use ckwh::provider::{Provider, Template, TemplateFacts};
use ckwh::secret::Secret;
use ckwh::sign::{self, Signed};

use super::app::App;
use super::args::{PayloadArgs, SecretArgs, SignArgs, SignatureFormat};
use super::compose::{What, clock_of};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::input::{self, Body};
use super::report::{Item, SignatureItem};

pub fn run(app: &mut App, args: &SignArgs) -> Result<Status, Failure> {
    let what = app.what(&args.what, args.provider.provider.as_deref())?;
    one_stdin(&args.what, &args.payload, &args.secrets)?;
    let (provider, message, signed) = match &what {
        What::File(path) if !rewrites(&args.payload) && args.body_out.is_none() => sign_file(app, args, path)?,
        _ => sign_composed(app, args, &what)?,
    };
    let Some(signature) = provider.scheme.signatures.first() else {
        return Err(Failure::usage(format!(
            "{} signs nothing, so there is nothing to print",
            provider.name
        )));
    };
    if !provider.scheme.covers() {
        return Err(Failure::usage(format!(
            "{} shows the secret itself in {} and signs nothing with it: put the secret there",
            provider.name,
            signature.place()
        )));
    }
    let timestamp = provider.scheme.timestamp.as_ref().zip(message.timestamp);
    let at = timestamp.map(|(rule, at)| rule.unit.write(at));
    app.result(Item::Signature(SignatureItem {
        provider: provider.name.clone(),
        dialect: provider.dialect.clone(),
        timestamp: at,
        headers: HeaderPairs(all_headers(message.headers, &signed.headers)),
        signed_bytes: signed.signed_bytes,
        header: signature.place().label().into_owned(),
        format: args.print.unwrap_or(SignatureFormat::Headers),
    }))?;
    Ok(Status::Yes)
}

/// A file is signed as it is, and streamed where the scheme takes the body as one part.
fn sign_file(app: &mut App, args: &SignArgs, path: &str) -> Result<(Provider, Message, Signed), Failure> {
    let provider = app.signer(&args.provider)?;
    let secrets = app.signing_secrets(&args.secrets.0, &provider)?;
    let mut body: Box<dyn Read> = match input::body(app, path, args.payload.as_is)? {
        Body::Bytes(bytes) => bytes,
        Body::Request(format, request) => return sign_request(app, args, path, (format, *request), provider, &secrets),
    };
    let id = args.stamp.id.clone().unwrap_or_else(|| fixture::new_id(&provider));
    let at = clock_of(&args.stamp)?.now();
    let (beginning, is_whole) = beginning(&provider, body.as_mut(), path)?;
    let seen = if is_whole { beginning.clone() } else { Vec::new() };
    let mut message = fixture::message(&provider, seen.into(), args.event_type.clone(), Some(id), at);
    fixture::set_headers(&provider, &mut message);
    message.body = Default::default();
    describe(app, args, &mut message)?;
    let mut body: Box<dyn Read> = Box::new(Cursor::new(beginning).chain(body));
    let signed = match sign::sign_stream(&provider.scheme, &secrets, &message, body.as_mut())? {
        Some(signed) => signed,
        None => {
            message.body = input::read_from(body, path)?.into();
            sign::sign(&provider.scheme, &secrets, &message)?
        }
    };
    Ok((provider, message, signed))
}

/// How much of a body is read to find its event's type, in bytes.
const BEGINNING: u64 = 1024 * 1024;

/// The beginning of a body, and whether that is all of it: read where a header names the event's type, and the body may
/// say it; else nothing is.
fn beginning(provider: &Provider, body: &mut dyn Read, path: &str) -> Result<(Vec<u8>, bool), Failure> {
    let facts = TemplateFacts {
        id: Some(String::new()),
        timestamp: Some(Timestamp::UNIX_EPOCH),
        ..TemplateFacts::default()
    };
    let wants_type = |template: &Template| template.fill(&facts).is_none();
    let mut bytes = Vec::new();
    if !provider.table.request.headers.values().any(wants_type) {
        return Ok((bytes, false));
    }
    body.take(BEGINNING)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the file {path}"))
        .or_unavailable()?;
    let is_whole = (bytes.len() as u64) < BEGINNING;
    Ok((bytes, is_whole))
}

/// What a receiver needs: the provider's own headers, and what signing adds to them.
fn all_headers(mut headers: Headers, signed: &Headers) -> Headers {
    headers.set_all(signed);
    headers
}

/// The body of a request in a file is signed, and what else of it the scheme signs.
fn sign_request(
    app: &mut App,
    args: &SignArgs,
    path: &str,
    (format, request): (&'static str, Recorded),
    provider: Provider,
    secrets: &[Secret],
) -> Result<(Provider, Message, Signed), Failure> {
    if request.body_held == BodyHeld::Missing {
        return Err(Failure::usage(format!(
            "{path} does not hold the body of its request, so there is nothing to sign"
        )));
    }
    app.report.note(&format!(
        "{path} looks like {format}, so the {} bytes of its request's body are signed; --as-is signs the file itself",
        request.message.body.len()
    ));
    app.say_taken(&request);
    let id = args.stamp.id.clone().unwrap_or_else(|| fixture::new_id(&provider));
    let at = clock_of(&args.stamp)?.now();
    let body = request.message.body.clone();
    let mut message = fixture::message(&provider, body, args.event_type.clone(), Some(id), at);
    fixture::set_headers(&provider, &mut message);
    let content_type = request.message.headers.text("content-type").map(str::to_owned);
    if let Some(content_type) = content_type.filter(|_| args.content_type.is_none()) {
        message.headers.set("Content-Type", content_type);
    }
    let url = request.signed_url(app.public_url(args.provider.public_url.as_deref())?.as_deref());
    describe(app, args, &mut message)?;
    message.url = url;
    message.method = request.message.method;
    let signed = sign::sign(&provider.scheme, secrets, &message)?;
    Ok((provider, message, signed))
}

/// An event's body, or a file's, goes where `--body-out` says: a signature alone is of no use.
fn sign_composed(app: &mut App, args: &SignArgs, what: &What) -> Result<(Provider, Message, Signed), Failure> {
    let Some(out) = &args.body_out else {
        let subject = match what {
            What::Event { event_type, .. } => format!("the event {event_type}"),
            What::Made { event_type, .. } => format!("the event {event_type}"),
            What::File(path) => format!("the rewritten {path}"),
            What::Data(_) => "the body".to_owned(),
        };
        return Err(Failure::usage(format!(
            "{subject} has a body that nobody holds yet: name a file for it with --body-out PATH"
        )));
    };
    let event_type = args.event_type.as_deref();
    let composer = app.composer(what, &args.payload, &args.provider, &args.stamp, event_type)?;
    let secrets = app.signing_secrets(&args.secrets.0, &composer.provider)?;
    let mut message = composer.compose(composer.clock.now())?;
    describe(app, args, &mut message)?;
    let signed = sign::sign(&composer.provider.scheme, &secrets, &message)?;
    fs::write(out, &message.body)
        .with_context(|| format!("the file {}", out.display()))
        .or_unavailable()?;
    Ok((composer.provider, message, signed))
}

/// What a scheme may sign besides the body.
fn describe(app: &mut App, args: &SignArgs, message: &mut Message) -> Result<(), Failure> {
    message.method.clone_from(&args.method);
    message.url = app.public_url(args.provider.public_url.as_deref())?;
    if let Some(content_type) = &args.content_type {
        message.headers.set("Content-Type", content_type.as_str());
    }
    Ok(())
}

fn rewrites(payload: &PayloadArgs) -> bool {
    let none = payload.edits.set.is_empty() && payload.edits.unset.is_empty() && payload.edits.merge.is_empty();
    !none || payload.body_style.is_some()
}

/// Refuses a command line that reads standard input for more than one thing.
fn one_stdin(what: &str, payload: &PayloadArgs, secrets: &SecretArgs) -> Result<(), Failure> {
    let merged = payload.edits.merge.iter().map(|path| path.as_path());
    input::one_stdin([Path::new(what)].into_iter().chain(secrets.files()).chain(merged))
}
