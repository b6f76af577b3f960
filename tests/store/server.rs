//! What only a server can do: refuse, be away, and be found by its URL.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use ckwh::store::{Location, wait};

use super::support::{Home, run};
use super::{postgres, shared, text};

/// A schema of its own.
fn schema() -> String {
    format!("s{:x}", fastrand::u64(..))
}

/// `ckwh` with the server's URL, and no password.
fn ckwh(home: &Home, args: &[&str], url: &str) -> Command {
    let mut command = home.ckwh(args);
    command.env("CKWH_STORE", url);
    command
}

#[test]
fn a_store_is_made_looked_at_and_found_by_every_way_to_its_password() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let schema = schema();
    let url = server.url("").into_string().unwrap();
    let with = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--store-schema", &schema]);
        ckwh(&home, &all, &url)
    };
    let none = run(&mut with(&["store", "status"]), b"");
    assert_eq!(none.status, 3, "{none:?}");
    assert!(
        none.stderr.contains("PGPASSWORD") && none.stderr.contains("--store-password-file"),
        "{none:?}"
    );
    let wrong = run(with(&["store"]).env("PGPASSWORD", "wrong-one"), b"");
    assert_eq!(wrong.status, 3, "{wrong:?}");
    assert!(!wrong.stderr.contains("wrong-one"), "{wrong:?}");
    let own = |command: &mut Command| run(command.env("PGPASSWORD", postgres::PASSWORD), b"");
    let empty = own(&mut with(&["store"]));
    assert_eq!(empty.status, 1, "{empty:?}");
    let missing = own(&mut with(&["captures"]));
    assert_eq!(missing.status, 3);
    assert!(missing.stderr.contains("`ckwh store init`"), "{missing:?}");
    let made = own(&mut with(&["store", "init", "--json"]));
    assert_eq!(made.status, 0, "{made:?}");
    let made = String::from_utf8(made.stdout).unwrap();
    assert!(
        made.contains("\"state\":\"ready\"") && !made.contains(postgres::PASSWORD),
        "{made}"
    );
    assert_eq!(own(&mut with(&["store", "init"])).status, 0);
    assert_eq!(own(&mut with(&["store", "migrate"])).status, 0);
    // By the file of passwords, where it is for its owner alone.
    let file = home.work().join("passwords");
    std::fs::write(&file, format!("127.0.0.1:*:ckwh:*:{}\n", postgres::PASSWORD)).unwrap();
    for (mode, status) in [(0o644, 3), (0o600, 0)] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        let found = run(with(&["store"]).env("PGPASSFILE", &file), b"");
        assert_eq!(found.status, status, "{mode:o}: {found:?}");
    }
    std::fs::write(&file, format!("{}\n", postgres::PASSWORD)).unwrap();
    let found = run(
        &mut with(&["captures", "--store-password-file", file.to_str().unwrap()]),
        b"",
    );
    assert_eq!(found.status, 0, "{found:?}");
    // By the user's own settings, and not by a project's.
    let settings = format!("store = \"{}\"\n", server.whole_url(&format!("?schema={schema}")));
    std::fs::write(home.work().join("ckwh.toml"), &settings).unwrap();
    assert_eq!(run(&mut home.ckwh(&["captures"]), b"").status, 2);
    std::fs::remove_file(home.work().join("ckwh.toml")).unwrap();
    let user = home.work().parent().unwrap().join("home/.config/ckwh");
    std::fs::create_dir_all(&user).unwrap();
    std::fs::write(user.join("config.toml"), &settings).unwrap();
    assert!(text(&user.join("config.toml")).contains("postgres://"));
    let found = run(&mut home.ckwh(&["store"]), b"");
    assert_eq!(found.status, 0, "{found:?}");
    assert!(!String::from_utf8(found.stdout).unwrap().contains(postgres::PASSWORD));
}

#[test]
fn what_can_not_be_used_is_a_sentence_and_no_folder_is_made() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    server.sql("ckwh", "ckwh", "CREATE SCHEMA IF NOT EXISTS theirs");
    server.sql("ckwh", "ckwh", "CREATE TABLE IF NOT EXISTS theirs.store (a text)");
    let later = schema();
    let place = |more: &str| server.whole_url(more);
    let database = |name: &str| format!("{}{name}", place("").trim_end_matches("ckwh"));
    let location = Location::parse(&PathBuf::from(place(&format!("?schema={later}")))).unwrap();
    wait(location.init()).unwrap();
    server.sql("ckwh", "ckwh", &format!("UPDATE {later}.store SET version = 99"));
    let latin = "CREATE DATABASE latin OWNER ckwh ENCODING 'SQL_ASCII' TEMPLATE template0";
    server.sql("postgres", "postgres", latin);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (url, status, says) in [
        ("mysql://h/d".to_owned(), 2, "postgres://USER@HOST/DATABASE"),
        ("postgres://h:x/d".to_owned(), 2, "postgres://USER@HOST:PORT/DATABASE"),
        (place("?colour=red"), 2, "colour"),
        (
            format!("postgres://u@127.0.0.1:{nobody}/d"),
            3,
            "is the server running?",
        ),
        (place("?schema=theirs"), 3, "belongs to something else"),
        (place(&format!("?schema={later}")), 3, "update ckwh"),
        (database("nowhere"), 3, "no such database"),
        (database("latin"), 3, "UTF8"),
        (place("?sslmode=verify-full"), 3, "sslrootcert"),
        (
            place("?sslmode=verify-full&sslrootcert=/nowhere.pem"),
            3,
            "/nowhere.pem",
        ),
    ] {
        let told = run(&mut ckwh(&home, &["captures"], &url), b"");
        assert_eq!(told.status, status, "{url}: {told:?}");
        assert!(told.stderr.contains(says), "{url}: {told:?}");
        assert!(!told.stderr.contains(postgres::PASSWORD), "{told:?}");
        assert_eq!(told.stderr.lines().count(), 1, "{url}: {told:?}");
    }
    assert_eq!(std::fs::read_dir(home.work()).unwrap().count(), 0, "no folder is made");
}

#[test]
fn tls_is_verified_with_the_ca_that_is_named_and_off_where_that_is_written() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let schema = schema();
    let ca = server.ca();
    let checked = format!("?schema={schema}&sslmode=verify-full&sslrootcert={}", ca.display());
    for more in [
        &checked,
        &format!("?schema={schema}&sslmode=require"),
        &format!("?schema={schema}&sslmode=disable"),
    ] {
        let made = run(&mut ckwh(&home, &["store", "init"], &server.whole_url(more)), b"");
        assert_eq!(made.status, 0, "{more}: {made:?}");
    }
    let by_tls = |url: &str| {
        let location = Location::parse(&PathBuf::from(url)).unwrap();
        let store = wait(ckwh::store::Store::open(location)).unwrap();
        let count = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
            WHERE s.ssl AND a.application_name = 'tls-test'";
        let count = server.sql("postgres", "ckwh", count);
        drop(store);
        count
    };
    let named = |more: &str| server.whole_url(&format!("{more}&application_name=tls-test"));
    assert_eq!(by_tls(&named(&checked)), "1");
    assert_eq!(by_tls(&named(&format!("?schema={schema}&sslmode=disable"))), "0");
}

#[test]
fn a_reader_reads_and_can_not_write() {
    let Some(server) = shared() else { return };
    let home = Home::new();
    let schema = schema();
    let url = server.whole_url(&format!("?schema={schema}"));
    assert_eq!(run(&mut ckwh(&home, &["store", "init"], &url), b"").status, 0);
    let import = run(
        &mut ckwh(&home, &["captures", "import", "-"], &url),
        b"POST /a HTTP/1.1\r\nHost: h\r\n\r\nbody",
    );
    assert_eq!(import.status, 0, "{import:?}");
    let reader = format!("reader_{schema}");
    for grant in [
        format!("CREATE ROLE {reader} LOGIN PASSWORD '{}'", postgres::PASSWORD),
        format!("GRANT USAGE ON SCHEMA {schema} TO {reader}"),
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}"),
    ] {
        server.sql("postgres", "ckwh", &grant);
    }
    let url = url.replace("ckwh:", &format!("{reader}:"));
    for (args, status) in [
        (&["captures"][..], 0),
        (&["captures", "show", "last"], 0),
        (&["captures", "rm", "last"], 3),
        (&["captures", "import", "-"], 3),
        (&["replay", "last", "--to", "9"], 3),
    ] {
        let done = run(&mut ckwh(&home, args, &url), b"POST /b HTTP/1.1\r\nHost: h\r\n\r\nb");
        assert_eq!(done.status, status, "{args:?}: {done:?}");
        if status == 3 {
            assert!(done.stderr.contains("docs/team.md"), "{args:?}: {done:?}");
        }
    }
}
