//! What `send` sent and got back.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use super::servers::{each, recorder, request};
use super::support::{Home, run};
use super::{PATIENCE, SECRET};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nSet-Cookie: a=t0ken\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

#[test]
fn what_was_sent_is_verified_shown_and_sent_again() {
    let home = Home::new();
    let (address, seen) = recorder(OK);
    let to = address.to_string();
    let none = home.run(&["verify", "sent"]);
    assert!(
        none.status == 3 && none.stderr.contains("nothing that was sent is kept"),
        "{}",
        none.text()
    );
    for (event, more) in [
        ("cost.alert", &["-H", "X-Api-Key: t0ken"][..]),
        ("quota.threshold_reached", &[]),
        ("cost.alert", &["--break", "signature"]),
    ] {
        let sent = home.run(&[&["send", event, "--to", &to][..], more].concat());
        assert_eq!(sent.status, 0, "{}", sent.text());
    }
    let received: Vec<Vec<u8>> = (0..3).map(|_| seen.recv_timeout(PATIENCE).unwrap()).collect();

    let shown = home.run(&["captures", "show", "sent:1", "--json"]);
    let first = &shown.lines()[0];
    let request = String::from_utf8(received[0].clone()).unwrap();
    assert!(request.ends_with(first["body"].as_str().unwrap()));
    assert_eq!(first["send"]["response"]["status"], 200);
    assert_eq!(first["send"]["response"]["body"], "ok");
    assert_eq!(first["verdict"]["provider"], "costkatana");
    assert!(
        request.contains("X-Api-Key: t0ken") && !shown.text().contains("t0ken"),
        "{}",
        shown.text()
    );
    assert!(
        home.run(&["captures", "show", "sent:1", "--with-credentials"])
            .text()
            .contains("a=t0ken")
    );
    let raw = home.run(&["captures", "show", "sent:2", "--raw", "--output", "-"]);
    assert!(received[1].ends_with(&raw.stdout) && !raw.stdout.is_empty());

    assert_eq!(home.run(&["verify", "sent:1"]).status, 0);
    assert_eq!(home.run(&["verify", "sent:2"]).status, 0);
    let broken = home.run(&["verify", "sent"]);
    assert!(
        broken.status == 1 && broken.text().contains("costkatana"),
        "{}",
        broken.text()
    );
    for name in ["sent:4", "sent:x", "sent:0"] {
        assert_eq!(home.run(&["verify", name]).status, 2, "{name}");
    }

    let replayed = home.run(&["replay", "sent:2", "--to", &to]);
    assert_eq!(replayed.status, 0, "{}", replayed.text());
    let again = seen.recv_timeout(PATIENCE).unwrap();
    assert!(again.ends_with(&raw.stdout));
    let replayed = home.run(&["replay", "sent", "sent:1", "--keep-signature", "--to", &to]);
    assert_eq!(replayed.status, 0, "{}", replayed.text());
    assert!(home.run(&["replay", "sent", "3", "--to", &to]).status == 2);

    let file = home.work().join("../home/.local/share/ckwh/sent.jsonl");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&file).unwrap();
    for more in [&["--no-keep"][..], &["--dry-run"]] {
        home.run(&[&["send", "cost.alert", "--to", &to][..], more].concat());
    }
    home.run(&["send", "cost.alert"]);
    assert_eq!(fs::read(&file).unwrap(), before);
    home.run(&["send", "cost.alert", "--to", &to, "--count", "5"]);
    let kept = home.run(&["captures", "show", "sent", "--json"]);
    assert_eq!(kept.lines()[0]["id"], 4, "several are one");
}

/// Whoever shares a store shares no secret of a sender's.
#[test]
fn the_store_of_others_holds_none_of_it() {
    let home = Home::new();
    let (address, _seen) = recorder(OK);
    let mut command = home.signing(&["send", "cost.alert", "--to", &address.to_string()]);
    let sent = run(command.env("CKWH_STORE", home.work().join("shared.db")), b"");
    assert_eq!(sent.status, 0);
    assert!(!home.work().join("shared.db").exists());
    assert_eq!(home.run(&["verify", "sent"]).status, 0);
}

#[test]
fn a_home_that_can_t_be_written_is_no_matter() {
    let home = Home::new();
    let (address, _seen) = recorder(OK);
    // Also for root, whom no mode keeps out.
    fs::remove_dir(home.work().join("../home")).unwrap();
    home.write("../home", "a file");
    let sent = home.run(&["send", "cost.alert", "--to", &address.to_string()]);
    assert_eq!(sent.status, 0, "{}", sent.text());
    assert!(
        !sent.stderr.contains("sent.jsonl") && !sent.stderr.contains("kept"),
        "{}",
        sent.stderr
    );
}

#[test]
fn a_refusal_names_the_short_way_to_its_reason() {
    let home = Home::new();
    let (address, _seen) =
        recorder(&b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"[..]);
    let sent = home.run(&["send", "cost.alert", "--to", &address.to_string()]);
    assert_eq!(sent.status, 1);
    assert!(sent.stderr.contains("ckwh verify sent --computed -"), "{}", sent.stderr);
    let computed = "ab".repeat(32);
    let verified = home.run(&["verify", "sent", "--computed", &computed]);
    assert!(
        verified.status == 1 && verified.text().contains("cause"),
        "{}",
        verified.text()
    );
}

/// A receiver that says the secret back is not quoted.
#[test]
fn no_secret_is_kept_of_an_answer() {
    let home = Home::new();
    let to = each(|mut stream| {
        request(&mut stream);
        let body = format!("secret: {SECRET} {}", hex::encode(SECRET));
        let head = format!(
            "HTTP/1.1 200 OK\r\nX-Secret: {SECRET}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all((head + &body).as_bytes());
    });
    home.run(&["send", "cost.alert", "--to", &to.to_string()]);
    let file = fs::read_to_string(home.work().join("../home/.local/share/ckwh/sent.jsonl")).unwrap();
    assert!(file.contains("secret: [masked] [masked]"), "{file}");
    assert!(!file.contains(SECRET) && !file.contains(&hex::encode(SECRET)), "{file}");
}

/// Half of the runs keep and half do not: the medians say what that costs.
#[test]
fn keeping_takes_little() {
    let home = Home::new();
    let (address, _seen) = recorder(OK);
    let to = address.to_string();
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..60 {
        let more: &[&str] = if turn % 2 == 0 { &[] } else { &["--no-keep"] };
        let begun = Instant::now();
        home.run(&[&["send", "cost.alert", "--to", &to][..], more].concat());
        times[turn % 2].push(begun.elapsed());
    }
    let [kept, not] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    println!("with {kept:?}, without {not:?}");
    // On a machine that is full a process takes longer by more than that from one run to the next.
    assert!(kept < not * 2, "{kept:?} and {not:?}");
}
