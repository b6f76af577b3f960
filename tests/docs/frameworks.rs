//! The handlers of the frameworks' pages, run as they stand there: the right one takes right deliveries and refuses
//! wrong ones; of the wrong one `ckwh` says what it hashed.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::languages::{Language, absent, command};
use super::process::{Handler, free_port};
use super::support::{Home, Run, missing, run};
use super::{blocks, root, theirs};

const SECRET: &str = "for-tests";

/// How the handlers of a page are run.
struct Framework {
    page: &'static str,
    language: Language,
    /// Which of the page's blocks in this language is the right handler; the wrong one is behind it.
    first: usize,
    /// What stands around a handler that its framework would call, with `HANDLER` in its place.
    around: &'static str,
}

const fn row(page: &'static str, language: Language) -> Framework {
    Framework {
        page,
        language,
        first: 0,
        around: "HANDLER",
    }
}

/// Of Next.js, a router's own part alone: the request and the answer are the web's, or Node's, as Next hands them over.
/// (A whole Next.js app is in `tests/receivers`.)
const APP_ROUTER: &str = "HANDLER
import { serve } from '@hono/node-server';
serve({ fetch: POST, port: 3000 });
";
const PAGES_ROUTER: &str = "HANDLER
import http from 'node:http';
const server = http.createServer(async (req, res) => {
  if (typeof config === 'undefined') {
    let text = '';
    for await (const piece of req) text += piece;
    req.body = JSON.parse(text);
    res.status = (code) => { res.statusCode = code; return res; };
  }
  await handler(req, res);
});
server.listen(3000);
";

const FRAMEWORKS: &[Framework] = &[
    row("express", Language::JavaScript),
    row("fastify", Language::JavaScript),
    row("hono", Language::JavaScript),
    Framework {
        around: APP_ROUTER,
        ..row("next", Language::JavaScript)
    },
    Framework {
        first: 2,
        around: PAGES_ROUTER,
        ..row("next", Language::JavaScript)
    },
    row("nest", Language::TypeScript),
    row("flask", Language::Python),
    row("fastapi", Language::Python),
    row("django", Language::Python),
    row("go", Language::Go),
    Framework {
        around: include_str!("around/rails.rb"),
        ..row("rails", Language::Ruby)
    },
    Framework {
        around: include_str!("around/laravel.php"),
        ..row("laravel", Language::Php)
    },
    Framework {
        around: include_str!("around/spring.java"),
        ..row("spring", Language::Java)
    },
];

/// Starts a handler of a page in a folder of its own.
fn start(framework: &Framework, code: &str, folder: &Path) -> (Handler, u16) {
    let port = free_port();
    let code = framework
        .around
        .replace("HANDLER", code)
        .replace("3000", &port.to_string());
    let mut command: Command = command(framework.language, &code, folder, port);
    command.current_dir(folder).env("WEBHOOK_SECRET", SECRET);
    let handler = Handler::start(&mut command, port, &folder.join("log"));
    (handler, port)
}

fn ckwh(home: &Home, args: &[&str], stdin: &[u8]) -> Run {
    run(home.ckwh(args).env("WEBHOOK_SECRET", SECRET), stdin)
}

fn text(run: &Run) -> String {
    format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr)
}

fn takes_what_is_right(framework: &Framework, code: &str) {
    let folder = TempDir::new().unwrap();
    let (_handler, port) = start(framework, code, folder.path());
    let home = Home::new();
    let to = format!("localhost:{port}/webhooks/costkatana");
    for (options, expected) in [
        (&[] as &[&str], "2xx"),
        (&["--dialect", "template"], "2xx"),
        (&["--break", "signature"], "401"),
        (&["--break", "body"], "401"),
        (&["--break", "stale"], "401"),
        (&["--break", "header"], "401"),
    ] {
        let mut args = vec!["send", "cost.alert", "--to", &to, "--expect", expected];
        args.extend(options);
        let sent = ckwh(&home, &args, b"");
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(sent.status, 0, "{}, {options:?}: {}{log}", framework.page, text(&sent));
    }
}

fn is_told_what_it_hashed(framework: &Framework, code: &str) {
    let folder = TempDir::new().unwrap();
    let (_handler, port) = start(framework, code, folder.path());
    let home = Home::new();
    let to = format!("localhost:{port}/webhooks/costkatana");
    let sent = ckwh(
        &home,
        &["send", "cost.alert", "--dialect", "template", "--to", &to],
        b"",
    );
    assert_eq!(sent.status, 1, "{}: {}", framework.page, text(&sent));
    let log = fs::read(folder.path().join("log")).unwrap();
    let explained = text(&ckwh(&home, &["verify", "sent", "--computed", "-"], &log));
    assert!(
        explained.contains("[body.reserialised]"),
        "{}: {explained}",
        framework.page
    );
}

#[test]
fn handlers_are_what_their_pages_say() {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    for framework in FRAMEWORKS {
        if let Some(what) = absent(framework.language) {
            missing(what);
            continue;
        }
        let page = fs::read_to_string(root().join(format!("docs/frameworks/{}.md", framework.page))).unwrap();
        let handlers = blocks(&page, framework.language.mark());
        takes_what_is_right(framework, handlers[framework.first]);
        is_told_what_it_hashed(framework, handlers[framework.first + 1]);
    }
}

/// A page whose handlers are not run says so, and no other does.
#[test]
fn pages_say_whether_their_handlers_are_run() {
    for entry in fs::read_dir(root().join("docs/frameworks")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let says_not = fs::read_to_string(&path)
            .unwrap()
            .contains("not run by the tests of `ckwh`");
        let is_run = FRAMEWORKS.iter().any(|framework| framework.page == name);
        assert_ne!(says_not, is_run, "{name}");
    }
}
