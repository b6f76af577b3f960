//! `ckwh trust` and `ckwh untrust`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use ckwh::foreign;
use ckwh::provider::{Folder, Places, Provider, Registry};
use ckwh::trust::{State, Subject};

use super::app::App;
use super::args::TrustArgs;
use super::dotenv::{self, DotEnv};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::permission::{change, remember};
use super::report::{Item, TrustItem};
use super::settings::{self, PROJECT_FILE};

/// What an untrusted subject of a project could do, were it trusted.
struct Found {
    subject: Subject,
    allows: Vec<String>,
}

pub fn trust(app: &mut App, args: &TrustArgs) -> Result<Status, Failure> {
    for found in found(app, args.path.as_deref())? {
        let state = app.state(&found.subject);
        if args.show {
            show_change(app, &found.subject, state);
        } else if state != State::Trusted {
            remember(app, &found.subject)?;
        }
        let state = if args.show { state } else { State::Trusted };
        tell(app, found, state)?;
    }
    Ok(Status::Yes)
}

/// Reads nothing of the project: what it holds can't keep trust from being taken back.
pub fn untrust(app: &mut App, path: Option<&Path>) -> Result<Status, Failure> {
    let here = PathBuf::from(".");
    let typed = path.unwrap_or_else(|| app.settings.project.as_deref().unwrap_or(&here));
    let place = fs::canonicalize(typed).or_else(|_| std::path::absolute(typed));
    let place = place.context("the current folder").or_unavailable()?;
    let forgotten = app.settings.records.forget_below(&place);
    let forgotten = forgotten.context("the record of what is trusted").or_unavailable()?;
    if forgotten.is_empty() {
        app.report.warn(&format!("nothing at {} was trusted", typed.display()));
    }
    for record in forgotten {
        app.result(Item::Trust(TrustItem {
            path: record.path().to_owned(),
            digest: record.digest().to_owned(),
            state: State::Untrusted,
            allows: Vec::new(),
        }))?;
    }
    Ok(Status::Yes)
}

fn tell(app: &mut App, found: Found, state: State) -> Result<(), Failure> {
    app.result(Item::Trust(TrustItem {
        path: found.subject.path.display().to_string(),
        digest: found.subject.digest.to_string(),
        state,
        allows: found.allows,
    }))
}

/// What there is to trust at `path`, or in the project of the current folder.
fn found(app: &App, path: Option<&Path>) -> Result<Vec<Found>, Failure> {
    let here = PathBuf::from(".");
    let typed = path.unwrap_or_else(|| app.settings.project.as_deref().unwrap_or(&here));
    let nothing = || {
        Failure::usage(format!(
            "{}: there is nothing to trust: give a project's folder, its {PROJECT_FILE}, a folder below .ckwh/providers, or a .env that git tracks",
            typed.display()
        ))
    };
    let path = fs::canonicalize(typed).map_err(|error| Failure::usage(format!("{}: {error}", typed.display())))?;
    let parent = path.parent().unwrap_or(&path);
    let is_provider = parent.ends_with(".ckwh/providers");
    let root = match path.is_dir() {
        true if is_provider => parent.ancestors().nth(2).unwrap_or(parent),
        true => &path,
        false => parent,
    };
    let whole = path.is_dir() && !is_provider;
    let mut all = folders(root)
        .into_iter()
        .map(|folder| of_folder(&folder))
        .collect::<Result<Vec<_>, _>>()?;
    all.extend(of_settings(app, root)?);
    all.extend(of_dot_env(root)?);
    all.retain(|found| whole || found.subject.path == path);
    if all.is_empty() { Err(nothing()) } else { Ok(all) }
}

/// The provider folders of the project in `root`, whatever their names.
fn folders(root: &Path) -> Vec<Folder> {
    let registry = Registry::new(&Places {
        project: Some(settings::providers_of(root)),
        ..Places::default()
    });
    registry.of_project().cloned().collect()
}

fn of_folder(folder: &Folder) -> Result<Found, Failure> {
    let subject = folder.subject().cloned();
    let subject = subject.ok_or_else(|| Failure::usage(format!("{} is not a project's", folder.name)))?;
    // A table that can't be read is not to be trusted either.
    let mut names = Vec::new();
    for dialect in Provider::load_all(folder)? {
        names.extend(
            dialect
                .table
                .given
                .values()
                .flat_map(|given| given.variables().to_vec()),
        );
        names.extend(dialect.table.secret_env);
    }
    names.sort();
    names.dedup();
    folder.files()?;
    let allows = vec![
        format!("it reads {}", names.join(" and ")),
        format!("it recognises requests as {}'s", folder.name),
    ];
    Ok(Found { subject, allows })
}

fn of_settings(app: &App, root: &Path) -> Result<Option<Found>, Failure> {
    let file = root.join(PROJECT_FILE);
    let current = app.settings.project_settings.as_ref();
    let subject = match current.filter(|subject| subject.path == file) {
        Some(subject) => subject.clone(),
        // Of another project than the one that the settings were read of.
        None => {
            let bytes = foreign::read(&file, &foreign::root_of(root), settings::LONGEST);
            let bytes = bytes.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
            let Some(bytes) = bytes else { return Ok(None) };
            Subject::new(&file, [(PROJECT_FILE.to_owned(), bytes)].into())
        }
    };
    let allows = settings::allows(&subject.files[PROJECT_FILE], &file)?;
    Ok(Some(Found { subject, allows }))
}

fn of_dot_env(root: &Path) -> Result<Option<Found>, Failure> {
    let file = dotenv::read(root)
        .map_err(|error| Failure::usage(format!("{}: {error}", root.join(dotenv::NAME).display())))?;
    Ok(file.filter(DotEnv::is_tracked).map(|file| Found {
        subject: file.subject,
        allows: vec!["its secrets make a verdict count".into()],
    }))
}

/// Shows what of `subject` is another than it was when it was trusted.
fn show_change(app: &mut App, subject: &Subject, state: State) {
    if state == State::Changed {
        let text = change(app, subject);
        app.report
            .warn(&format!("{} has changed since it was trusted", subject.path.display()));
        app.report.show(&text);
    }
}
