//! `ckwh store`: makes, looks at, migrates and copies stores.

use std::path::Path;

use ckwh::store::{Location, Standing, Store, copy, wait};

use crate::cli::app::App;
use crate::cli::args::{StoreArgs, StoreCommand, StoreCommandArgs};
use crate::cli::exit::{Failure, Status};
use crate::cli::report::{Item, StoreCopyItem, StoreState, StoreStatusItem};

pub fn run(app: &mut App, args: &StoreCommandArgs) -> Result<Status, Failure> {
    match &args.command {
        None => status(app, &args.store),
        Some(StoreCommand::Status(args)) => status(app, args),
        Some(StoreCommand::Init(args)) => {
            let location = app.store_location(args)?;
            let is_new = wait(location.init())?;
            app.report.note(match is_new {
                true => "a store was made",
                false => "there was a store already, and it is left as it is",
            });
            show(app, &location)
        }
        Some(StoreCommand::Migrate(args)) => {
            let location = app.store_location(args)?;
            let before = wait(location.migrate())?;
            app.report.note(&format!("it was of version {before}"));
            show(app, &location)
        }
        Some(StoreCommand::Copy {
            from,
            to,
            store_password_file,
        }) => copied(app, from, to, store_password_file.as_deref()),
    }
}

fn status(app: &mut App, args: &StoreArgs) -> Result<Status, Failure> {
    let location = app.store_location(args)?;
    show(app, &location)
}

fn show(app: &mut App, location: &Location) -> Result<Status, Failure> {
    let standing = wait(location.standing())?;
    let mut item = StoreStatusItem {
        store: location.to_string(),
        state: StoreState::Ready,
        version: None,
        captures: None,
        last: None,
        notes: Vec::new(),
    };
    match standing {
        Standing::Empty => item.state = StoreState::Empty,
        Standing::Store { version, newest } => {
            item.version = Some(version);
            item.state = match version.cmp(&newest) {
                std::cmp::Ordering::Less => StoreState::Old,
                std::cmp::Ordering::Equal => StoreState::Ready,
                std::cmp::Ordering::Greater => StoreState::New,
            };
        }
        _ => item.state = StoreState::Other,
    }
    if item.state == StoreState::Ready {
        let store = wait(Store::open(location.clone()))?;
        item.captures = Some(wait(store.count())?);
        item.last = wait(store.last())?;
        item.notes = store.notes().to_vec();
    }
    let status = match item.state {
        StoreState::Ready => Status::Yes,
        _ => Status::No,
    };
    app.result(Item::StoreStatus(item))?;
    Ok(status)
}

fn copied(app: &mut App, from: &Path, to: &Path, password: Option<&Path>) -> Result<Status, Failure> {
    let at = |path: &Path| StoreArgs {
        store: Some(path.to_owned()),
        store_schema: None,
        store_password_file: password.map(Path::to_owned),
    };
    let (from, to) = (app.store_location(&at(from))?, app.store_location(&at(to))?);
    if from == to {
        return Err(Failure::usage("both are the same store"));
    }
    if wait(from.standing())? == Standing::Empty {
        return Err(Failure::usage(format!("there is no store at {from}")));
    }
    if wait(to.standing())? == Standing::Empty {
        wait(to.init())?;
    }
    let (source, target) = (wait(Store::open(from.clone()))?, wait(Store::open(to.clone()))?);
    let copied = wait(copy(&source, &target, |_, _| {}))?;
    app.result(Item::StoreCopy(StoreCopyItem {
        from: from.to_string(),
        to: to.to_string(),
        captures: copied.captures,
        copied: copied.copied,
        there: copied.there,
        digest: hex::encode(copied.digest),
    }))?;
    Ok(Status::Yes)
}
