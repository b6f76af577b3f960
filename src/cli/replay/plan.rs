//! What a run is asked for: kept in the store, so that it can go on.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use ckwh::delivery::Endpoint;
use ckwh::provider::fixture::Edit;
use ckwh::store::Selection;
use ckwh::store::{Run, Store};

use crate::cli::App;
use crate::cli::args::{PaceArgs, ReplayArgs};
use crate::cli::captures::Shelf;
use crate::cli::compose;
use crate::cli::exit::{Failure, Undone as _};
use crate::cli::sieve::Sieve;

/// How much of a file is hashed at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Selection, target and options.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// As a URL, or as it was typed where it has no path.
    pub target: String,
    pub selection: Selection,
    /// Only those whose last delivery to this target failed or is unknown.
    pub failed: bool,
    /// A jq filter that says yes to their body.
    pub filter: Option<String>,
    /// The file that the requests come from; `-` is standard input.
    pub from: Option<PathBuf>,
    pub keep_signature: bool,
    pub fresh_id: bool,
    pub edits: Vec<Edit>,
    pub public_url: Option<String>,
    pub with_credentials: bool,
    pub pace: PaceArgs,
    pub speed: Option<f64>,
    pub times: u32,
}

impl Plan {
    /// What was typed.
    pub fn typed(app: &mut App, shelf: &Shelf, args: &ReplayArgs) -> Result<Self, Failure> {
        let set = app.settings.to.clone().filter(|_| args.to.is_none());
        let Some(target) = args.to.clone().or_else(|| set.as_ref().map(|set| set.text.clone())) else {
            return Err(Failure::usage(
                "say where to deliver them: --to 3000, --to localhost:3000/hooks or --to https://…",
            ));
        };
        // A mistake in it is told before anything else.
        let endpoint = Endpoint::parse(&target, "/")?;
        if set.is_some_and(|set| set.of_project) {
            app.permit(&endpoint)?;
        }
        let mut selection = match &args.from {
            None if args.filter.is_some() => shelf.selection(app, &args.select)?,
            None => shelf.wanted(app, &args.select)?,
            Some(_) => {
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
                shelf.pattern(&args.select)?
            }
        };
        let from = match args.from.as_deref() {
            None | Some("-") => args.from.as_ref().map(PathBuf::from),
            Some(path) => Some(
                std::path::absolute(path)
                    .with_context(|| format!("the file {path}"))
                    .undone()?,
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
        // A mistake in it is told before anything else.
        args.filter.as_deref().map(Sieve::start).transpose()?;
        let failed = std::mem::take(&mut selection.failed);
        Ok(Self {
            target,
            selection,
            failed,
            filter: args.filter.clone(),
            from,
            keep_signature: args.keep_signature,
            fresh_id: args.fresh_id,
            edits: compose::edits(&args.edits)?,
            public_url: app
                .settings
                .public_url_or(args.public_url.as_deref())
                .map(str::to_owned),
            with_credentials: args.with_credentials,
            pace: args.pace.clone(),
            speed: args.speed,
            times: args.times,
        })
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn reads_stdin(&self) -> bool {
        self.from.as_deref().is_some_and(|from| from.as_os_str() == "-")
    }

    /// Whether every capture in the store is meant.
    pub fn is_everything(&self) -> bool {
        self.from.is_none() && self.filter.is_none() && !self.failed && self.selection == Selection::default()
    }

    /// The SHA-256 of the file that the requests come from.
    pub fn digest(&self) -> Result<Option<[u8; 32]>, Failure> {
        let Some(path) = self.from.as_ref().filter(|_| !self.reads_stdin()) else {
            return Ok(None);
        };
        let shown = path.display();
        let mut file = File::open(path).with_context(|| format!("the file {shown}")).undone()?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Failure::usage(format!("{shown} is a directory; give a file in it")));
        }
        let mut digest = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file
                .read(&mut chunk)
                .with_context(|| format!("the file {shown}"))
                .undone()?
            {
                0 => return Ok(Some(digest.finalize().into())),
                read => digest.update(&chunk[..read]),
            }
        }
    }
}

/// The run that is to go on, with its plan.
pub fn of_run(store: &Store, number: &str, args: &ReplayArgs) -> Result<(Plan, Option<Run>), Failure> {
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
    let Some(run) = store.run(id)? else {
        return Err(Failure::usage(match id {
            Some(id) => format!("there is no run {id}; `--resume` alone goes on with the newest that was cut off"),
            None => "no run was cut off".to_owned(),
        }));
    };
    let plan: Plan = serde_json::from_str(&run.plan)
        .with_context(|| format!("run {} was written by another version of ckwh; begin it again", run.id))
        .undone()?;
    if let Some(to) = &args.to
        && Endpoint::parse(to, "/")? != Endpoint::parse(&plan.target, "/")?
    {
        return Err(Failure::usage(format!(
            "run {} goes to {}; leave --to (or CKWH_TO) out, or begin a new replay",
            run.id, plan.target
        )));
    }
    if plan.reads_stdin() {
        return Err(Failure::usage(format!(
            "run {} read standard input, which can't be read again; put the requests into a file and begin a new replay",
            run.id
        )));
    }
    Ok((plan, Some(run)))
}

/// Refuses to go on with a file that is another by now: its requests would have other numbers.
pub fn check_digest(run: &Run, digest: Option<[u8; 32]>) -> Result<(), Failure> {
    if run.digest.as_deref() == digest.as_ref().map(<[u8; 32]>::as_slice) {
        Ok(())
    } else {
        Err(Failure::usage(format!(
            "the file of run {} has changed since it began; begin a new replay",
            run.id
        )))
    }
}

impl PaceArgs {
    /// What was typed now, and else what was before.
    pub fn or(self, before: &Self) -> Self {
        Self {
            concurrency: self.concurrency.or(before.concurrency),
            rate: self.rate.or(before.rate),
            retry: self.retry.or(before.retry),
            retry_scale: self.retry_scale.or(before.retry_scale),
        }
    }
}
