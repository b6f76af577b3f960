//! The command line: arguments, settings, one module a command, and the reports.

mod app;
pub mod args;
mod captures;
mod causes;
mod check;
mod client;
pub mod complete;
mod compose;
mod deliveries;
mod doctor;
mod dotenv;
mod events;
mod exit;
mod explain;
pub mod filter;
mod fingerprint;
mod given;
mod hints;
mod input;
mod inside;
mod line;
mod line_diff;
mod listen;
mod mcp;
mod memory;
mod pages;
mod permission;
mod provider;
mod providers;
mod replay;
mod report;
mod runtime;
mod schema;
mod secrets;
mod send;
mod sent;
mod settings;
mod sign;
mod slips;
mod store;
mod trust;
mod ui;
mod verify;
mod wait;
mod words;

use app::App;
use args::{Args, Command};
use exit::Failure;
pub use exit::Status;
use report::Global;
use settings::Settings;

/// What is shown where nothing was typed.
pub fn start() -> Status {
    let global = Global::default();
    let mut report = report::new(&global);
    let text = pages::START.to_owned();
    let shown = report.result(&report::Item::Text { text }).map(|()| Status::Yes);
    exit::status(shown.map_err(Failure::from_output), report.as_mut())
}

/// Runs the command that was typed.
pub fn run(args: &Args) -> Status {
    let mut report = report::new(&args.global);
    let settings = match &args.command {
        Command::Completions(_)
        | Command::Man(_)
        | Command::Causes(_)
        | Command::Schema(_)
        | Command::ExitCodes(_)
        | Command::Secrets(_)
        | Command::Targets(_) => Ok(Settings::default()),
        Command::Untrust(_) => Ok(Settings::of_records()),
        _ => Settings::load(report.as_mut()),
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(failure) => return exit::status(Err(failure), report.as_mut()),
    };
    let mut app = App::new(settings, report, args.global.verbose);
    let outcome = run_command(&mut app, &args.command);
    exit::status(outcome, app.report.as_mut())
}

fn run_command(app: &mut App, command: &Command) -> Result<Status, Failure> {
    match command {
        Command::Send(args) => send::run(app, args),
        Command::Sign(args) => sign::run(app, args),
        Command::Verify(args) => verify::run(app, args),
        Command::Listen(args) => listen::run(app, args),
        Command::Captures(args) => captures::run(app, args),
        Command::Check(args) => check::run(app, args),
        Command::Replay(args) => replay::run(app, args),
        Command::Events(args) => events::run(app, args),
        Command::Store(args) => store::run(app, args),
        Command::Providers(args) => providers::run(app, args),
        Command::Fingerprint(args) => fingerprint::run(app, args),
        Command::Mcp(args) => mcp::run(app, args),
        Command::Ui(args) => ui::run(app, args),
        Command::Trust(args) => trust::trust(app, args),
        Command::Untrust(args) => trust::untrust(app, args.path.as_deref()),
        Command::Completions(args) => pages::completions(app, args.shell),
        Command::Man(args) => pages::man(app, args.command.as_deref()),
        Command::Causes(args) => causes::run(app, args.cause.as_deref()),
        Command::Schema(args) => schema::run(app, args.name.as_deref()),
        Command::Doctor(args) => doctor::run(app, args),
        Command::Secrets(_) => pages::topic(app, pages::SECRETS),
        Command::Targets(_) => pages::topic(app, pages::TARGETS),
        Command::Formats(_) => pages::formats(app),
        Command::ExitCodes(_) => pages::exit_codes(app),
    }
}
