//! Help, errors, completions and manual pages, word for word.

use std::fs;
use std::path::Path;

use super::support::Home;

/// How to write the texts anew, once a change of them is meant.
const REFRESH: &str = "run completions/refresh.sh";

#[test]
fn help_and_errors_are_as_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    assert!(fs::read_dir(folder).unwrap().count() > 0);
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("HOME", "/nonexistent")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        // Nothing is kept of one text for the next, whoever runs them.
        .env("XDG_DATA_HOME", "/dev/null/none")
        .case("tests/cmd/*.trycmd");
}

#[test]
fn completions_and_manual_pages_are_fresh() {
    let home = Home::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let mut expected = vec![
        ("ckwh.bash".to_owned(), vec!["completions", "bash"]),
        ("_ckwh".into(), vec!["completions", "zsh"]),
        ("ckwh.fish".into(), vec!["completions", "fish"]),
        ("_ckwh.ps1".into(), vec!["completions", "powershell"]),
        ("ckwh.elv".into(), vec!["completions", "elvish"]),
        ("man/ckwh.1".into(), vec!["man"]),
    ];
    let help = home.run(&["help"]);
    let (_, commands) = help.text(0).split_once("Commands:\n").unwrap();
    for line in commands.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            expected.push((format!("man/ckwh-{name}.1"), vec!["man", name]));
        }
    }
    for (file, args) in &expected {
        let kept = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}; {REFRESH}"));
        assert!(
            kept == home.run(args).text(0),
            "{file} is not what `ckwh {}` prints; {REFRESH}",
            args.join(" ")
        );
    }
    let pages = fs::read_dir(folder.join("man")).unwrap().count();
    assert_eq!(
        pages,
        expected.iter().filter(|(file, _)| file.starts_with("man/")).count(),
        "a page too many in completions/man; {REFRESH}"
    );
}

#[test]
fn the_statuses_are_documented() {
    let home = Home::new();
    let page = home.run(&["help", "exit-codes"]);
    for status in ["0", "1", "2", "3", "130"] {
        assert!(
            page.text(0)
                .lines()
                .any(|line| line.split_whitespace().next() == Some(status)),
            "{status}"
        );
    }
}
