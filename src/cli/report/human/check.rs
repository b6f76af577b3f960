//! What came of a check, for people.

use ckwh::check::{Counts, Outcome};
use colored::Color;

use super::Human;
use crate::cli::report::talk::folded_behind;
use crate::cli::report::visible::{block, line};
use crate::cli::report::{CheckSummaryItem, ExplorationItem, FindingItem};

/// How wide a line is at most, in characters.
const WIDTH: usize = 78;
/// How far the facts of a finding are indented.
const INDENT: usize = 12;

impl Human {
    pub(super) fn check_summary(&self, item: &CheckSummaryItem) -> String {
        if let Some(problem) = &item.problem {
            return format!("{} {}\n", self.mark(false), wrapped(&line(problem), 2).trim_start());
        }
        let mut text = String::new();
        // One case alone is tried to look at it.
        let is_one = item.pass + item.fail + item.warn + item.unseen + item.skipped == 1;
        for finding in &item.findings {
            text.push_str(&self.finding(finding));
            if let Some(curl) = finding.curl.as_ref().filter(|_| is_one) {
                text.push_str(&format!("\n{}\n", block(curl.as_bytes())));
            }
            text.push('\n');
        }
        for (family, counts) in &item.families {
            text.push_str(&self.family(family.name(), counts));
        }
        text.push('\n');
        for (reason, count) in &item.left_out {
            let cases = if *count == 1 { "case" } else { "cases" };
            let told = wrapped(&format!("{count} {cases} not judged: {}", line(reason)), 2);
            text.push_str(&self.paint.dim(&told));
            text.push('\n');
        }
        let known = match item.known {
            0 => String::new(),
            count => format!(", {count} known"),
        };
        let requests = if item.requests == 1 { "request" } else { "requests" };
        let interrupted = if item.interrupted { ", interrupted" } else { "" };
        let kept = item.pass.to_string();
        let rest = format!(
            "kept, {} broken{known}, {} warned in {} {requests} to {}{interrupted}",
            item.fail,
            item.warn,
            item.requests,
            line(&item.url)
        );
        let rest = folded_behind(&rest, Some(WIDTH), kept.len() + 3).join("\n  ");
        text.push_str(&format!("{} {} {rest}\n", self.mark(item.ok), self.paint.bold(&kept)));
        text
    }

    fn family(&self, name: &str, counts: &Counts) -> String {
        let cell = |count: usize, word: &str, colour: Option<Color>| {
            let text = match count {
                0 => format!("{:>14}", ""),
                _ => format!("{:>14}", format!("{count} {word}")),
            };
            match colour {
                Some(colour) if count > 0 => self.paint.colour(&text, colour),
                _ => text,
            }
        };
        let cells = [
            cell(counts.pass, "kept", None),
            cell(counts.fail, "broken", Some(Color::Red)),
            cell(counts.warn, "warned", Some(Color::Yellow)),
            cell(counts.unseen, "unseen", None),
        ];
        let row = format!("{name:<12}{}", cells.concat());
        format!("{}\n", row.trim_end())
    }

    fn finding(&self, item: &FindingItem) -> String {
        let mark = match item.outcome {
            Outcome::Fail => self.mark(false),
            _ => self.paint.colour("!", Color::Yellow),
        };
        let says = wrapped(&line(&item.says), 2);
        let mut text = format!("{mark} {}\n", self.paint.bold(says.trim_start()));
        let cases = item.cases.join(", ");
        for (name, fact) in [
            ("cases", &cases),
            ("sent", &item.sent),
            ("came", &item.answered),
            ("why", &item.why),
            ("remedy", &item.remedy),
        ] {
            let fact = wrapped(&line(fact), INDENT);
            text.push_str(&format!(
                "  {}{}\n",
                self.paint.dim(&format!("{name:<10}")),
                fact.trim_start()
            ));
        }
        if let Some(lines) = &item.lines {
            for own in block(lines.trim().as_bytes()).lines() {
                text.push_str(&format!("{:INDENT$}{own}\n", ""));
            }
        }
        text.push_str(&format!(
            "  {}{}\n",
            self.paint.dim(&format!("{:<10}", "again")),
            line(&item.command)
        ));
        text
    }

    pub(super) fn exploration(&self, item: &ExplorationItem) -> String {
        let chain = item.chain.join(", ");
        let left_out = match item.left_out {
            Some(0) => String::new(),
            Some(count) => format!("; {count} were not tried"),
            None => "; more were not tried".into(),
        };
        let tried = format!(
            "{} sequences of up to {} deliveries of {}{left_out}",
            item.tried,
            item.longest,
            line(&chain)
        );
        let Some(found) = &item.found else {
            let told = format!("every order leaves the same state: {tried}");
            return format!("{} {}\n", self.mark(true), wrapped(&told, 2).trim_start());
        };
        let mut text = format!(
            "{} {}\n",
            self.mark(false),
            self.paint
                .bold("these deliveries leave another state than in their order")
        );
        for (event, number) in found.iter().zip(1..) {
            text.push_str(&format!("  {number:>2}  {}\n", line(event)));
        }
        for (name, state) in [("left", &item.left), ("in order", &item.in_order)] {
            let state = if state.is_empty() {
                "nothing".to_owned()
            } else {
                state.join("  ")
            };
            let fact = wrapped(&line(&state), INDENT);
            text.push_str(&format!(
                "  {}{}\n",
                self.paint.dim(&format!("{name:<10}")),
                fact.trim_start()
            ));
        }
        text.push_str(&self.paint.dim(&format!("{}\n", wrapped(&tried, 2))));
        text
    }
}

/// `text` in lines of no more than [`WIDTH`], each behind `indent` spaces.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let fits = |line: &String| line.is_empty() || indent + line.chars().count() + 1 + word.chars().count() <= WIDTH;
        match lines.last_mut() {
            Some(line) if fits(line) => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let behind = " ".repeat(indent);
    lines
        .iter()
        .map(|line| format!("{behind}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
