//! The report for GitHub Actions: an annotation for each failure, and a job summary.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;

use anyhow::Context as _;
use ckwh::check::Outcome;

use super::super::exit::{Failure, OrUnavailable as _};
use super::{CheckSummaryItem, DeliveryItem, Item, SummaryItem, shown};

/// Collects what the job summary says.
pub struct Github {
    suite: &'static str,
    rows: String,
}

impl Github {
    pub fn new(suite: &'static str) -> Self {
        let rows = String::new();
        Self { suite, rows }
    }

    /// Takes a result; gives the annotations to print. The last result writes the job's summary, where there is one.
    pub fn result(&mut self, item: &Item) -> Result<Option<String>, Failure> {
        match item {
            Item::Delivery(item) => {
                let event = item.event_type.as_deref().unwrap_or("a body");
                let came = came(item);
                let mark = if item.ok { "✓" } else { "✗" };
                self.rows
                    .push_str(&format!("| {mark} | {} | {} |\n", cell(event), cell(&came)));
                Ok((!item.ok).then(|| annotation("error", &format!("{}: {event}", self.suite), &came)))
            }
            Item::Skipped(item) => {
                self.rows
                    .push_str(&format!("| - | skipped | {} |\n", cell(&item.reason)));
                Ok(None)
            }
            Item::Summary(item) => {
                append(&deliveries(self.suite, item, &self.rows))?;
                Ok(None)
            }
            Item::CheckSummary(item) => {
                append(&findings(item))?;
                Ok(Some(of_findings(item)).filter(|text| !text.is_empty()))
            }
            _ => Ok(None),
        }
    }
}

/// What came of a delivery, in words.
fn came(item: &DeliveryItem) -> String {
    let last = item.attempts.last();
    let status = last.and_then(|attempt| attempt.status);
    let mut text = status.map(|status| status.to_string()).unwrap_or_default();
    for part in item
        .unmet
        .iter()
        .map(String::as_str)
        .chain(item.change.map(|change| change.word()))
    {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(part);
    }
    text
}

fn deliveries(suite: &str, item: &SummaryItem, rows: &str) -> String {
    format!(
        "### {suite}: {} as expected, {} not\n\n| | event | came |\n|---|---|---|\n{rows}\n",
        item.ok, item.failed
    )
}

fn of_findings(summary: &CheckSummaryItem) -> String {
    let mut text = String::new();
    if let Some(problem) = &summary.problem {
        text.push_str(&annotation("error", "ckwh check", problem));
    }
    for finding in &summary.findings {
        let message = format!("{}. {}", finding.answered, finding.remedy);
        let level = if finding.outcome == Outcome::Fail {
            "error"
        } else {
            "warning"
        };
        text.push_str(&annotation(level, &finding.says, &message));
    }
    text
}

fn append(text: &str) -> Result<(), Failure> {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
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

/// A text in a table's cell.
fn cell(text: &str) -> String {
    shown(text).replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

fn findings(summary: &CheckSummaryItem) -> String {
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
