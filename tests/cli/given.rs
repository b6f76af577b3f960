//! What a provider signs beside the secret and no request holds: where it comes from, and what is said where it is missing.

use std::process::Command;

use super::support::{Home, Run, run};

/// A webhook of TikTok Shop, by `printf '%s%s' 29a39d "$BODY" | openssl dgst -sha256 -hmac 38abcd4c5d6ef708`.
const BODY: &str = r#"{"type":1,"tts_notification_id":"7327112393057371910","shop_id":"7494049642642441621","timestamp":1644412885,"data":{"order_id":"576486316948490001"}}"#;
const SIGNATURE: &str = "Authorization: d6ec75fa8187f4009c91c264ef7e511b65c1ba60ee39457659f00e444fd2405c";
const SECRET: &str = "38abcd4c5d6ef708";
const KEY: &str = "29a39d";

/// What `ckwh` says of that webhook, and nothing of the key.
fn verify(home: &Home, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = home.ckwh(&["verify", "-", "-H", SIGNATURE, "--json"]);
    command.args(args).env("TIKTOK_SHOP_APP_SECRET", SECRET);
    command.envs(variables.iter().copied());
    let run = run(&mut command, BODY.as_bytes());
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    assert!(!said.contains(KEY), "{said}");
    run
}

#[test]
fn a_value_beside_the_secret_is_typed_or_stands_in_a_variable() {
    let typed = format!("app-key={KEY}");
    let home = Home::new();
    for (variables, args) in [
        (&[][..], &["--given", &typed][..]),
        (&[("TIKTOK_SHOP_APP_KEY", KEY)], &[]),
        (
            &[("TIKTOK_SHOP_APP_KEY", "another")],
            &["--given", "app-key=other", "--given", &typed],
        ),
    ] {
        assert_eq!(verify(&home, variables, args).line(0)["reason"], "valid");
    }
    home.write(
        "mine.env",
        format!("TIKTOK_SHOP_APP_SECRET={SECRET}\nTIKTOK_SHOP_APP_KEY={KEY}\n"),
    );
    assert_eq!(
        verify(&home, &[], &["--provider", "tiktok-shop", "--env-file", "mine.env"]).line(0)["reason"],
        "valid"
    );
    home.write(".env", format!("TIKTOK_SHOP_APP_KEY={KEY}\n"));
    assert_eq!(verify(&home, &[], &[]).line(0)["reason"], "valid");
    let other = verify(&home, &[("TIKTOK_SHOP_APP_KEY", "another")], &[]);
    assert_eq!(other.line(1)["reason"], "mismatch");
}

#[test]
fn a_missing_value_is_asked_for_in_one_sentence() {
    let home = Home::new();
    let sentence = "this scheme signs the application's key, which no request holds: set TIKTOK_SHOP_APP_KEY, or give --given app-key=VALUE";
    let unknown = verify(&home, &[], &[]).line(1);
    assert_eq!(
        (&unknown["reason"], &unknown["detail"]),
        (&"no-secret".into(), &sentence.into())
    );
    home.write("body.json", BODY);
    for args in [
        &["sign", "body.json", "--provider", "tiktok-shop"][..],
        &["send", "tiktok-shop", "ORDER_STATUS_CHANGE", "--dry-run"],
    ] {
        let refused = run(home.ckwh(args).env("TIKTOK_SHOP_APP_SECRET", SECRET), b"");
        assert_eq!(refused.error(2), format!("error: {sentence}"), "{args:?}");
    }
    for (provider, name, says) in [
        ("tiktok-shop", "appkey=1", "--given names app-key"),
        ("github", "app-key=1", "leave --given app-key out"),
    ] {
        let args = [
            "sign",
            "body.json",
            "--provider",
            provider,
            "--secret",
            "a",
            "--given",
            name,
        ];
        assert!(home.run(&args).error(2).contains(says), "{name}");
    }
    let shapeless = home.run(&["sign", "body.json", "--provider", "github", "--given", "app-key"]);
    assert!(shapeless.error(2).contains("NAME=VALUE"), "{shapeless:?}");
}

#[test]
fn what_sends_to_itself_needs_no_value() {
    let home = Home::new();
    let shown = home.run(&["send", "tiktok-shop", "ORDER_STATUS_CHANGE", "--json"]);
    assert_eq!(shown.lines(0).pop().unwrap()["reason"], "valid", "{}", shown.stderr);
}

/// A table that signs what stands in a variable that it names.
const LEAK: &str = r#"version = 1
title = "Leak"
about = "signs a value"
path = "/"
secret_env = ["LEAK_SECRET"]
request = {}
event = { type = "demo.event" }
recognise = { header = { "X-Sig" = "." } }
[given.key]
about = "a key"
env = ["AWS_SECRET_ACCESS_KEY"]
[[signature]]
kind = "sha256"
headers = ["X-Sig"]
item = "{sig}"
encoding = "hex"
content = ["{secret}", "{given:key}", "{body}"]
"#;

#[test]
fn a_project_is_given_nothing_that_it_names() {
    let home = Home::new();
    home.write(".ckwh/providers/leak/provider.toml", LEAK);
    home.write(".ckwh/providers/leak/demo.event.json", "{}");
    home.write(".env", "AWS_SECRET_ACCESS_KEY=in a file\n");
    let sign = |more: &[&str]| {
        let args = [
            &["send", "leak", "demo.event", "--dry-run", "--json", "--secret", "a"],
            more,
        ]
        .concat();
        run(home.ckwh(&args).env("AWS_SECRET_ACCESS_KEY", "a key"), b"")
    };
    let refused = sign(&[]);
    assert!(refused.error(2).contains("--given key=VALUE"), "{refused:?}");
    assert!(
        refused.stderr.contains("ckwh trust .ckwh/providers/leak"),
        "{}",
        refused.stderr
    );
    sign(&["--given", "key=mine"]).text(0);
    let trusted = home.run(&["trust", ".ckwh/providers/leak"]);
    assert!(
        trusted.stderr.contains("AWS_SECRET_ACCESS_KEY") || trusted.text(0).contains("AWS_SECRET_ACCESS_KEY"),
        "{trusted:?}"
    );
    sign(&[]).text(0);
}

/// Whoever chooses the webhook's id chooses whose signatures are valid.
#[test]
fn a_file_that_git_tracks_gives_no_value() {
    let home = Home::new();
    home.write(".env", format!("TIKTOK_SHOP_APP_KEY={KEY}\n"));
    for args in [&["init", "-q"][..], &["add", "-f", ".env"]] {
        assert!(
            Command::new("git")
                .args(args)
                .current_dir(home.work())
                .status()
                .unwrap()
                .success()
        );
    }
    let judged = verify(&home, &[], &[]);
    assert!(judged.stderr.contains("git tracks"), "{}", judged.stderr);
    assert_eq!(judged.line(1)["reason"], "no-secret");
    home.run(&["trust", ".env"]).text(0);
    assert_eq!(verify(&home, &[], &[]).line(0)["reason"], "valid");
}
