//! A command line, run in this process as the program runs it: for the agents' server and the inspector.

use super::app::App;
use super::args;
use super::deliveries::Interrupt;
use super::exit::{Failure, Status};
use super::report::Report;
use super::run_command;
use super::settings::Settings;

/// Settings as they are now, for a command whose results go to `report`.
pub fn app(mut report: Box<dyn Report + Send>, interrupt: Interrupt) -> Result<App, Failure> {
    let settings = Settings::load(report.as_mut())?;
    let mut app = App::new(settings, report, false);
    app.interrupt = interrupt;
    Ok(app)
}

/// Runs the command line `words`, which does not begin with the program's name.
pub fn run(app: &mut App, words: &[String]) -> Result<Status, Failure> {
    let words = std::iter::once("ckwh").chain(words.iter().map(String::as_str));
    let args = args::read(&mut args::command(), words).map_err(|problem| {
        let text = problem.to_string();
        let first = text.lines().next().unwrap_or_default();
        Failure::usage(first.trim_start_matches("error: ").to_owned())
    })?;
    run_command(app, &args.command)
}
