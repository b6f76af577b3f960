//! `ckwh providers new NAME --learn`: a provider's folder from one delivery and its secret.

use std::path::Path;
use std::sync::Arc;

use ckwh::capture::{BodyHeld, Recorded};
use ckwh::exchange::{CaptureError, Files};
use ckwh::explain::Search;
use ckwh::learn::draft::{Draft, Sender};
use ckwh::learn::{self, Delivery, Fit, Learned};
use ckwh::message::Message;
use ckwh::provider::{Origin, Recognition};
use ckwh::scheme::Given;
use ckwh::secret::{KeyStep, Secret, Source};
use ckwh::verify::{self, Options, SignatureState};
use jiff::Timestamp;

use super::{new_folder, scheme_facts, trust_new, write};
use crate::cli::app::App;
use crate::cli::args::{NewProviderArgs, SecretArg};
use crate::cli::exit::{Failure, Status};
use crate::cli::input::{self, Named};
use crate::cli::report::{CauseItem, Item, LearnedItem, RuleItem, TimeItem};
use crate::cli::secrets::GENERAL;

/// What may be wrong where nothing fits and no cause is proven.
const REASONS: [&str; 3] = [
    "the secret is another one: of another endpoint or environment, or not copied whole",
    "the body or a header was changed since it was signed: catch a delivery with `ckwh listen`, and learn from that",
    "it is signed with something other than an HMAC or a key pair, or in a way that no provider's table can say",
];
const UNSIGNED: &str = "it is not signed, or its signature stands in no header, or in no encoding that is known";

pub fn run(app: &mut App, args: &NewProviderArgs, from: &str) -> Result<Status, Failure> {
    let folder = new_folder(app, &args.name, args.user)?;
    let inputs = [Path::new(from)].into_iter();
    input::one_stdin(inputs.chain(args.secrets.files()))?;
    let delivery = delivery(app, args, from)?;
    let Some(secrets) = app.general_secrets(&args.secrets.0)? else {
        return Err(Failure::usage(
            "learning takes the delivery's secret: give it with --secret-env NAME or --secret-file PATH",
        ));
    };
    let given = given(args)?;
    let learned = learn::learn(&Delivery {
        message: &delivery.message,
        secrets: &secrets,
        given: &given,
        effort: args.effort.into(),
    });
    let Some(fit) = &learned.fit else {
        app.result(Item::Learned(Box::new(nothing(app, args, &delivery, learned))))?;
        return Ok(Status::No);
    };
    let own = variable(&args.name, "WEBHOOK_SECRET");
    let sender = Sender {
        name: &args.name,
        origin: if args.user { Origin::User } else { Origin::Project },
        secret_env: match &fit.secret {
            Source::Variable(name) if name != GENERAL => name,
            _ => &own,
        },
        secrets: &secrets,
        credentials: &app.settings.credentials,
    };
    let draft = Draft::new(&sender, &delivery, fit).map_err(|error| Failure::of("usage", error))?;
    let files = draft.folder.files()?;
    write(&folder, &files)?;
    trust_new(app, args, &folder, files.clone())?;
    let item = LearnedItem {
        folder: Some(folder.display().to_string()),
        files: files.into_iter().map(|(name, _)| name).collect(),
        known_as: known_as(app, &delivery.message, fit, &secrets)?,
        ..found(app, args, &draft, fit, &learned)
    };
    app.result(Item::Learned(Box::new(item)))?;
    app.report.warn(&format!(
        "look through {}: the fixture is what was delivered; then `ckwh providers test {}`",
        folder.display(),
        args.name
    ));
    Ok(Status::Yes)
}

/// What `--given` names, each with a variable of the provider's own; of a name the last.
fn given(args: &NewProviderArgs) -> Result<Vec<Given>, Failure> {
    let mut all: Vec<Given> = Vec::new();
    for (name, value) in args.secrets.0.iter().rev().filter_map(SecretArg::given) {
        if all.iter().all(|own| own.name() != name) {
            all.push(Given::new(name, value, variable(&args.name, name)).map_err(Failure::usage)?);
        }
    }
    Ok(all)
}

fn variable(provider: &str, what: &str) -> String {
    format!("{provider}_{what}").to_uppercase().replace('-', "_")
}

/// The one delivery in what was named, with the URL that its sender signed.
fn delivery(app: &mut App, args: &NewProviderArgs, from: &str) -> Result<Recorded, Failure> {
    let mut found = match input::named(app, from, &args.store, false)? {
        Named::Capture(capture) => vec![Arc::unwrap_or_clone(capture.recorded)],
        Named::Requests(requests) => {
            let mut found = Vec::new();
            let counts = requests.each(&Files::Refused, |recorded| {
                found.truncate(1);
                found.push(recorded);
                Ok(())
            })?;
            app.say_skipped(&counts);
            if counts.read > 1 {
                return Err(Failure::usage(format!(
                    "{from} holds {} requests, and one is learned from: give a capture's number, or a file of one request",
                    counts.read
                )));
            }
            found
        }
        Named::Body(_) => {
            return Err(Failure::usage(format!(
                "{from} is no request with its headers: give a capture's number, or a raw HTTP request, HAR, a curl line, JSON lines or what else `ckwh help formats` lists"
            )));
        }
    };
    let mut delivery = found.pop().ok_or(CaptureError::Empty)?;
    app.say_taken(&delivery);
    if delivery.body_held == BodyHeld::Missing {
        return Err(Failure::usage(format!(
            "{from} does not hold the body of its request, and nothing can be learned without"
        )));
    }
    let public_url = app.public_url(args.public_url.as_deref())?;
    delivery.message.url = delivery.signed_url(public_url.as_deref());
    Ok(delivery)
}

/// What was found.
fn found(app: &App, args: &NewProviderArgs, draft: &Draft, fit: &Fit, learned: &Learned) -> LearnedItem {
    let event = &draft.provider.table.event;
    let kind = event.kind.0.first();
    let rules = fit.scheme.signatures.iter().map(|signature| RuleItem {
        header: signature.place().label().into_owned(),
        form: signature.grammar.to_string(),
        mac: signature.kind,
        encoding: signature.encoding,
        content: signature.content.to_string(),
        key: signature.key.iter().map(ToString::to_string).collect(),
    });
    let mut facts = scheme_facts(&draft.provider);
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    fact(
        "secret",
        match fit.scheme.covers() {
            true => format!("from {}, {}", fit.secret, key(&fit.scheme.signatures[0].key)),
            false => format!("from {}, which is shown itself and covers no bytes", fit.secret),
        },
    );
    if let Some(url) = &fit.url {
        let url = app.settings.credentials.mask_url(url);
        fact("signed URL", format!("{url}; give it as --public-url"));
    }
    if let (Some(place), Some(text)) = (kind, &draft.event_type) {
        fact("event type", format!("{text}, from {place}"));
    }
    if let Some(id) = &event.id {
        fact("id", format!("in {id}"));
    }
    for other in &fit.others {
        fact("fits too", other.clone());
    }
    for note in &draft.notes {
        fact("mind", note.clone());
    }
    LearnedItem {
        found: true,
        signatures: rules.collect(),
        timestamp: fit.scheme.timestamp.as_ref().map(|rule| TimeItem {
            from: rule.from.clone(),
            unit: rule.unit,
        }),
        event_type: draft.event_type.clone(),
        event_type_from: kind.cloned(),
        id_from: event.id.clone(),
        url: fit.url.clone(),
        secret: Some(fit.secret.to_string()),
        fits_too: fit.others.clone(),
        notes: draft.notes.clone(),
        facts,
        ..LearnedItem::new(&args.name, &learned.searched)
    }
}

/// Why nothing was found.
fn nothing(app: &App, args: &NewProviderArgs, delivery: &Recorded, learned: Learned) -> LearnedItem {
    let searched = &learned.searched;
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: &str| facts.push((name.to_owned(), value.to_owned()));
    let mut reasons = learned.looks.clone();
    if searched.headers.is_empty() {
        reasons.push(UNSIGNED.to_owned());
    } else {
        fact("looked in", &searched.headers.join(", "));
        let keys = match searched.keys {
            1 => "one key".to_owned(),
            count => format!("{count} keys"),
        };
        let tried = format!(
            "{} signed contents with {keys} made of the secret, by HMAC-SHA-1, -256 and -512, and as Ed25519, RSA or ECDSA keys",
            searched.contents
        );
        fact("tried", &tried);
        if learned.causes.is_empty() {
            if searched.search == Search::Incomplete {
                fact("search", "incomplete: --effort high tries more");
            }
            reasons.extend(REASONS.map(str::to_owned));
            if let Some(url) = &delivery.message.url {
                let url = app.settings.credentials.mask_url(url);
                reasons.push(format!(
                    "the URL is signed, and not as {url}: give the sender's with --public-url"
                ));
            }
        }
    }
    for reason in &reasons {
        fact("perhaps", reason);
    }
    let causes = learned.causes.into_iter();
    LearnedItem {
        reasons,
        causes: causes.map(|cause| CauseItem { cause, computed: None }).collect(),
        facts,
        ..LearnedItem::new(&args.name, &learned.searched)
    }
}

/// The provider that sends such requests already, where one is known.
fn known_as(app: &App, message: &Message, fit: &Fit, secrets: &[Secret]) -> Result<Option<String>, Failure> {
    let Recognition::One(provider) = app.registry.recognise(message, None)? else {
        return Ok(None);
    };
    let message = Message {
        url: fit.url.clone(),
        ..message.clone()
    };
    let options = Options::new(Timestamp::now());
    let verdict = verify::verify(&provider.scheme, secrets, &message, &options);
    let is_its = matches!(verdict.signature, SignatureState::Match | SignatureState::Shown);
    Ok(is_its.then(|| provider.label()))
}

/// How a secret becomes the key, in words.
fn key(steps: &[KeyStep]) -> String {
    if steps.is_empty() {
        return "whose text is the key".into();
    }
    let steps = steps.iter().map(KeyStep::says);
    steps.collect::<Vec<_>>().join(", ")
}
