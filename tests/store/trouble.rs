//! A server that can't keep anything for a while: 503 while it lasts, 3 and a sentence at the start, and no more than that.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::support::{Home, Run, missing, run};
use super::team::{PATIENCE, free_port, handler, listen, made, post};
use super::{postgres, shared};

/// Posts until it is kept.
fn kept_again(address: SocketAddr, body: &str) {
    let begun = Instant::now();
    while post(address, body) != Some(200) {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(50));
    }
}

fn refused(told: &Run, says: &str) {
    assert_eq!(told.status, 3, "{says}: {}", told.stderr);
    assert!(told.stderr.contains(says), "{says}: {}", told.stderr);
    assert_eq!(told.stderr.lines().count(), 1, "{}", told.stderr);
    assert!(!told.stderr.contains(postgres::PASSWORD), "{}", told.stderr);
}

#[test]
fn a_full_disk_a_slow_statement_and_no_connection_left_are_503_and_a_sentence() {
    let Some(_) = shared() else { return };
    let server = postgres::Server::start().unwrap();
    let home = Home::new();
    let (schema, url) = made(&home, &server);
    let port = free_port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let _listen = listen(&home, &url, port, &[]);
    let sql = |text: &str| server.sql("postgres", "ckwh", text);
    let ckwh = |args: &[&str]| {
        let stdin = b"POST /b HTTP/1.1\r\nHost: h\r\n\r\nb";
        run(home.ckwh(args).env("CKWH_STORE", &url), stdin)
    };
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'ckwh'";
    kept_again(address, "before");

    // 53100 is disk_full in PostgreSQL's table of error codes.
    sql(&format!(
        "CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    ));
    sql(&format!(
        "CREATE TRIGGER disk BEFORE INSERT ON {schema}.capture FOR EACH ROW EXECUTE FUNCTION {schema}.full()"
    ));
    assert_eq!(post(address, "full"), Some(503));
    refused(&ckwh(&["captures", "import", "-"]), "the server's disk is full");
    sql(&format!("DROP TRIGGER disk ON {schema}.capture"));
    kept_again(address, "room");

    // Somebody holds the tables for longer than a statement may take.
    sql("ALTER ROLE ckwh SET statement_timeout = '300ms'");
    sql(cut);
    let lock = format!("BEGIN; LOCK TABLE {schema}.capture, {schema}.store; SELECT pg_sleep(4)");
    thread::scope(|scope| {
        let holder = scope.spawn(|| sql(&lock));
        let held =
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND granted";
        let begun = Instant::now();
        while sql(held) == "0" {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert_eq!(post(address, "slow"), Some(503));
        refused(&ckwh(&["captures"]), "raise statement_timeout");
        holder.join().unwrap();
    });
    kept_again(address, "quick");
    sql("ALTER ROLE ckwh RESET statement_timeout");

    sql("ALTER ROLE ckwh CONNECTION LIMIT 0");
    sql(cut);
    assert_eq!(post(address, "none left"), Some(503));
    refused(&ckwh(&["captures"]), "no connection left");
    refused(&ckwh(&["listen", "0"]), "no connection left");
    sql("ALTER ROLE ckwh CONNECTION LIMIT -1");
    kept_again(address, "some left");

    let kept = "SELECT string_agg(DISTINCT convert_from(body, 'UTF8'), ',' ORDER BY convert_from(body, 'UTF8'))";
    assert_eq!(
        sql(&format!("{kept} FROM {schema}.capture")),
        "before,quick,room,some left"
    );
}

/// The library that makes a program's clock another.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let mut places = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    places.find(|library| library.is_file())
}

#[test]
fn the_servers_clock_counts_where_a_machines_is_another() {
    let Some(server) = shared() else { return };
    let Some(library) = faketime() else {
        return missing("faketime");
    };
    let home = Home::new();
    let (schema, url) = made(&home, server);
    let sql = |text: &str| server.sql("postgres", "ckwh", text);
    // Not the monotonic clock, which no machine sets.
    let off = |args: &[&str], by: &str| {
        let mut command = home.ckwh(args);
        command.env("CKWH_STORE", &url).env("LD_PRELOAD", &library);
        command.env("FAKETIME", by).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    };
    for (by, says) in [("+90m", "ahead of"), ("-90m", "behind")] {
        let import = run(
            &mut off(&["captures", "import", "-"], by),
            b"POST /b HTTP/1.1\r\nHost: h\r\n\r\nb",
        );
        assert_eq!(import.status, 0, "{}", import.stderr);
        assert!(import.stderr.contains(says), "{}", import.stderr);
        let port = free_port();
        let mut listen = off(&["listen", &port.to_string(), "--exit-after", "1"], by);
        let mut listen = listen.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        kept_again(SocketAddr::from(([127, 0, 0, 1], port)), by);
        assert!(listen.wait().unwrap().success());
        let late = format!(
            "SELECT abs(extract(epoch FROM received_at - clock_timestamp())) < 300 FROM {schema}.capture \
             WHERE convert_from(body, 'UTF8') = '{by}'"
        );
        assert_eq!(sql(&late), "t", "{by}");
    }
    // Leases are the server's too: a worker whose clock is ahead takes nothing from one that lives.
    let arrived = Arc::new(AtomicU64::new(0));
    let count = arrived.clone();
    let target = handler(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(400));
        200
    });
    let target = target.to_string();
    let replay = |how: &[&str], by: &str| {
        let mut replay = off(&[&["replay", "--keep-signature", "--to", &target], how].concat(), by);
        replay.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut first = replay(&["--all"], "-90m");
    let begun = Instant::now();
    while arrived.load(Ordering::SeqCst) == 0 {
        assert!(begun.elapsed() < PATIENCE);
    }
    let mut second = replay(&["--join"], "+90m");
    assert!(first.wait().unwrap().success() && second.wait().unwrap().success());
    assert_eq!(arrived.load(Ordering::SeqCst), 4);
    assert_eq!(
        sql(&format!("SELECT count(*) FROM {schema}.run_item WHERE lost > 0")),
        "0"
    );
}
