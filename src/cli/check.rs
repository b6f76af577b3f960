//! `ckwh check`: whether a webhook handler keeps the rules.

mod html;
mod items;
mod setup;

use std::fs;

use anyhow::Context as _;

use ckwh::check::{
    CaseOutcome, Cases, CheckOptions, CheckOutcome, Exploration, ExploreOptions, Probe, Progress, Subject, check,
    explore,
};
use ckwh::explain::Framework;

use super::app::App;
use super::args::CheckArgs;
use super::exit::{Failure, OrUnavailable as _, Status};
use super::explain::project_file;
use super::report::{Beside, ExplorationItem, Item, Report};
use super::runtime::block_on;

pub fn run(app: &mut App, args: &CheckArgs) -> Result<Status, Failure> {
    let cases = setup::cases(args)?;
    if args.list {
        return list(app, &cases);
    }
    let subject = setup::subject(app, args)?;
    setup::events(app, &cases, &subject)?;
    let options = setup::options(app, args, &subject)?;
    if let Some(longest) = args.explore {
        let mut explored = ExploreOptions::new(longest.into());
        explored.most = args.orders as usize;
        explored.seed = args.seed;
        return block_on(explore_orders(app, &subject, &options, explored));
    }
    app.beside = Beside::all(&args.report, "ckwh check")?;
    let interrupt = app.interrupt.clone();
    let mut told = Told(app.report.as_mut());
    let outcome = block_on(async {
        let outcome = check(&subject, &cases, &options, &mut told, interrupt.comes()).await;
        outcome.map_err(setup::failure)
    })?;
    report(app, args, &subject, &cases, &outcome)
}

fn list(app: &mut App, cases: &Cases) -> Result<Status, Failure> {
    let names: Vec<String> = cases.cases.iter().map(ckwh::check::Case::full_name).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    let mut text = String::new();
    for (name, case) in names.iter().zip(&cases.cases) {
        text.push_str(&format!("{name:<width$}  {}\n", case.sends));
    }
    app.result(Item::Text { text })?;
    Ok(Status::Yes)
}

fn report(
    app: &mut App,
    args: &CheckArgs,
    subject: &Subject,
    cases: &Cases,
    outcome: &CheckOutcome,
) -> Result<Status, Failure> {
    let framework = framework(outcome);
    let describe = items::Describe {
        args,
        subject,
        cases,
        framework,
    };
    let shown: Vec<_> = outcome.cases.iter().map(|case| describe.case(case)).collect();
    let summary = describe.summary(outcome);
    if let Some(path) = &args.html {
        let page = html::page(&summary, &shown);
        fs::write(path, page)
            .with_context(|| path.display().to_string())
            .or_unavailable()?;
    }
    let unreachable = matches!(outcome.probe, Probe::Unreachable(_));
    for item in shown {
        app.result(Item::Case(Box::new(item)))?;
    }
    app.result(Item::CheckSummary(Box::new(summary)))?;
    Ok(if unreachable {
        Status::Unavailable
    } else if outcome.fails() || args.strict && outcome.counts(None).warn > 0 {
        Status::No
    } else if outcome.interrupted {
        Status::Interrupted
    } else {
        Status::Yes
    })
}

/// The framework that the answers, or the files of this folder, speak of.
fn framework(outcome: &CheckOutcome) -> Option<Framework> {
    let replies = outcome.cases.iter().flat_map(|case| &case.replies);
    let servers = replies.filter_map(|reply| match reply {
        ckwh::check::Reply::Answer(answer, _) => {
            let header = |name: &str| answer.headers.text(name).map(str::to_owned);
            header("x-powered-by").or_else(|| header("server"))
        }
        _ => None,
    });
    let server = servers.into_iter().next();
    Framework::guess(server.as_deref(), project_file)
}

/// Shows how far it has come.
struct Told<'a>(&'a mut (dyn Report + Send));

impl Progress for Told<'_> {
    fn begins(&mut self, cases: usize) {
        self.0.expect(Some(cases as u64));
    }

    fn done(&mut self, _outcome: &CaseOutcome) {
        self.0.advance();
    }
}

async fn explore_orders(
    app: &mut App,
    subject: &Subject,
    options: &CheckOptions,
    explored: ExploreOptions,
) -> Result<Status, Failure> {
    let outcome = explore(subject, options, &explored, app.interrupt.clone().comes())
        .await
        .map_err(setup::failure)?;
    let status = match &outcome.found {
        Some(_) => Status::No,
        None if outcome.interrupted => Status::Interrupted,
        None => Status::Yes,
    };
    let (events, left, in_order) = match outcome.found {
        Some(Exploration {
            events, left, in_order, ..
        }) => (Some(events), left, in_order),
        None => (None, Vec::new(), Vec::new()),
    };
    app.result(Item::Exploration(ExplorationItem {
        provider: subject.provider.name.clone(),
        chain: outcome.chain,
        found: events,
        left,
        in_order,
        tried: outcome.tried,
        left_out: outcome.left_out,
        longest: explored.longest,
        requests: outcome.requests,
    }))?;
    Ok(status)
}
