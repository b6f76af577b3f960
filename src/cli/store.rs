//! Opens the store that is meant, and finds the captures in it that were typed.

mod command;
mod password;

use std::env;
use std::path::Path;

use anyhow::anyhow;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use ckwh::capture::Capture;
use ckwh::clock;
use ckwh::private;
use ckwh::store::{Location, Numbers, Order, Selection, SelectionError, Server, Store, wait};

use super::app::App;
use super::args::{SelectArgs, StoreArgs};
use super::exit::Failure;
use super::hints::typed;
use super::settings;
use super::words::is_target;
pub use command::run;

impl App {
    /// Opens the store that is meant, and says what is not as it should be with it.
    pub fn store(&mut self, args: &StoreArgs) -> Result<Store, Failure> {
        self.store_that(args, false)
    }

    /// The same; `may_lose` where a server that answers before a commit is on its disk may keep what arrives.
    pub fn store_that(&mut self, args: &StoreArgs, may_lose: bool) -> Result<Store, Failure> {
        let location = match self.store_location(args)? {
            Location::Postgres(server) if may_lose => Location::Postgres(Box::new(server.may_lose())),
            location => location,
        };
        // This folder is ckwh's own; another may be meant for others too.
        let own = settings::default_store().filter(|own| Location::from(own) == location);
        let closed = own.as_deref().and_then(Path::parent).and_then(private::close);
        let exposed = location.file().is_none().then(password::problem).flatten();
        if let Some(problem) = exposed {
            self.report.warn(&problem);
        }
        let store = wait(Store::open(location))?;
        for note in closed
            .iter()
            .map(ToString::to_string)
            .chain(store.notes().iter().cloned())
        {
            self.report.warn(&note);
        }
        Ok(store)
    }

    /// Opens a store to look into it: one that was named must be there.
    pub fn store_there(&mut self, args: &StoreArgs) -> Result<Store, Failure> {
        let typed_path = args.store.as_ref().and_then(|path| match Location::parse(path) {
            Ok(Location::File(path)) => Some(path),
            _ => None,
        });
        if let Some(path) = typed_path.filter(|path| !path.exists()) {
            let path = path.display().to_string();
            return Err(Failure::Unavailable(anyhow!(
                "there is no store at {path}; `ckwh listen --store {}` makes one",
                typed(&path)
            )));
        }
        self.store(args)
    }

    /// Where captures are kept: the flag or `CKWH_STORE`, the user's settings, the user's data folder.
    pub fn store_location(&self, args: &StoreArgs) -> Result<Location, Failure> {
        let path = args
            .store
            .clone()
            .or_else(|| self.settings.store.clone())
            .or_else(settings::default_store);
        let path = path
            .ok_or_else(|| Failure::usage("there is no home folder to keep captures in; name a file with --store"))?;
        match Location::parse(&path)? {
            Location::Postgres(server) => Ok(Location::Postgres(Box::new(reached(*server, args)?))),
            location if args.store_schema.is_some() || args.store_password_file.is_some() => Err(Failure::usage(
                format!("{location} is a file: --store-schema and --store-password-file are for postgres://…"),
            )),
            location => Ok(location),
        }
    }
}

/// A server with the schema, the user and the password that are not in its URL.
fn reached(server: Server, args: &StoreArgs) -> Result<Server, Failure> {
    let user = ["PGUSER", "USER", "USERNAME"]
        .into_iter()
        .find_map(|name| env::var(name).ok());
    let mut server = server.or_user(user.as_deref());
    if let Some(schema) = &args.store_schema {
        server = server.in_schema(schema)?;
    }
    let password = match &args.store_password_file {
        Some(path) => Some(password::of_file(path)?),
        None if server.has_password() => None,
        None => password::of_surroundings(&server),
    };
    Ok(server.or_password(password.as_deref()))
}

/// The error for words that name no captures, with what may have been meant.
fn not_a_capture(error: SelectionError, words: &[String]) -> Failure {
    let meant = words.iter().find_map(|word| meant(word));
    let meant = meant.map(|meant| format!("; {meant}")).unwrap_or_default();
    Failure::of("bad-selection", anyhow!("{error}{meant}"))
}

/// What a word that names no capture may mean.
fn meant(word: &str) -> Option<String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = word.strip_prefix('#').filter(|number| is_number(number)) {
        return Some(format!("it is written {number}"));
    }
    if let Some((from, to)) = word.split_once("..").or_else(|| word.split_once('-'))
        && let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>())
    {
        return Some(format!("that range is {}..{}", from.min(to), from.max(to)));
    }
    if word.contains(',') && word.split(',').all(is_number) {
        return Some(format!("several stand apart: {}", word.replace(',', " ")));
    }
    match word {
        "all" => return Some("all of them are --all".to_owned()),
        "latest" | "newest" => return Some("the newest is last".to_owned()),
        _ => {}
    }
    if Path::new(word).is_file() {
        return Some(format!(
            "a file's requests are delivered by ckwh replay --from {}",
            typed(word)
        ));
    }
    if is_target(word) && !is_number(word) {
        return Some(format!("a target is named with --to {}", typed(word)));
    }
    let is_event = word.contains(['.', '*']) && !word.contains("..");
    is_event.then(|| format!("events are chosen with --event {}", typed(word)))
}

/// What there is, for a sentence.
fn holdings(numbers: &Numbers) -> String {
    match numbers.last() {
        None => "there are no captures yet; `ckwh listen` catches some".to_owned(),
        Some(last) => format!("the store holds {numbers}, the newest is {last}; `ckwh captures` lists them"),
    }
}

/// Finds captures by what was typed.
pub trait StoreExt {
    /// The capture of that name: a number, or `last`.
    fn named(&self, typed: &str) -> Result<Capture, Failure>;
    /// The numbers of the selected captures.
    fn selected(&self, selection: &Selection) -> Result<Vec<i64>, Failure>;
    /// What is selected; nothing said is every capture. A number that was typed, alone or as the end of a range, is one
    /// that is there; what is missing between two ends is said.
    fn selection(&self, app: &mut App, args: &SelectArgs) -> Result<Selection, Failure>;
    /// What is selected, whether it is there or not.
    fn pattern(&self, args: &SelectArgs) -> Result<Selection, Failure>;
    /// What is selected, where something must be said.
    fn wanted(&self, app: &mut App, args: &SelectArgs) -> Result<Selection, Failure>;
}

impl StoreExt for Store {
    fn named(&self, typed: &str) -> Result<Capture, Failure> {
        let last = wait(self.last())?;
        if last.is_none() && typed == "last" {
            return Err(Failure::Unavailable(anyhow!(holdings(&Numbers::default()))));
        }
        let words = [typed.to_owned()];
        let ids = Selection::read_ids(&words, last).map_err(|error| not_a_capture(error, &words))?;
        let id = match ids.as_slice() {
            [range] if range.start() == range.end() => *range.start(),
            _ => return Err(Failure::usage(format!("`{typed}` is more than one capture; give one"))),
        };
        match wait(self.capture(id))? {
            Some(capture) => Ok(capture),
            None => Err(Failure::usage(format!(
                "there is no capture {id}; {}",
                holdings(&wait(self.numbers(0..=i64::MAX))?)
            ))),
        }
    }

    fn selected(&self, selection: &Selection) -> Result<Vec<i64>, Failure> {
        let mut ids = Vec::new();
        for page in self.summaries(selection.clone(), Order::OldestFirst).pages() {
            ids.extend(page?.iter().map(|summary| summary.id));
        }
        Ok(ids)
    }

    fn selection(&self, app: &mut App, args: &SelectArgs) -> Result<Selection, Failure> {
        let selection = self.pattern(args)?;
        for range in selection.ids.iter().flatten() {
            let (first, last) = (*range.start(), *range.end());
            let there = wait(self.numbers(range.clone()))?;
            let missing = there.missing_in(range);
            if missing.is_empty() {
                continue;
            }
            if missing.contains(first) || missing.contains(last) {
                return Err(Failure::usage(format!(
                    "there is no capture {missing}; {}",
                    holdings(&wait(self.numbers(0..=i64::MAX))?)
                )));
            }
            app.report.warn(&format!("there is no capture {missing}"));
        }
        Ok(selection)
    }

    fn pattern(&self, args: &SelectArgs) -> Result<Selection, Failure> {
        let now = Timestamp::now();
        let moment = |text: &Option<String>| {
            let past = |text: &str| clock::past(text, now, &TimeZone::system());
            text.as_deref().map(past).transpose()
        };
        let ids = match args.ids.as_slice() {
            [] => None,
            typed => {
                let last = wait(self.last())?;
                if last.is_none() && typed.iter().any(|typed| typed == "last") {
                    return Err(Failure::usage(holdings(&Numbers::default())));
                }
                Some(Selection::read_ids(typed, last).map_err(|error| not_a_capture(error, typed))?)
            }
        };
        Ok(Selection {
            ids,
            event: args.event.clone(),
            provider: args.provider.clone(),
            since: moment(&args.since)?,
            until: moment(&args.until)?,
            invalid: args.invalid,
            failed: args.failed,
            method: args.method.clone(),
            path: args.path.clone(),
            status: args.status.clone(),
        })
    }

    fn wanted(&self, app: &mut App, args: &SelectArgs) -> Result<Selection, Failure> {
        let said = args.all
            || !args.ids.is_empty()
            || args.event.is_some()
            || args.provider.is_some()
            || args.since.is_some()
            || args.until.is_some()
            || args.invalid
            || args.failed
            || args.method.is_some()
            || args.path.is_some()
            || !args.status.is_empty();
        if said {
            self.selection(app, args)
        } else {
            Err(Failure::usage(
                "say which captures: numbers, 3..7, last, --event PATTERN, --since TIME, --invalid, or --all",
            ))
        }
    }
}
