//! From what was typed to a plan, or to a run that is resumed.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::Context as _;

use ckwh::delivery::Endpoint;
use ckwh::replay::Plan;
use ckwh::store::{Claim, Run, Selection, Store, wait};

use crate::cli::app::App;
use crate::cli::args::{EditArgs, ReplayArgs, SelectArgs};
use crate::cli::compose;
use crate::cli::exit::{Failure, OrUnavailable as _};
use crate::cli::filter::FilterProcess;
use crate::cli::sent;
use crate::cli::store::StoreExt as _;
use crate::cli::words::is_target;

/// The plan that was typed.
pub fn typed(app: &mut App, store: &Store, args: &ReplayArgs) -> Result<Plan, Failure> {
    let target = target(app, args)?;
    let sent = sent(args)?;
    let mut selection = match &args.from {
        _ if sent.is_some() => Selection {
            ids: sent.as_ref().map(|(_, places)| places.clone()),
            ..store.pattern(&SelectArgs {
                ids: Vec::new(),
                ..args.select.clone()
            })?
        },
        None if args.filter.is_some() => store.selection(app, &args.select)?,
        None => store.wanted(app, &args.select)?,
        Some(_) => {
            check_selection_of_file(args)?;
            store.pattern(&args.select)?
        }
    };
    let from = match args.from.as_deref() {
        _ if sent.is_some() => sent.map(|(path, _)| path),
        None | Some("-") => args.from.as_ref().map(PathBuf::from),
        Some(path) => Some(
            std::path::absolute(path)
                .with_context(|| format!("the file {path}"))
                .or_unavailable()?,
        ),
    };
    if args.speed == Some(0.0) {
        return Err(Failure::usage("--speed 0 would never end; give a factor such as 10"));
    }
    if args.from.as_deref() == Some("-") && args.times > 1 {
        return Err(Failure::usage(
            "standard input can be read once; put the requests into a file for --times",
        ));
    }
    // A mistake in the filter is told before anything else is done.
    args.filter.as_deref().map(FilterProcess::start).transpose()?;
    let failed = std::mem::take(&mut selection.failed);
    Ok(Plan {
        target,
        selection,
        failed,
        filter: args.filter.clone(),
        from,
        keep_signature: args.keep_signature,
        fresh_id: args.fresh_id,
        edits: compose::edits(app, &args.edits)?,
        public_url: app.public_url(args.public_url.as_deref())?,
        with_credentials: args.with_credentials,
        pace: args.pace.options(),
        speed: args.speed,
        times: args.times,
        file_order: args.file_order,
        host: args.host.clone(),
        preserve_host: args.preserve_host,
        ordered_by: args.ordered_by.clone(),
    })
}

/// The file of what was sent, and the places of those in it that were named.
type Sent = (PathBuf, Vec<RangeInclusive<i64>>);

/// What of that was named; `None` where nothing was.
fn sent(args: &ReplayArgs) -> Result<Option<Sent>, Failure> {
    let names: Vec<_> = args
        .select
        .ids
        .iter()
        .map(|typed| sent::name(typed))
        .collect::<Result<_, _>>()?;
    if names.iter().all(Option::is_none) {
        return Ok(None);
    }
    if args.from.is_some() || args.select.failed || names.iter().any(Option::is_none) {
        return Err(Failure::usage(
            "what was sent is in a file of its own: name it alone, without captures, --from and --failed",
        ));
    }
    let places = names
        .into_iter()
        .flatten()
        .map(|name| Ok(sent::place(name)?..=sent::place(name)?));
    let places = places.collect::<Result<_, Failure>>()?;
    Ok(sent::path().map(|path| (path, places)))
}

/// The target that was typed or set; one that a project's file set must be permitted.
fn target(app: &mut App, args: &ReplayArgs) -> Result<String, Failure> {
    let set = app.settings.to.clone().filter(|_| args.to.is_none());
    let Some(target) = args.to.clone().or_else(|| set.as_ref().map(|set| set.text.clone())) else {
        let last = args.select.ids.last().filter(|word| is_target(word));
        let is_taken = |word: &&String| args.select.ids.len() > 1 || word.parse::<u64>().is_err();
        return Err(Failure::usage(match last.filter(is_taken) {
            Some(word) => format!("say where to deliver them: --to {word}, which was taken for a capture"),
            None => "say where to deliver them: --to 3000, --to localhost:3000/hooks or --to https://…".to_owned(),
        }));
    };
    // A mistake in it is told before anything else.
    let endpoint = Endpoint::parse(&target, "/")?;
    if set.is_some_and(|set| set.of_project) {
        app.permit(&endpoint)?;
    }
    Ok(target)
}

/// Refuses what can be asked of the store alone.
fn check_selection_of_file(args: &ReplayArgs) -> Result<(), Failure> {
    if args.select.failed {
        return Err(Failure::usage(
            "--failed asks what the store knows, and the requests of a file are not in it; take one of them away",
        ));
    }
    if args.select.ids.iter().any(|id| id.contains("last")) {
        return Err(Failure::usage(
            "`last` is the newest capture in the store; the requests of a file are numbered from 1 on",
        ));
    }
    Ok(())
}

/// What was typed of how requests go out, to be typed again where a run of a shared store goes on.
pub fn wanted_again(args: &ReplayArgs) -> Vec<(&'static str, Option<String>)> {
    let flags = [
        ("--with-credentials", args.with_credentials),
        ("--fresh-id", args.fresh_id),
        ("--keep-signature", args.keep_signature),
        ("--preserve-host", args.preserve_host),
    ];
    let flags = flags.into_iter().filter(|(_, is_given)| *is_given);
    let EditArgs { set, unset, merge } = &args.edits;
    let merge: Vec<String> = merge.iter().map(|path| path.display().to_string()).collect();
    let values = [
        ("--merge", merge.as_slice()),
        ("--set", set.as_slice()),
        ("--unset", unset.as_slice()),
        ("--host", args.host.as_slice()),
        ("--public-url", args.public_url.as_slice()),
    ];
    let values = values
        .into_iter()
        .flat_map(|(flag, values)| values.iter().map(move |value| (flag, Some(value.clone()))));
    flags.map(|(flag, _)| (flag, None)).chain(values).collect()
}

/// The run that `number` names, with its plan; this process alone delivers it from here on.
pub fn resumed(app: &mut App, store: &Store, number: &str, args: &ReplayArgs) -> Result<(Plan, Run, Claim), Failure> {
    let (plan, run) = named(store, number, "--resume", args)?;
    if plan.reads_stdin() {
        return Err(Failure::usage(format!(
            "run {} read standard input, which can't be read again; put the requests into a file and begin a new replay",
            run.id
        )));
    }
    if store.location().file().is_none() {
        asked_for(app, &plan, &run, args)?;
    // The URL that is signed may be set in the environment for every command.
    } else if let Some((flag, _)) = wanted_again(args).iter().find(|(flag, _)| *flag != "--public-url") {
        return Err(Failure::usage(format!(
            "run {} goes on as it was begun; leave {flag} out, or begin a new replay",
            run.id
        )));
    }
    let claim = wait(store.claim_run(run.id))?;
    Ok((plan, run, claim))
}

/// The run that `number` names, with its plan; this process is one of those that deliver it from here on.
pub fn joined(app: &mut App, store: &Store, number: &str, args: &ReplayArgs) -> Result<(Plan, Run, Claim), Failure> {
    if store.location().file().is_some() {
        return Err(Failure::usage(
            "--join is for a store that is shared, postgres://…; one process at a time delivers a run of a file",
        ));
    }
    let (plan, run) = named(store, number, "--join", args)?;
    asked_for(app, &plan, &run, args)?;
    match wait(store.join_run(run.id))? {
        Some(claim) => Ok((plan, run, claim)),
        None => Err(Failure::usage(format!(
            "run {} is one process's: it reads a file, or keeps the original spacing",
            run.id
        ))),
    }
}

/// Refuses what only the database asks for: whoever can write to it would choose where requests go and with which
/// credentials, and what is changed in them before they are signed.
fn asked_for(app: &mut App, plan: &Plan, run: &Run, args: &ReplayArgs) -> Result<(), Failure> {
    if args.to.is_none() {
        return Err(Failure::usage(format!(
            "run {} goes to {}: say so with --to, since the database is shared",
            run.id,
            app.settings.credentials.mask_url(&plan.target)
        )));
    }
    let edits = serde_json::to_value(compose::edits(app, &args.edits)?).unwrap_or_default();
    let planned_edits = serde_json::to_value(&plan.edits).unwrap_or_default();
    let public_url = app.public_url(args.public_url.as_deref())?;
    let differs = [
        ("--with-credentials", plan.with_credentials != args.with_credentials),
        ("--set, --unset or --merge", planned_edits != edits),
        ("--fresh-id", plan.fresh_id != args.fresh_id),
        ("--keep-signature", plan.keep_signature != args.keep_signature),
        ("--host", plan.host != args.host),
        ("--preserve-host", plan.preserve_host != args.preserve_host),
        ("--public-url", plan.public_url != public_url),
    ];
    match differs.iter().find(|(_, differs)| *differs) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::usage(format!(
            "run {} was begun with another {name}; give the same to `ckwh replay --join {}`, since nothing of that is taken from the database unasked",
            run.id, run.id
        ))),
    }
}

/// The run that `number` names, with its plan; where a target was typed, it is the run's.
fn named(store: &Store, number: &str, flag: &str, args: &ReplayArgs) -> Result<(Plan, Run), Failure> {
    let id = match number {
        "last" => None,
        _ => match number.parse() {
            Ok(id) => Some(id),
            Err(_) => {
                return Err(Failure::usage(format!(
                    "`{}` is not the number of a run",
                    number.escape_debug()
                )));
            }
        },
    };
    let Some(run) = wait(store.run(id))? else {
        return Err(Failure::usage(match id {
            Some(id) => format!("there is no run {id}; `{flag}` alone takes the newest that is not done"),
            None => "no run was cut off".to_owned(),
        }));
    };
    let plan = Plan::of_run(&run)?;
    if let Some(to) = &args.to
        && Endpoint::parse(to, "/")? != Endpoint::parse(&plan.target, "/")?
    {
        return Err(Failure::usage(format!(
            "run {} goes to {}; leave --to (or CKWH_TO) out, or begin a new replay",
            run.id, plan.target
        )));
    }
    Ok((plan, run))
}
