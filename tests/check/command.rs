//! The command: what it says, writes and refuses.

use std::fs;
use std::thread;

use serde_json::Value;
use tiny_http::{Header, Response, Server};

use crate::receiver::SECRET;
use crate::support::{Home, Run, run};

/// A handler that answers everything so, and where it is.
fn answering(status: u16, header: Option<&'static str>, body: &'static str) -> String {
    let server = Server::http("127.0.0.1:0").unwrap();
    let address = server.server_addr().to_ip().unwrap();
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let mut response = Response::from_string(body).with_status_code(status);
            if let Some(header) = header {
                response.add_header(header.parse::<Header>().unwrap());
            }
            let _ = request.respond(response);
        }
    });
    format!("127.0.0.1:{}/hook", address.port())
}

fn check(home: &Home, args: &[&str]) -> Run {
    let all = [&["check", "--provider", "costkatana"], args].concat();
    run(home.ckwh(&all).env("CKWH_SECRET", SECRET), b"")
}

fn text(run: &Run) -> String {
    format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr)
}

fn items(run: &Run) -> Vec<Value> {
    let lines = run.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[test]
fn a_handler_that_verifies_nothing_is_one_finding() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let checked = check(&home, &["--to", &to]);
    let told = text(&checked);
    assert_eq!(checked.status, 1, "{told}");
    assert_eq!(told.matches("The handler verifies nothing").count(), 1, "{told}");
    assert!(told.contains("unseen") && told.contains("--observe"), "{told}");
    assert!(
        told.lines()
            .all(|line| line.chars().count() <= 80 || line.contains("refuses/")),
        "{told}"
    );
    assert!(!told.contains(SECRET), "{told}");
}

#[test]
fn a_right_delivery_that_is_refused_is_one_diagnosis() {
    let home = Home::new();
    for (to, said) in [
        (answering(401, None, "Invalid signature"), "fingerprint"),
        (answering(404, None, "Not found"), "--to"),
        (answering(307, Some("Location: /elsewhere"), ""), "/elsewhere"),
        (answering(500, None, "boom"), "boom"),
    ] {
        let checked = check(&home, &["--to", &to]);
        let told = text(&checked);
        assert_eq!(checked.status, 1, "{told}");
        assert!(told.contains(said) && !told.contains("refuses/"), "{told}");
    }
    let checked = check(&home, &["--to", "127.0.0.1:1"]);
    assert_eq!(checked.status, 3, "{}", text(&checked));
}

#[test]
fn a_check_goes_no_further_than_private_networks_unasked() {
    let home = Home::new();
    for to in ["https://example.test/hook", "8.8.8.8:80", "example.test"] {
        let checked = check(&home, &["--to", to]);
        assert_eq!(checked.status, 2, "{}", text(&checked));
        assert!(checked.stderr.contains("--yes"), "{}", checked.stderr);
    }
}

#[test]
fn cases_are_chosen_and_listed() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let listed = text(&check(&home, &["--list"]));
    assert!(
        listed.lines().count() > 50 && listed.contains("refuses/unsigned"),
        "{listed}"
    );
    let one = items(&check(&home, &["--to", &to, "--json", "--case", "refuses/unsigned"]));
    assert_eq!((one.len(), &one[0]["name"]), (2, &Value::from("unsigned")));
    let shown = text(&check(&home, &["--to", &to, "--case", "refuses/unsigned"]));
    assert!(shown.contains("\ncurl --globoff"), "{shown}");
    let rest = items(&check(
        &home,
        &["--to", &to, "--json", "--only", "refuses", "--skip", "un*"],
    ));
    assert!(rest.iter().all(|item| item["name"] != "unsigned"));
    let wrong = check(&home, &["--to", &to, "--only", "nothing"]);
    assert_eq!(wrong.status, 2, "{}", text(&wrong));
}

#[test]
fn known_failures_pass_and_new_ones_do_not() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let all = check(&home, &["--to", &to, "--json"]);
    let baseline = home.work().join("baseline.jsonl");
    fs::write(&baseline, &all.stdout).unwrap();
    let again = check(&home, &["--to", &to, "--baseline", "baseline.jsonl"]);
    assert_eq!(again.status, 0, "{}", text(&again));
    let lines = String::from_utf8(all.stdout).unwrap();
    let fewer: Vec<&str> = lines
        .lines()
        .filter(|line| !line.contains("\"other-secret\""))
        .collect();
    fs::write(&baseline, fewer.join("\n")).unwrap();
    let again = check(&home, &["--to", &to, "--baseline", "baseline.jsonl"]);
    assert_eq!(again.status, 1, "{}", text(&again));
    fs::write(&baseline, "no JSON").unwrap();
    assert_eq!(check(&home, &["--to", &to, "--baseline", "baseline.jsonl"]).status, 2);
}

#[test]
fn a_warning_fails_where_that_is_asked() {
    let (home, to) = (Home::new(), answering(200, Some("Server: thing/1.2.3"), "ok"));
    let warned = ["--to", &to, "--only", "accepts/right,private"];
    assert_eq!(check(&home, &warned).status, 0);
    assert_eq!(check(&home, &[&warned[..], &["--strict"]].concat()).status, 1);
}

#[test]
fn reports_are_written_for_ci_and_for_people() {
    let (home, to) = (Home::new(), answering(200, None, "<script>alert(1)</script>"));
    let summary = home.work().join("summary.md");
    let args = [
        "check",
        "--provider",
        "costkatana",
        "--to",
        &to,
        "--report",
        "junit=check.xml",
        "--report",
        "github",
        "--html",
        "check.html",
    ];
    let mut command = home.ckwh(&args);
    command.env("CKWH_SECRET", SECRET).env("GITHUB_STEP_SUMMARY", &summary);
    let checked = run(&mut command, b"");
    assert!(
        text(&checked).contains("::error title=The handler verifies nothing%2C or answers 2xx whatever it finds::"),
        "{}",
        text(&checked)
    );
    let summary = fs::read_to_string(summary).unwrap();
    assert!(
        summary.contains("| ✗ | The handler verifies nothing, or answers 2xx whatever it finds |"),
        "{summary}"
    );
    let xml = fs::read_to_string(home.work().join("check.xml")).unwrap();
    assert!(
        xml.contains("<testcase classname=\"refuses\" name=\"unsigned\"") && xml.contains("<failure"),
        "{xml}"
    );
    let page = fs::read_to_string(home.work().join("check.html")).unwrap();
    assert!(
        page.contains("The handler verifies nothing") && !page.contains("<script"),
        "{page}"
    );
}

#[test]
fn users_add_cases_of_their_own() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let own = r#"
[[case]]
name = "budget"
family = "accepts"
sends = "a budget that is exceeded"
event = "budget.exceeded"
headers = { "X-Team" = "billing" }
why = "We act on it."
remedy = "ours"

[remedy.ours]
says = "See the handbook."
"#;
    fs::write(home.work().join("own.toml"), own).unwrap();
    let checked = items(&check(
        &home,
        &["--to", &to, "--json", "--cases", "own.toml", "--only", "budget"],
    ));
    assert_eq!(checked[0]["outcome"], "pass");
    let sent = checked[0]["sent"][0].to_string();
    assert!(sent.contains("X-Team") && sent.contains("budget.exceeded"), "{sent}");
    fs::write(home.work().join("own.toml"), own.replace("event =", "secret =")).unwrap();
    let wrong = check(&home, &["--to", &to, "--cases", "own.toml"]);
    assert_eq!(wrong.status, 2, "{}", text(&wrong));
    assert!(wrong.stderr.contains("line"), "{}", wrong.stderr);
    fs::write(
        home.work().join("own.toml"),
        own.replace("budget.exceeded", "budget.excedeed"),
    )
    .unwrap();
    let wrong = check(&home, &["--to", &to, "--cases", "own.toml"]);
    assert_eq!(wrong.status, 2, "{}", text(&wrong));
    assert!(wrong.stderr.contains("budget.excedeed"), "{}", wrong.stderr);
    // A case that can't be made is passed over with its reason; the others are tried.
    fs::write(
        home.work().join("own.toml"),
        own.replace("event =", "sign = \"second\"\nevent ="),
    )
    .unwrap();
    let checked = items(&check(
        &home,
        &["--to", &to, "--json", "--cases", "own.toml", "--only", "budget,right"],
    ));
    assert_eq!(checked[1]["outcome"], "skipped");
    let reason = checked[1]["reason"].as_str().unwrap();
    assert!(reason.contains("second secret"), "{reason}");
}

#[test]
fn requests_are_counted_and_bounded_and_their_ids_are_marked() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let checked = items(&check(&home, &["--to", &to, "--json", "--max-requests", "30"]));
    let (summary, cases) = checked.split_last().unwrap();
    assert!(summary["requests"].as_u64().unwrap() <= 30, "{summary}");
    assert!(
        cases
            .iter()
            .any(|case| case["reason"].as_str().unwrap().contains("no more are allowed"))
    );
    assert!(
        cases[0]["sent"][0]["body"]
            .as_str()
            .unwrap()
            .contains(ckwh::check::MARK)
    );
}

#[test]
fn a_program_that_looks_at_effects_gets_no_secret_and_no_shell() {
    let (home, to) = (Home::new(), answering(200, None, "ok"));
    let script = home.work().join("look.sh");
    fs::write(
        &script,
        "printf '%s\\n' \"$CKWH_SECRET|$STRIPE_WEBHOOK_SECRET|$1\" >> seen; wc -l < seen\n",
    )
    .unwrap();
    let args = [
        "check",
        "--provider",
        "costkatana",
        "--to",
        &to,
        "--only",
        "accepts/right",
        "--observe",
        "sh look.sh '$(id) {id}'",
    ];
    let mut command = home.ckwh(&args);
    command
        .env("CKWH_SECRET", SECRET)
        .env("STRIPE_WEBHOOK_SECRET", "another one")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let checked = run(&mut command, b"");
    let seen = fs::read_to_string(home.work().join("seen")).unwrap();
    assert!(
        seen.lines().all(|line| line.starts_with("||$(id) ")),
        "{seen}{}",
        text(&checked)
    );
    assert!(seen.contains(ckwh::check::MARK), "{seen}");
    // What it prints is another each time.
    assert_eq!(checked.status, 3, "{}", text(&checked));
}
