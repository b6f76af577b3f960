//! Completion in the real shells.

use std::path::Path;
use std::process::Command;

use super::support::{Home, missing};

/// What a shell offers, one a line; `None` where it is missing.
fn offered(home: &Home, shell: &str, args: &[&str]) -> Option<String> {
    let folder = Path::new(env!("CARGO_BIN_EXE_ckwh")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let made = home.ckwh(args);
    let environment: Vec<_> = made
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let output = Command::new(shell)
        .args(args)
        .env_clear()
        .envs(environment)
        .env("PATH", path)
        .env("TERM", "xterm")
        .current_dir(home.work())
        .output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            missing(shell);
            None
        }
    }
}

/// What bash offers for a line whose last word is being typed.
fn bash(home: &Home, words: &[&str]) -> String {
    let typed = words.last().unwrap();
    let script = format!(
        "source <(ckwh completions bash); COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; {{ _clap_complete_ckwh ckwh '{typed}' x; }} 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}' ")).collect::<String>(),
        words.len() - 1
    );
    offered(home, "bash", &["--norc", "-c", &script]).unwrap()
}

#[test]
fn real_names_are_completed_in_bash() {
    let home = Home::new();
    home.write("cost.file", "");
    for (words, offers) in [
        (
            &["ckwh", "send", "cost.a"][..],
            &["cost.alert", "cost.anomaly_detected"][..],
        ),
        (&["ckwh", "send", "stri"], &["stripe"]),
        (&["ckwh", "send", "stripe", "invoice.p"], &["invoice.paid"]),
        (&["ckwh", "send", "cost.alert", "--provider", "costk"], &["costkatana"]),
        (
            &[
                "ckwh",
                "send",
                "cost.alert",
                "--provider",
                "costkatana",
                "--dialect",
                "cur",
            ],
            &["current"],
        ),
        (&["ckwh", "events", "quota.t"], &["quota.threshold_reached"]),
        (&["ckwh", "providers", "show", "lin"], &["linear"]),
        (&["ckwh", "captures", "show", "la"], &["last"]),
        (&["ckwh", "verify", "sen"], &["sent"]),
        (
            &["ckwh", "send", "--secret-env", "STRIPE_W"],
            &["STRIPE_WEBHOOK_SECRET"],
        ),
        (&["ckwh", "send", "--break", "sta"], &["stale"]),
        (&["ckwh", "send", "./cost"], &["./cost.file"]),
    ] {
        let text = bash(&home, words);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for offer in offers {
            assert!(lines.contains(offer), "{words:?}: no {offer} in {lines:?}");
        }
    }
}

#[test]
fn a_projects_names_are_completed_once_it_is_trusted() {
    let home = Home::new();
    home.run(&["providers", "new", "mine", "--from", "generic-sha256"])
        .text(0);
    let typed = ["ckwh", "providers", "show", "min"];
    assert_eq!(bash(&home, &typed).trim(), "mine");
    home.run(&["untrust"]).text(0);
    assert_eq!(bash(&home, &typed).trim(), "");
}

#[test]
fn real_names_are_completed_in_fish() {
    let home = Home::new();
    for (line, offer) in [
        ("ckwh send cost.al", "cost.alert"),
        ("ckwh send --provider strip", "stripe"),
        ("ckwh events invoice.pai", "invoice.paid"),
        ("ckwh captures show las", "last"),
    ] {
        let script = format!("ckwh completions fish | source; complete -C '{line}'");
        let Some(text) = offered(&home, "fish", &["--no-config", "-c", &script]) else {
            return;
        };
        let names = text.lines().filter_map(|line| line.split('\t').next());
        assert!(names.into_iter().any(|name| name == offer), "{line}: {text}");
    }
}

#[test]
fn real_names_are_completed_in_zsh() {
    let home = Home::new();
    // A shell in a terminal of its own: what stands in its line after a tab, as soon as it stands there.
    let script = r#"
zmodload zsh/zpty
wait_for() {
  local part
  until [[ $out == *$1* || $SECONDS -gt 60 ]]; do
    zpty -rt inner part && out+=$part || sleep 0.05
  done
}
zpty inner zsh -f -i
zpty -w inner "PS1='> '; autoload -Uz compinit && compinit -u -D; source <(ckwh completions zsh); print rea''dy"
wait_for ready
zpty -n -w inner "$1"$'\t'
wait_for $2
print -r -- $out
"#;
    for (line, offer) in [
        ("ckwh send --provider costk", "--provider costkatana"),
        ("ckwh providers show lem", "show lemonsqueezy"),
        ("ckwh events quota.t", "events quota.threshold_reached"),
    ] {
        let Some(text) = offered(&home, "zsh", &["-f", "-c", script, "zsh", line, offer]) else {
            return;
        };
        assert!(text.contains(offer), "{line}: {text:?}");
    }
}
