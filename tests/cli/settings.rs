//! Settings files, and how far each is trusted.

use std::fs;

use super::support::{Home, missing, run};
use crate::receiver::{Receiver, status};
use crate::{SECRET, header};

const USER: &str = "../home/.config/ckwh/config.toml";
const DRY: [&str; 4] = ["send", "cost.alert", "--dry-run", "--json"];

#[test]
fn a_flag_counts_more_than_a_variable_than_the_project_than_the_user() {
    let home = Home::new();
    let url = |command: &mut std::process::Command| {
        command.env("WEBHOOK_SECRET", SECRET);
        run(command, b"").line(0)["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(url(&mut home.ckwh(&DRY)), "http://localhost/webhooks/costkatana");
    home.write(USER, "to = \"user:1/\"");
    assert_eq!(url(&mut home.ckwh(&DRY)), "http://user:1/");
    home.write("ckwh.toml", "to = \"project.localhost:1/\"");
    assert_eq!(url(&mut home.ckwh(&DRY)), "http://project.localhost:1/");
    assert_eq!(url(home.ckwh(&DRY).env("CKWH_TO", "variable:1/")), "http://variable:1/");
    assert_eq!(
        url(home.ckwh(&DRY).env("CKWH_TO", "variable:1/").args(["--to", "flag:1/"])),
        "http://flag:1/"
    );
}

#[test]
fn every_setting_does_what_its_flag_does() {
    let home = Home::new();
    home.write("body", "{}");
    let verify = |setting: &str, flag: &[&str]| {
        let request = home.run(&[&DRY[..], &["--timestamp", "2020-01-01T00:00:00Z", "--id", "1"]].concat());
        home.write("request", request.stdout);
        home.write(USER, setting);
        home.run(&[&["verify", "request", "--json"][..], flag].concat()).status
    };
    assert_eq!(
        (
            verify("", &[]),
            verify("tolerance = \"0\"", &[]),
            verify("", &["--tolerance", "0"])
        ),
        (1, 0, 0)
    );
    home.write(USER, "provider = \"costkatana\"\ndialect = \"current\"");
    assert!(home.run(&["sign", "body"]).text(0).contains("X-Webhook-Signature"));
    assert!(
        home.run(&["sign", "body", "--dialect", "examples"])
            .text(0)
            .contains("t=")
    );
    let variable = home
        .ckwh(&["sign", "body"])
        .env("CKWH_DIALECT", "examples")
        .env("WEBHOOK_SECRET", SECRET)
        .output();
    assert!(String::from_utf8(variable.unwrap().stdout).unwrap().contains("t="));
    home.write(USER, "provider = \"quotawatch\"");
    let variable = home
        .ckwh(&["sign", "body"])
        .env("CKWH_PROVIDER", "costkatana")
        .env("WEBHOOK_SECRET", SECRET)
        .output();
    assert!(
        String::from_utf8(variable.unwrap().stdout)
            .unwrap()
            .contains("X-CostKatana")
    );
}

#[test]
fn the_project_is_looked_for_up_to_the_repositorys_root_and_no_further() {
    let home = Home::new();
    let url = |folder: &str| {
        let mut command = home.ckwh(&DRY);
        command
            .current_dir(home.work().join(folder))
            .env("WEBHOOK_SECRET", SECRET);
        run(&mut command, b"").line(0)["url"].as_str().unwrap().to_owned()
    };
    fs::create_dir_all(home.work().join("repo/a/b")).unwrap();
    home.write("ckwh.toml", "to = \"outside.localhost:1/\"");
    assert_eq!(
        url("repo/a/b"),
        "http://localhost/webhooks/costkatana",
        "outside a repository only here"
    );
    fs::create_dir(home.work().join("repo/.git")).unwrap();
    assert_eq!(url("repo/a/b"), "http://localhost/webhooks/costkatana");
    home.write("repo/ckwh.toml", "to = \"root.localhost:1/\"");
    assert_eq!(url("repo/a/b"), "http://root.localhost:1/");
    home.write("repo/a/ckwh.toml", "to = \"nearer.localhost:1/\"");
    assert_eq!(url("repo/a/b"), "http://nearer.localhost:1/");
}

#[test]
fn a_project_may_not_set_what_would_give_it_power() {
    let home = Home::new();
    for (setting, says) in [
        ("insecure = true", "can't set `insecure`"),
        ("trust = [\"costkatana\"]", "can't set `trust`"),
        ("secret_file = \"/etc/hostname\"", "can't set `secret_file`"),
        ("secret_env = \"HOME\"", "can't name HOME"),
        (
            "secret_env = \"QUOTAWATCH_WEBHOOK_SECRET\"",
            "can't name QUOTAWATCH_WEBHOOK_SECRET",
        ),
    ] {
        home.write("ckwh.toml", setting);
        let refused = home.run(&DRY);
        assert!(refused.error(2).contains(says), "{setting}: {}", refused.stderr);
        assert!(
            refused.stderr.contains("config.toml"),
            "it says where it may stand: {}",
            refused.stderr
        );
    }
    home.write("ckwh.toml", "secret_env = \"WEBHOOK_SECRET\"");
    home.run(&DRY).line(0);
}

#[test]
fn a_projects_provider_can_take_no_secret_but_its_own() {
    let home = Home::new();
    // A cloned project that declares a variable of the user's as its secret, and sends what it signs to itself.
    let table = crate::providers::TABLE.replace("MY_SECRET", "AWS_SECRET_ACCESS_KEY");
    home.write(".ckwh/providers/mine/provider.toml", &table);
    home.write(".ckwh/providers/mine/thing.done.json", "{}");
    home.write(
        "ckwh.toml",
        "secret_env = \"AWS_SECRET_ACCESS_KEY\"\nprovider = \"mine\"",
    );
    let mut command = home.ckwh(&["send", "thing.done", "--dry-run"]);
    command.env("AWS_SECRET_ACCESS_KEY", SECRET);
    let refused = run(&mut command, b"");
    assert!(
        refused.error(2).contains("can't name AWS_SECRET_ACCESS_KEY"),
        "{}",
        refused.stderr
    );
}

/// A project's folder that takes Cost Katana's name, and signs nothing but the method.
fn shadow(home: &Home) {
    let table = crate::providers::TABLE
        .replace("{body}", "{method}")
        .replace("MY_SECRET", "WEBHOOK_SECRET");
    home.write(".ckwh/providers/costkatana/provider.toml", table);
    home.write(".ckwh/providers/costkatana/cost.alert.json", r#"{"shadow":true}"#);
}

#[test]
fn a_provider_that_takes_anothers_name_is_passed_over_until_it_is_trusted() {
    let home = Home::new();
    let request = home.run(&[&DRY[..], &["--print", "http"]].concat()).stdout;
    let request = String::from_utf8(request).unwrap();
    shadow(&home);
    for args in [
        &DRY[..],
        &["sign", "request", "--provider", "costkatana"],
        &["verify", "request"],
        &["providers"],
        &["providers", "show", "costkatana"],
        &["providers", "test", "costkatana"],
        &["events", "cost.alert"],
    ] {
        home.write("request", &request);
        let passed = home.run(args);
        passed.text(0);
        assert!(passed.stderr.contains("is passed over"), "{args:?}: {}", passed.stderr);
        assert!(
            passed.stderr.contains("ckwh trust .ckwh/providers/costkatana"),
            "{args:?}: {}",
            passed.stderr
        );
    }
    let sent = home.run(&DRY);
    assert!(header(&sent.line(0), "X-CostKatana-Signature").is_some());
    home.write(USER, "trust = [\"costkatana\"]");
    assert!(home.run(&DRY).error(2).contains("run `ckwh trust`"));
    home.write(USER, "");
    home.run(&["trust"]).text(0);
    let sent = home.run(&DRY);
    assert_eq!(sent.line(0)["body"], r#"{"shadow":true}"#);
    assert!(sent.stderr.contains("this project's own"), "{}", sent.stderr);
}

#[test]
fn a_new_provider_that_is_passed_over_says_so_at_once() {
    let home = Home::new();
    home.write(".ckwh/providers/mine/provider.toml", crate::providers::TABLE);
    let new = home.run(&["providers", "new", "github", "--from", "mine"]);
    new.text(0);
    assert!(new.stderr.contains("is passed over"), "{}", new.stderr);
    assert!(
        new.stderr.contains("ckwh trust .ckwh/providers/github"),
        "{}",
        new.stderr
    );
    // A copy of the built-in one is the user's own doing.
    let own = Home::new().run(&["providers", "new", "github", "--from", "github"]);
    own.text(0);
    assert!(own.stderr.contains("this project's own"), "{}", own.stderr);
    let free = Home::new().run(&["providers", "new", "mine", "--from", "github"]);
    free.text(0);
    assert!(!free.stderr.contains("passed over"), "{}", free.stderr);
}

#[test]
fn the_users_own_folder_stands_in_for_a_built_in_one() {
    let home = Home::new();
    home.run(&["providers", "new", "costkatana", "--from", "costkatana", "--user"])
        .text(0);
    let providers = home.run(&["providers", "--json"]).lines(0);
    let own = providers
        .iter()
        .find(|provider| provider["provider"] == "costkatana")
        .unwrap();
    assert_eq!(own["origin"], "user");
}

#[cfg(unix)]
#[test]
fn what_belongs_to_another_user_is_passed_over() {
    use std::os::unix::fs::chown;
    let home = Home::new();
    let file = home.write("ckwh.toml", "to = \"evil:1/\"");
    if chown(&file, Some(12345), None).is_err() {
        return missing("root, who alone can give a file away,");
    }
    let sent = home.run(&DRY);
    assert_eq!(sent.line(0)["url"], "http://localhost/webhooks/costkatana");
    assert!(sent.stderr.contains("belongs to another user"), "{}", sent.stderr);
    fs::remove_file(file).unwrap();
    shadow(&home);
    home.run(&["trust"]).text(0);
    chown(home.work().join(".ckwh"), Some(12345), None).unwrap();
    let sent = home.run(&DRY);
    assert!(
        header(&sent.line(0), "X-CostKatana-Signature").is_some(),
        "the built-in one"
    );
    assert!(sent.stderr.contains("belongs to another user"), "{}", sent.stderr);
}

#[test]
fn a_broken_settings_file_says_where_and_what_is_allowed() {
    let home = Home::new();
    for (text, line, says) in [
        ("to = \"x:1\"\nprovidr = \"costkatana\"", 2, "`provider`"),
        ("\n\nto = 3", 3, "string"),
        ("to = ", 1, ""),
    ] {
        for file in ["ckwh.toml", USER] {
            let path = home.write(file, text);
            let refused = home.run(&DRY);
            let place = format!("{}:{line}: ", file.rsplit('/').next().unwrap());
            assert!(
                refused.error(2).contains(&place) && refused.stderr.contains(says),
                "{text:?}: {}",
                refused.stderr
            );
            fs::remove_file(path).unwrap();
        }
    }
    for (setting, says) in [("timeout = \"soon\"", "duration"), ("tolerance = \"5\"", "duration")] {
        home.write(USER, setting);
        let receiver = setting.starts_with("timeout").then(|| Receiver::start(|_| status(200)));
        let args = match &receiver {
            Some(receiver) => vec![
                "send".to_owned(),
                "cost.alert".into(),
                "--to".into(),
                receiver.address(),
            ],
            None => vec!["verify".to_owned(), "-".into()],
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert!(home.run(&args).error(2).contains(says));
        if let Some(receiver) = receiver {
            fs::remove_file(home.work().join(USER)).unwrap();
            home.run(&["send", "cost.alert", "--to", &receiver.address()]).text(0);
        }
    }
}
