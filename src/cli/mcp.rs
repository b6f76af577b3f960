//! `ckwh mcp`: tools for an agent that debugs a webhook handler, over the Model Context Protocol on standard input and
//! output. A tool is a command of this program; the agent is shown its results without secrets and signatures.

mod call;
mod clients;
mod prompts;
mod reply;
mod server;
mod tools;
mod veil;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use anyhow::Context as _;
use rmcp::ServiceExt as _;
use rmcp::transport::stdio;
use tokio::runtime::Builder;

use ckwh::delivery::Endpoint;

use super::app::App;
use super::args::McpArgs;
use super::exit::{Failure, OrUnavailable as _, Status};
use super::report::Item;
use super::runtime;
use server::Server;

/// What an agent may do here, as it was settled when the server began.
#[derive(Debug)]
struct Bounds {
    /// Where deliveries may go.
    targets: Vec<String>,
    /// What shows the handler's effects.
    observe_url: Option<String>,
    allow_bodies: bool,
    /// The store, as it was typed.
    store: Option<String>,
}

pub fn run(app: &mut App, args: &McpArgs) -> Result<Status, Failure> {
    let bounds = bounds(app, args)?;
    if let Some(client) = args.print_config {
        let text = clients::config(client, args)?;
        app.result(Item::Text { text })?;
        return Ok(Status::Yes);
    }
    if io::stdin().is_terminal() {
        app.report.note(
            "an agent's client speaks to this on standard input; `ckwh mcp --print-config NAME` prints what a client needs to start it",
        );
    }
    if bounds.targets.is_empty() {
        app.report
            .warn("no --to was given, so nothing can be sent, replayed or checked");
    }
    let runtime = runtime::start(&mut Builder::new_multi_thread())?;
    let served = runtime.block_on(async {
        let running = Server::new(Arc::new(bounds)).serve(stdio()).await;
        running
            .context("no client spoke the protocol")?
            .waiting()
            .await
            .context("the server ended")
    });
    // A read of standard input can't be given up.
    runtime.shutdown_background();
    served.or_unavailable()?;
    Ok(Status::Yes)
}

/// The targets are those that were typed, or the user's own: a project's settings name none.
fn bounds(app: &App, args: &McpArgs) -> Result<Bounds, Failure> {
    let own = app.settings.to.iter().filter(|set| !set.of_project);
    let targets = match args.targets.as_slice() {
        [] => own.map(|set| set.text.clone()).collect(),
        typed => typed.to_vec(),
    };
    for target in &targets {
        Endpoint::parse(target, "/")?;
    }
    if args.store.store_schema.is_some() || args.store.store_password_file.is_some() {
        return Err(Failure::usage(
            "write the schema into the store's URL (?schema=NAME), and its password into ~/.pgpass or PGPASSWORD",
        ));
    }
    let store = args.store.store.as_ref();
    let text = |path: &std::path::PathBuf| {
        let text = path.to_str().map(str::to_owned);
        text.ok_or_else(|| Failure::usage("the store's path is not UTF-8"))
    };
    Ok(Bounds {
        targets,
        observe_url: args.observe_url.clone(),
        allow_bodies: args.allow_bodies,
        store: store.map(text).transpose()?,
    })
}
