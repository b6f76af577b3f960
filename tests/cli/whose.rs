//! Whose a request is that several providers could have sent: the secret that verifies it tells.

use super::support::{Home, run};
use super::table::table;

/// A provider whose requests look like the others', by its key's steps and more of its `recognise`.
fn mine(key: &str, more: &str) -> String {
    let lines = format!(
        "kind = \"hmac-sha256\"\nitem = \"{{sig}}\"\nencoding = \"hex\"\ncontent = [\"{{body}}\"]\nkey = {key}"
    );
    table("Mine", "X-Mine", &lines).replace("recognise = { ", &format!("recognise = {{ {more}"))
}

/// `printf '{}' | openssl dgst -sha256 -hmac secret`
const OF_TEXT: &str = "77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13";
/// `printf '{}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:c0ffee`
const OF_HEX: &str = "be1306added067f3df5eced55ff8bb2d9fb826c54685f08f92cae4ac27b52026";

fn home(one: (&str, &str), other: (&str, &str)) -> Home {
    let home = Home::new();
    for (name, (key, more)) in [("one", one), ("other", other)] {
        let path = format!("../home/.config/ckwh/providers/{name}/provider.toml");
        home.write(&path, mine(key, more));
    }
    home
}

fn verify(home: &Home, signature: &str, secret: &str) -> (i32, serde_json::Value) {
    let header = format!("X-Mine: {signature}");
    let args = ["verify", "-", "--json", "-H", &header, "--secret", secret];
    let run = run(&mut home.ckwh(&args), b"{}");
    (run.status, run.line(run.status))
}

#[test]
fn the_secret_that_verifies_tells_whose_a_request_is() {
    let home = home(("[]", ""), (r#"["hex"]"#, ""));
    for (signature, secret, whose) in [(OF_TEXT, "secret", "one"), (OF_HEX, "c0ffee", "other")] {
        let (status, verdict) = verify(&home, signature, secret);
        assert_eq!((status, &verdict["provider"]), (0, &whose.into()), "{verdict}");
    }
    let (status, verdict) = verify(&home, OF_TEXT, "another");
    assert_eq!((status, &verdict["reason"]), (1, &"unrecognised".into()), "{verdict}");
    let detail = verdict["detail"].as_str().unwrap();
    assert!(detail.contains("one (default) or other (default)"), "{detail}");
}

#[test]
fn of_those_that_sign_alike_the_generic_one_is_named() {
    let alike = home(("[]", ""), ("[]", ""));
    let (status, verdict) = verify(&alike, OF_TEXT, "secret");
    assert_eq!((status, &verdict["reason"]), (1, &"unrecognised".into()), "{verdict}");
    let generic = home(("[]", ""), ("[]", "generic = true, "));
    for (secret, status) in [("secret", 0), ("another", 1)] {
        let (found, verdict) = verify(&generic, OF_TEXT, secret);
        assert_eq!((found, &verdict["provider"]), (status, &"other".into()), "{verdict}");
    }
}
