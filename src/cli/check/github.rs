//! The report for GitHub Actions: an annotation for each finding, and a job summary.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;

use anyhow::Context as _;
use ckwh::check::Outcome;

use super::super::app::App;
use super::super::exit::{Failure, OrUnavailable as _};
use super::super::report::{CheckSummaryItem, Item, shown};

/// Prints the annotations, and adds to the job's summary where there is one.
pub fn write(app: &mut App, summary: &CheckSummaryItem) -> Result<(), Failure> {
    let mut text = String::new();
    if let Some(problem) = &summary.problem {
        text.push_str(&annotation("error", "ckwh check", problem));
    }
    for finding in &summary.findings {
        let level = if finding.outcome == Outcome::Fail {
            "error"
        } else {
            "warning"
        };
        let message = format!("{}. {}", finding.answered, finding.remedy);
        text.push_str(&annotation(level, &finding.says, &message));
    }
    app.result(Item::Text { text })?;
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(markdown(summary).as_bytes()))
        .context("the job summary of GITHUB_STEP_SUMMARY")
        .or_unavailable()
}

/// A workflow command, as docs.github.com, "Workflow commands for GitHub Actions", has it.
fn annotation(level: &str, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{level} title={}::{}\n",
        property(&shown(title)),
        data(&shown(message))
    )
}

fn markdown(summary: &CheckSummaryItem) -> String {
    let cell = |text: &str| shown(text).replace('|', "\\|").replace('<', "&lt;").replace('\n', " ");
    let mut text = format!(
        "### ckwh check: {} kept, {} broken, {} warned\n\n",
        summary.pass, summary.fail, summary.warn
    );
    if let Some(problem) = &summary.problem {
        text.push_str(&format!("{}\n", cell(problem)));
    }
    if !summary.findings.is_empty() {
        text.push_str("| | finding | cases | remedy |\n|---|---|---|---|\n");
    }
    for finding in &summary.findings {
        let mark = if finding.outcome == Outcome::Fail { "✗" } else { "!" };
        text.push_str(&format!(
            "| {mark} | {} | {} | {} |\n",
            cell(&finding.says),
            finding.cases.join(", "),
            cell(&finding.remedy)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_command_is_one_line() {
        assert_eq!(
            annotation("error", "a: b, c", "50 %\nnext"),
            "::error title=a%3A b%2C c::50 %25%0Anext\n"
        );
    }
}
