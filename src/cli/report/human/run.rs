//! Replays that the store knows, and how long their attempts took.

use std::collections::BTreeMap;
use std::fmt::Display;

use colored::Color;

use super::super::run::{LatenciesItem, RunItem, RunRequestItem};
use super::super::visible::line;
use super::{Human, VerdictChange, milliseconds, status_text, which};

/// How long the longest bar of a histogram is, in characters.
const BAR: u64 = 40;

/// How often each status came, and each failure: in a line, or nothing.
pub(super) fn outcomes(statuses: &BTreeMap<u16, u64>, failures: &BTreeMap<impl Display, u64>) -> String {
    let statuses = statuses
        .iter()
        .map(|(status, count)| format!("{count} × {}", status_text(*status)));
    let failures = failures
        .iter()
        .map(|(cause, count)| format!("{count} × {}", line(&cause.to_string())));
    let all: Vec<String> = statuses.chain(failures).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("  {}\n", all.join(", ")),
    }
}

impl Human {
    pub(super) fn latencies(&self, item: &LatenciesItem) -> String {
        let times = item.named();
        let times: Vec<String> = times
            .map(|(name, time)| format!("{name} {}", milliseconds(time)))
            .collect();
        let mut text = match times.is_empty() {
            true => String::new(),
            false => self.paint.dim(&format!("  {}\n", times.join(", "))),
        };
        let most = item.histogram.iter().map(|step| step.count).max().unwrap_or(0);
        for step in &item.histogram {
            let length = (step.count * BAR).div_ceil(most.max(1)) as usize;
            let bar = self.paint.colour(&"■".repeat(length), Color::Cyan);
            let to = milliseconds(step.up_to_ms);
            text.push_str(&format!("  ≤ {to:>9} {bar} {}\n", step.count));
        }
        text
    }

    /// A run in a line of a list, or whole.
    pub(super) fn run(&self, item: &RunItem) -> String {
        let counts = self.run_counts(item);
        let (begun, url) = (self.short_time(item.started_at), line(&item.url));
        let Some(requests) = &item.requests else {
            let [widest, ..] = self.layout.columns;
            let id = self.paint.bold(&format!("{:>widest$}", item.id));
            return format!("{id}  {}  {counts}  {}\n", self.paint.dim(&begun), self.paint.dim(&url));
        };
        let run = self.paint.bold(&format!("run {}", item.id));
        let order = item.ordered_by.as_deref().map_or_else(String::new, |pointer| {
            format!(", one after the other where {} is the same", line(pointer))
        });
        let mut text = format!("{counts}  {run} to {url}{order}, begun {begun}\n");
        text.push_str(&outcomes(&item.statuses, &item.failures));
        if item.deliveries > 1 {
            text.push_str(&self.latencies(&item.latencies));
        }
        if let Some(changes) = &item.changes {
            let counts = changes.counted();
            let counts: Vec<String> = counts
                .map(|(count, change)| format!("{count} {}", change.word()))
                .collect();
            if !counts.is_empty() {
                text.push_str(&format!("  since the time before: {}\n", counts.join(", ")));
            }
        }
        for request in requests {
            text.push_str(&self.run_request(request));
        }
        match item.left_off.unwrap_or(0) {
            0 => {}
            count => text.push_str(&self.paint.dim(&format!("  {count} more are not shown\n"))),
        }
        if !item.lost_claims.is_empty() {
            let lost: Vec<String> = item
                .lost_claims
                .iter()
                .map(|lost| which(lost.origin, None, None))
                .collect();
            text.push_str(&format!(
                "  taken from a process that went away, so that it may have gone out twice: {}\n",
                lost.join(", ")
            ));
        }
        text
    }

    fn run_counts(&self, item: &RunItem) -> String {
        let mut counts = vec![format!("{} delivered", item.ok)];
        if item.failed > 0 {
            counts.push(format!("{} failed", item.failed));
        }
        if item.blocked > 0 {
            counts.push(format!("{} blocked", item.blocked));
        }
        let left = item.left();
        if left > 0 {
            counts.push(format!("{left} not sent"));
        }
        if !item.finished {
            counts.push("not finished".to_owned());
        }
        let mark = self.mark(item.finished && item.failed + item.blocked == 0 && left == 0);
        format!("{mark} {}", counts.join(", "))
    }

    fn run_request(&self, item: &RunRequestItem) -> String {
        let outcome = match (item.status, &item.error) {
            (Some(status), _) => self.paint.bold(&status_text(status)),
            (None, Some(error)) => line(error),
            (None, None) => "no answer".to_owned(),
        };
        let change = match item.change {
            Some(change @ VerdictChange::Fixed) => self.paint.colour(change.word(), Color::Green),
            Some(change) => self.paint.colour(change.word(), Color::Red),
            None => String::new(),
        };
        let what = which(item.origin, item.event_type.as_deref(), None);
        let text = format!(
            "  {} {outcome} in {}  {}  {change}",
            self.mark(item.ok),
            milliseconds(item.duration_ms),
            self.paint.dim(&what)
        );
        text.trim_end().to_owned() + "\n"
    }
}
