//! Where secrets come from, which of them counts, and that none is ever shown.

use std::process::Command;

use super::support::{Home, run};
use crate::FIXED;
use crate::receiver::{Receiver, status};

/// One secret for each place it may stand in, strongest first.
const PLACES: [(&str, &str); 6] = [
    ("flag", "from-the-flag"),
    ("general", "from-ckwh-secret"),
    ("settings file", "from-the-settings-file"),
    ("settings variable", "from-the-settings-variable"),
    ("variable", "from-the-variable"),
    (".env", "from-dot-env"),
];

/// The secret of one place put there.
fn put(home: &Home, command: &mut Command, place: &str, value: &str) {
    match place {
        "flag" => {
            command.args(["--secret", value]);
        }
        "general" => {
            command.env("CKWH_SECRET", value);
        }
        "settings file" => {
            let path = home.write("secret.txt", format!("{value}\n"));
            home.write("../home/.config/ckwh/config.toml", format!("secret_file = {path:?}"));
        }
        "settings variable" => {
            command.env("ELSEWHERE", value);
            home.write("../home/.config/ckwh/config.toml", "secret_env = \"ELSEWHERE\"");
        }
        "variable" => {
            command.env("WEBHOOK_SECRET", value);
        }
        ".env" => {
            home.write(".env", format!("OTHER=x\nWEBHOOK_SECRET='{value}' # a comment\n"));
        }
        other => panic!("{other}"),
    }
}

const SIGN: [&str; 8] = [
    "sign",
    "body",
    "--provider",
    "costkatana",
    "--timestamp",
    FIXED[1],
    "--print",
    "value",
];

/// The signature that a secret given by flag makes.
fn signature(home: &Home, secret: &str) -> String {
    let mut command = home.ckwh(&SIGN);
    command.args(["--secret", secret]);
    run(&mut command, b"").text(0).to_owned()
}

#[test]
fn the_stronger_place_counts() {
    for (index, (strong, value)) in PLACES.iter().enumerate() {
        for (weak, other) in &PLACES[index..] {
            if (*strong, *weak) == ("settings file", "settings variable") {
                continue; // one file, which would have both
            }
            let home = Home::new();
            home.write("body", "{}");
            let mut command = home.ckwh(&SIGN);
            put(&home, &mut command, weak, other);
            put(&home, &mut command, strong, value);
            let signed = run(&mut command, b"");
            assert_eq!(signed.text(0), signature(&home, value), "{strong} before {weak}");
        }
    }
}

#[test]
fn flags_count_in_their_order_and_any_verifies() {
    let home = Home::new();
    home.write("body", "{}");
    home.write("file", "second");
    let mut command = home.ckwh(&SIGN);
    command
        .env("THIRD", "third")
        .args(["--secret-file", "file", "--secret-env", "THIRD", "--secret", "first"]);
    assert_eq!(run(&mut command, b"").text(0), signature(&home, "second"));
    for (secret, source) in [("first", "--secret"), ("second", "the file file"), ("third", "THIRD")] {
        let value = signature(&home, secret);
        let header = format!("X-CostKatana-Signature: {}", value.trim_end());
        let verify = [
            "verify",
            "body",
            "--provider",
            "costkatana",
            "--tolerance",
            "0",
            "--json",
            "-H",
            &header,
        ];
        let mut command = home.ckwh(&verify);
        command.args(["-H", "X-CostKatana-Timestamp: 1778241600000"]);
        command
            .env("THIRD", "third")
            .args(["--secret-env", "THIRD", "--secret-file", "file", "--secret", "first"]);
        assert_eq!(run(&mut command, b"").line(0)["matched_secret"], source);
    }
}

#[test]
fn a_header_that_holds_a_list_is_signed_with_every_secret() {
    let home = Home::new();
    home.write("body", "{}");
    let sign = |secrets: &[&str]| {
        let mut command = home.ckwh(&SIGN);
        command.args(["--dialect", "examples"]);
        for secret in secrets {
            command.args(["--secret", secret]);
        }
        run(&mut command, b"").text(0).trim_end().to_owned()
    };
    let (one, two, both) = (sign(&["one"]), sign(&["two"]), sign(&["one", "two"]));
    let (_, second) = two.split_once(',').unwrap();
    assert_eq!(both, format!("{one},{second}"));
}

#[test]
fn a_secret_is_used_as_it_stands_and_what_is_odd_about_it_is_said() {
    let home = Home::new();
    home.write("body", "{}");
    for (file, secret, says) in [
        ("plain", "plain", ""),
        ("line\n", "line", "line break"),
        ("line\r\n", "line", "line break"),
        ("two\n\n", "two\n", "line break"),
        (" spaced ", " spaced ", ""),
    ] {
        home.write("secret", file);
        let mut from_file = home.ckwh(&SIGN);
        from_file.args(["--secret-file", "secret"]);
        let mut from_stdin = home.ckwh(&SIGN);
        from_stdin.args(["--secret-file", "-"]);
        for signed in [run(&mut from_file, b""), run(&mut from_stdin, file.as_bytes())] {
            assert_eq!(signed.text(0), signature(&home, secret), "{file:?}");
            assert!(signed.stderr.contains(says), "{file:?}: {}", signed.stderr);
        }
    }
    let mut spaced = home.ckwh(&SIGN);
    spaced.args(["--secret", "spaced\t"]);
    assert!(run(&mut spaced, b"").stderr.contains("white space"));
}

#[test]
fn a_secret_that_is_none_says_where_it_was_looked_for() {
    let home = Home::new();
    home.write("body", "{}");
    home.write("empty", "");
    home.write("line", "\n");
    home.write("long", "x".repeat(65 * 1024));
    for (args, status, says) in [
        (&[][..], 2, "WEBHOOK_SECRET"),
        (&["--secret-file", "nowhere"], 3, "nowhere"),
        (&["--secret-file", "empty"], 2, "is empty"),
        (&["--secret-file", "line"], 2, "is empty"),
        (&["--secret-file", "."], 2, "directory"),
        (&["--secret-file", "long"], 2, "too long"),
        (&["--secret-env", "NOT_SET"], 2, "NOT_SET is not set"),
        (&["--secret", ""], 2, "is empty"),
    ] {
        let mut command = home.ckwh(&SIGN);
        command.args(args);
        let signed = run(&mut command, b"");
        assert!(signed.error(status).contains(says), "{args:?}: {}", signed.stderr);
    }
    let mut command = home.ckwh(&SIGN);
    command.env("WEBHOOK_SECRET", "");
    assert!(run(&mut command, b"").error(2).contains("WEBHOOK_SECRET is empty"));
}

/// Looked for in all that is printed, as it is, in hex and in base64.
const HIDDEN: [&str; 3] = [
    "Zq9-never-to-be-seen",
    "5a71392d6e657665722d746f2d62652d7365656e",
    "WnE5LW5ldmVyLXRvLWJlLXNlZW4",
];

#[test]
fn no_output_of_any_command_holds_the_secret() {
    let receiver = Receiver::start(|seen| status(if seen.target.ends_with("no") { 401 } else { 200 }));
    let (yes, no) = (
        format!("{}/yes", receiver.address()),
        format!("{}/no", receiver.address()),
    );
    let commands: &[&[&str]] = &[
        &["send", "cost.alert"],
        &["send", "cost.alert", "--count", "3"],
        &["send", "cost.alert", "--to", &yes],
        &["send", "cost.alert", "--to", &no],
        &["send", "cost.alert", "--to", "127.0.0.1:1"],
        &["send", "cost.alert", "--to", "nowhere.invalid:1"],
        &["send", "cost.alert", "--to", &yes, "--break", "secret"],
        &["send", "cost.alert", "--to", &yes, "--break", "signature"],
        &["send", "cost.alert", "--dry-run"],
        &["send", "cost.alert", "--dry-run", "--print", "http"],
        &["send", "cost.alert", "--dry-run", "--print", "curl"],
        &["send", "cost.alert", "--dry-run", "--print", "json"],
        &["send", "cost.alert", "--dry-run", "--dialect", "nothing"],
        &["send", "nothing.at_all"],
        &["send", "cost.alert", "--set", "nothing=1"],
        &["send", "cost.alert", "--no-such-flag"],
        &["sign", "body", "--provider", "costkatana"],
        &["sign", "body", "--provider", "costkatana", "--print", "value"],
        &["sign", "body", "--provider", "costkatana", "--print", "curl"],
        &["sign", "body", "--provider", "costkatana", "--print", "json"],
        &["sign", "body", "--provider", "base64"],
        &["sign", "cost.alert"],
        &["verify", "request"],
        &["verify", "request", "--tolerance", "0"],
        &["verify", "body", "--provider", "costkatana"],
        &["verify", "body", "--provider", "base64", "-H", "X-Mine: AA=="],
        &["events"],
        &["events", "cost.alert"],
        &["providers"],
        &["providers", "show", "costkatana"],
        &["providers", "test", "quotawatch"],
        &["completions", "bash"],
        &["man", "send"],
        &["send", "--help"],
        &["help", "exit-codes"],
    ];
    let home = Home::new();
    home.write("body", "{}");
    let table = crate::providers::TABLE.replace("encoding = \"hex\"", "encoding = \"base64\"\nkey = [\"base64\"]");
    home.write(".ckwh/providers/base64/provider.toml", table);
    let dry = home.run(&["send", "cost.alert", "--dry-run"]);
    home.write("request", &dry.stdout);
    home.write("secret", HIDDEN[0]);
    home.write(".env", format!("DOT_ENV={}", HIDDEN[0]));
    type Source = fn(&mut Command);
    let sources: [Source; 4] = [
        |command| {
            command.args(["--secret", HIDDEN[0]]);
        },
        |command| {
            command.args(["--secret-file", "secret"]);
        },
        |command| {
            command.env("CKWH_SECRET", HIDDEN[0]);
        },
        |command| {
            command.env("WEBHOOK_SECRET", HIDDEN[0]);
        },
    ];
    for args in commands {
        for more in [&[][..], &["--json"], &["--color", "always"]] {
            for source in sources {
                let mut command = home.ckwh(&[args, more].concat());
                source(&mut command);
                let shown = run(&mut command, b"");
                let stdout = String::from_utf8_lossy(&shown.stdout);
                for hidden in HIDDEN {
                    assert!(
                        !stdout.contains(hidden) && !shown.stderr.contains(hidden),
                        "{args:?} {more:?}"
                    );
                }
            }
        }
    }
    for seen in receiver.seen() {
        assert!(!format!("{seen:?}").contains(HIDDEN[0]));
    }
}

#[test]
fn a_refusal_tells_which_secret_it_was_and_not_what_it_is() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(401));
    let to = receiver.address();
    let fingerprint = |secret: &str| {
        let mut command = home.ckwh(&["send", "cost.alert", "--to", &to]);
        command.env("WEBHOOK_SECRET", secret);
        let sent = run(&mut command, b"");
        sent.text(1);
        let (_, rest) = sent
            .stderr
            .split_once("signed with WEBHOOK_SECRET (fingerprint ")
            .unwrap();
        rest[..8].to_owned()
    };
    assert_eq!(fingerprint("one"), fingerprint("one"));
    assert_ne!(fingerprint("one"), fingerprint("one "));
}
