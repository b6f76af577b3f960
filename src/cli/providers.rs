//! `ckwh providers`: who is known, and how each signs.

mod described;
mod learn;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use jiff::civil::Date;

use ckwh::clock;
use ckwh::foreign;
use ckwh::message::Place;
use ckwh::provider::selftest;
use ckwh::provider::{self, Delay, DeliveryPolicy, Growth, Origin, Places, Provider, Registry, RetryClass};
use ckwh::trust::Subject;

use super::app::App;
use super::args::{NewProviderArgs, ProvidersArgs, ProvidersCommand};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::permission::remember;
use super::report::{Item, ProviderItem, ProviderTestItem, ReportLayout};

pub fn run(app: &mut App, args: &ProvidersArgs) -> Result<Status, Failure> {
    match &args.command {
        None | Some(ProvidersCommand::List) => list(app),
        Some(ProvidersCommand::Named(words)) => match words.as_slice() {
            [name] => show(app, name, None),
            _ => Err(Failure::usage(format!(
                "`{}` is no command; `ckwh providers show NAME` shows one provider",
                words.join(" ").escape_debug()
            ))),
        },
        Some(ProvidersCommand::Show { name, dialect }) => show(app, name, dialect.as_deref()),
        Some(ProvidersCommand::New(args)) => {
            let status = match &args.learn {
                Some(delivery) => learn::run(app, args, delivery),
                None => copy(app, args, args.from.as_deref().unwrap_or_default()),
            }?;
            // It may have been no project before.
            app.registry = Registry::new(&Places {
                project: Some(app.settings.new_provider_dir(false)),
                ..app.settings.places()
            });
            app.announce_shadow(&args.name)?;
            Ok(status)
        }
        Some(ProvidersCommand::Test { name: Some(name), .. }) => test(app, name),
        Some(ProvidersCommand::Test { name: None, .. }) => test_all(app),
    }
}

fn list(app: &mut App) -> Result<Status, Failure> {
    let folders = app.registry.folders().to_vec();
    let width = folders.iter().map(|folder| folder.name.len()).max().unwrap_or(0);
    app.report.lay_out(ReportLayout {
        columns: [width, 0, 0],
        ..ReportLayout::default()
    });
    let mut status = Status::Yes;
    for why in app.registry.passed_over().to_vec() {
        app.report.note(&why);
    }
    for folder in &folders {
        app.announce_shadow(&folder.name)?;
        match Provider::load_all(folder) {
            Ok(dialects) => app.result(Item::Provider(item(&dialects[0], &dialects)))?,
            Err(error) => {
                app.report.error(&error.to_string());
                status = Status::Usage;
            }
        }
    }
    Ok(status)
}

fn item(provider: &Provider, dialects: &[Provider]) -> ProviderItem {
    let table = &provider.table;
    ProviderItem {
        provider: provider.name.clone(),
        dialect: provider.dialect.clone(),
        title: table.title.clone(),
        about: table.about.clone(),
        docs: table.docs.clone(),
        checked: table.checked,
        origin: provider.folder.origin,
        dialects: dialects.iter().map(|dialect| dialect.dialect.clone()).collect(),
        events: provider.folder.event_types().len(),
        path: table.path.clone(),
        secret_env: table.secret_env.clone(),
        signature_headers: table
            .signature
            .iter()
            .map(|signature| signature.place().label().into_owned())
            .collect(),
        facts: None,
    }
}

fn show(app: &mut App, name: &str, dialect: Option<&str>) -> Result<Status, Failure> {
    let provider = app.provider(name, dialect)?;
    let dialects = Provider::load_all(&provider.folder)?;
    let table = &provider.table;
    let mut facts = scheme_facts(&provider);
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    if !provider.scheme.signatures.is_empty() {
        fact("secret in", table.secret_env.join(" or "));
    }
    for given in table.given.values() {
        let variables = match given.variables() {
            [] => String::new(),
            names => format!("{}, or ", names.join(" or ")),
        };
        let how = format!("{variables}--given {}=VALUE", given.name());
        fact("needs too", format!("{}, in {how}", given.about()));
    }
    fact("receiver at", table.path.clone());
    delivery(&table.delivery)
        .into_iter()
        .for_each(|(name, value)| fact(name, value));
    for other in &dialects {
        let here = if other.dialect == provider.dialect {
            "dialect *"
        } else {
            "dialect"
        };
        fact(here, format!("{}: {}", other.dialect, other.table.about));
    }
    fact(
        "events",
        format!(
            "{}; `ckwh events --provider {name}` lists them",
            provider.folder.event_types().len()
        ),
    );
    if let Some(docs) = &table.docs {
        fact("documentation", docs.clone());
    }
    if let Some(day) = table.checked {
        fact("checked", format!("against its source on {day}"));
    }
    fact(
        "table",
        match provider.folder.origin {
            Origin::BuiltIn => "built in; `ckwh providers new mine --from ".to_owned() + &provider.name + "` copies it",
            _ => provider.folder.path_of("provider.toml"),
        },
    );
    let item = item(&provider, &dialects);
    app.result(Item::Provider(ProviderItem {
        facts: Some(facts),
        ..item
    }))?;
    Ok(Status::Yes)
}

/// How a provider signs, as names and values.
fn scheme_facts(provider: &Provider) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for signature in &provider.scheme.signatures {
        let places: Vec<_> = signature.places.iter().map(Place::label).collect();
        let place = format!("{}: {}", places.join(" or "), signature.grammar);
        if signature.kind.is_shown() {
            fact("shows", format!("{} in {place}; it covers no bytes", signature.kind));
            continue;
        }
        fact("signature", place);
        match (&signature.jws, &signature.http) {
            (Some(jws), _) => fact("token", jws.to_string()),
            (_, Some(http)) => fact("over", http.to_string()),
            _ => fact("over", format!("{} of {}", signature.kind, signature.content)),
        }
        if let Some(id) = &signature.keys.id {
            fact("key's id", format!("in {id}"));
        }
        if let Some(published) = &signature.keys.published {
            fact("keys at", published.clone());
        }
    }
    if provider.scheme.signatures.is_empty() {
        fact("signature", "none: it signs nothing".to_owned());
    }
    if let Some(rule) = &provider.scheme.timestamp {
        fact("timestamp", format!("in {}, {}", rule.from, rule.unit));
        fact(
            "tolerance",
            format!("{} past, {} future", rule.tolerance.past, rule.tolerance.future),
        );
    }
    facts
}

/// How it delivers, and what of that the provider does not document, in ckwh's own words.
fn delivery(policy: &DeliveryPolicy) -> Vec<(&'static str, String)> {
    let known = policy.documented;
    let timeout = format!("an attempt may take {}", clock::shown(policy.timeout));
    let parts = if policy.retries == 0 {
        vec![(known.retries, "not tried again".to_owned()), (known.timeout, timeout)]
    } else {
        vec![
            (known.retries, tried_again(policy.retries)),
            (known.on, format!("on {}", outcomes(policy))),
            (known.delay, format!("after {}", delays(policy))),
            (known.timeout, timeout),
        ]
    };
    let said = |wanted: bool| {
        let parts = parts.iter().filter(|(is_known, _)| *is_known == wanted);
        parts.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = match (said(true), said(false)) {
        (known, ours) if known.is_empty() => vec![format!("not known; ckwh's own: {ours}")],
        (known, ours) if ours.is_empty() => vec![known],
        (known, ours) => vec![known, format!("the rest is not known; ckwh's own: {ours}")],
    };
    let names = ["delivery", ""];
    names.into_iter().zip(rows).collect()
}

/// How often, in words.
fn tried_again(retries: u32) -> String {
    match retries {
        1 => "tried again once".to_owned(),
        more => format!("tried again {more} times"),
    }
}

fn outcomes(policy: &DeliveryPolicy) -> String {
    let named = |classes: &[RetryClass]| classes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match policy.except.as_slice() {
        [] => named(&policy.on),
        except => format!("{} but not {}", named(&policy.on), named(except)),
    }
}

fn delays(policy: &DeliveryPolicy) -> String {
    let delays = match &policy.delay {
        Delay::List(delays) => delays
            .iter()
            .map(|delay| clock::shown(delay.0))
            .collect::<Vec<_>>()
            .join(", "),
        Delay::Growing(Growth { first, factor, max }) => format!(
            "{}, each {factor} × longer, at most {}",
            clock::shown(first.0),
            clock::shown(max.0)
        ),
    };
    match policy.retry_after {
        true => format!("{delays}, or what Retry-After asks for"),
        false => delays,
    }
}

fn copy(app: &mut App, args: &NewProviderArgs, from: &str) -> Result<Status, Failure> {
    if !args.secrets.0.is_empty() {
        return Err(Failure::usage("a copy takes no secret; with --learn one is needed"));
    }
    let name = &args.name;
    let folder = new_folder(app, name, args.user)?;
    app.announce_shadow(from)?;
    let original = app.registry.folder(from)?.clone();
    let mut files = original.files()?;
    if let Some(path) = &args.openapi {
        let copied = Provider::load(&original, None)?;
        files = described::files(app, path, args.seed, &copied, files)?;
    }
    write(&folder, &files)?;
    if app.trusts_folder(&original)? {
        trust_new(app, args, &folder, files)?;
    } else {
        app.report.warn(&format!(
            "{name} is a copy of what is not trusted, and so is not trusted either"
        ));
    }
    app.report.warn(&format!(
        "{name} begins as a copy of {from}: change {}, then `ckwh providers test {name}`",
        folder.join("provider.toml").display()
    ));
    Ok(Status::Yes)
}

/// Where the folder of a new provider goes; nothing is there.
fn new_folder(app: &App, name: &str, user: bool) -> Result<PathBuf, Failure> {
    if !provider::is_name(name) {
        return Err(Failure::usage(format!(
            "`{}` can't name a provider: lower-case letters, digits and -, a letter first",
            name.escape_debug()
        )));
    }
    let folder = app.settings.new_provider_dir(user).join(name);
    if !user
        && foreign::leads_out(
            &folder,
            &foreign::root_of(&app.settings.project.clone().unwrap_or_default()),
        )
    {
        return Err(Failure::usage(format!(
            "{}: a link leads out of this project",
            folder.display()
        )));
    }
    if folder.exists() {
        return Err(Failure::usage(format!(
            "{} is there already; choose another name",
            folder.display()
        )));
    }
    Ok(folder)
}

fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    let write = || -> anyhow::Result<()> {
        for (file, bytes) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(folder))
                .with_context(|| format!("the folder of {}", path.display()))?;
            fs::write(&path, bytes).with_context(|| format!("the file {}", path.display()))?;
        }
        Ok(())
    };
    write().or_unavailable()
}

/// Trusts a project's new folder as what was written into it.
fn trust_new(app: &App, args: &NewProviderArgs, folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    if args.user {
        return Ok(());
    }
    let subject = Subject::new(folder, files.into_iter().collect());
    remember(app, &subject)
}

fn test(app: &mut App, name: &str) -> Result<Status, Failure> {
    app.announce_shadow(name)?;
    let folder = app.registry.folder(name)?.clone();
    let mut status = Status::Yes;
    for check in selftest::run(&folder)? {
        if check.problem.is_some() {
            status = Status::No;
        }
        app.result(Item::ProviderTest(ProviderTestItem {
            provider: name.to_owned(),
            dialect: check.dialect,
            subject: check.subject,
            ok: check.problem.is_none(),
            detail: check.problem,
        }))?;
    }
    Ok(status)
}

/// Tests every provider, and names the one whose facts were compared with their source longest ago.
fn test_all(app: &mut App) -> Result<Status, Failure> {
    let mut status = Status::Yes;
    let mut oldest: Option<(Date, String)> = None;
    for folder in app.registry.folders().to_vec() {
        let tested = test(app, &folder.name)?;
        if tested != Status::Yes {
            status = tested;
        }
        let checked = Provider::load(&folder, None)
            .ok()
            .and_then(|provider| provider.table.checked);
        oldest = oldest
            .into_iter()
            .chain(checked.map(|day| (day, folder.name.into_owned())))
            .min();
    }
    if let Some((day, name)) = oldest {
        app.report
            .note(&format!("{name} was compared with its source longest ago, on {day}"));
    }
    Ok(status)
}
