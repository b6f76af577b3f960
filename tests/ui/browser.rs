//! What a person does, in Chromium.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::postgres;
use crate::rounds::is_whole;
use crate::support::{self, Home};
use crate::{SECRET, Served, script};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// Whether there is a browser, and what drives it; installs the latter once.
fn is_there() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        let runs = |program: &str| {
            Command::new(program)
                .arg("--version")
                .output()
                .is_ok_and(|output| output.status.success())
        };
        if !runs("node") || !runs("chromium") {
            support::missing("Node or Chromium");
            return false;
        }
        let installed = Command::new("bash").arg(folder().join("setup.sh")).status();
        let installed = installed.is_ok_and(|status| status.success());
        if !installed {
            support::missing("what tests/ui/setup.sh installs");
        }
        installed
    })
}

fn run(name: &str, served: &Served) {
    script(
        name,
        &[("UI", served.ui()), ("CATCHING", served.catching()), ("SECRET", SECRET)],
    );
}

#[test]
fn a_person_goes_from_an_empty_store_to_a_replay() {
    if is_there() {
        run("tasks.mjs", &Served::listen(&Home::new(), &[]));
    }
}

#[test]
fn what_a_sender_controls_stays_text() {
    if is_there() {
        run("hostile.mjs", &Served::listen(&Home::new(), &[]));
    }
}

#[test]
fn pages_of_others_reach_nothing() {
    if is_there() {
        run("others.mjs", &Served::listen(&Home::new(), &[]));
    }
}

#[test]
fn it_is_fit_for_keyboard_screen_reader_and_narrow_screens() {
    if is_there() {
        run("access.mjs", &Served::listen(&Home::new(), &[]));
    }
}

#[test]
fn a_replay_is_stopped_and_goes_on_and_another_machine_is_asked_about() {
    if is_there() {
        run("runs.mjs", &Served::listen(&Home::new(), &[]));
    }
}

/// A store of its own on a server; `None` where PostgreSQL is not installed, which is said.
fn on_server() -> Option<(postgres::Server, String)> {
    let Some(server) = postgres::Server::start() else {
        support::missing("PostgreSQL");
        return None;
    };
    let url = server.whole_url("");
    let made = support::run(&mut Home::new().ckwh(&["store", "init", "--store", &url]), b"");
    assert_eq!(made.status, 0, "{}", made.stderr);
    Some((server, url))
}

#[test]
fn all_of_it_stands_on_postgresql_alike() {
    if !is_there() {
        return;
    }
    for name in ["tasks.mjs", "runs.mjs"] {
        let Some((_server, url)) = on_server() else { return };
        run(name, &Served::listen(&Home::new(), &["--store", &url]));
    }
}

#[test]
fn many_captures_scroll_and_many_arrivals_do_not_stall() {
    if !is_there() {
        return;
    }
    let (count, rate) = if is_whole() { (100_000, "500") } else { (20_000, "200") };
    let home = Home::new();
    let line = r#"{"type":"request","method":"POST","target":"/many","headers":[["X-GitHub-Event","push"]],"body":"{\"n\":1}"}"#;
    crate::import(&home, &format!("{line}\n").repeat(count));
    let served = Served::listen(&home, &[]);
    script(
        "many.mjs",
        &[("UI", served.ui()), ("CATCHING", served.catching()), ("RATE", rate)],
    );
}
