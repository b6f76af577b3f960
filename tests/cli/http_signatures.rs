//! HTTP message signatures on the command line: what is signed, what is shown of it, and what is said.

use crate::support::{Home, Run, run};

const PROVIDER: &str = "generic-rfc9421";

fn ckwh(home: &Home, args: &[&str], stdin: &[u8]) -> Run {
    run(home.ckwh(args).env("WEBHOOK_SECRET", "a secret of the tests"), stdin)
}

/// The request as it would go out.
fn sent(home: &Home, more: &[&str]) -> String {
    let args = ["send", "order.created", "--provider", PROVIDER, "--dry-run"];
    let made = ckwh(home, &[&args[..], more].concat(), b"");
    assert_eq!(made.status, 0, "{}", made.stderr);
    String::from_utf8(made.stdout).unwrap()
}

fn verified(home: &Home, request: &str, more: &[&str]) -> (i32, String) {
    let args = ["verify", "-", "--provider", PROVIDER];
    let verified = ckwh(home, &[&args[..], more].concat(), request.as_bytes());
    (verified.status, String::from_utf8(verified.stdout).unwrap())
}

#[test]
fn the_base_is_shown_where_it_is_asked_for_and_where_it_does_not_match() {
    let home = Home::new();
    let request = sent(&home, &["--to", "https://hooks.example.com/in"]);
    let (status, said) = verified(&home, &request, &[]);
    assert_eq!(status, 0, "{said}");
    assert!(!said.contains("\"@method\": POST"), "{said}");
    let (status, said) = verified(&home, &request, &["-v"]);
    assert_eq!(status, 0, "{said}");
    for line in [
        "base      \"@method\": POST",
        "\"@target-uri\": https://hooks.example.com/in",
        "\"content-type\": application/json",
        "\"@signature-params\": (\"@method\" \"@target-uri\" \"content-type\" \"content-digest\");created=",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let other = request.replace("application/json", "text/plain");
    let (status, said) = verified(&home, &other, &[]);
    assert_eq!(status, 1);
    assert!(said.contains("\"content-type\": text/plain"), "{said}");
    let (_, said) = verified(&home, &other, &["--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(verdict["reason"], "mismatch");
    assert!(
        verdict["signature_base"]
            .as_str()
            .unwrap()
            .starts_with("\"@method\": POST\n"),
        "{verdict}"
    );
}

#[test]
fn every_fault_is_refused_with_its_own_sentence() {
    let home = Home::new();
    for (fault, says) in [
        ("signature", "no other value of a component"),
        ("body", "the signature is right, and the header content-digest says"),
        ("timestamp", "no other value of a component"),
        ("stale", "time.stale"),
        ("secret", "no other value of a component"),
        ("header", "signature.unsigned"),
    ] {
        let request = sent(&home, &["--to", "https://hooks.example.com/in", "--break", fault]);
        let (status, said) = verified(&home, &request, &[]);
        assert_eq!(status, 1, "{fault}: {said}");
        let said = said
            .replace("No other", "no other")
            .replace("The signature", "the signature");
        assert!(said.contains(says), "{fault}: {said}");
    }
}

#[test]
fn a_credential_that_is_covered_is_masked_in_the_base() {
    let home = Home::new();
    let request = sent(&home, &["--to", "https://hooks.example.com/in"]);
    let covered = request
        .replace("\"content-digest\")", "\"content-digest\" \"authorization\")")
        .replacen('\n', "\nAuthorization: Bearer 0123456789abcdef\n", 1);
    let (status, said) = verified(&home, &covered, &[]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("\"authorization\": "), "{said}");
    assert!(!said.contains("0123456789abcdef"), "{said}");
}

#[test]
fn what_the_table_lacks_is_told_with_its_file_and_line() {
    let home = Home::new();
    let folder = home.work().join(".ckwh/providers/mine");
    std::fs::create_dir_all(&folder).unwrap();
    let table = "version = 1\ntitle = \"Mine\"\nabout = \"for a test\"\npath = \"/\"\nsecret_env = [\"MINE\"]\nrequest = {}\nevent = { type = \"any\" }\nrecognise = { header = { \"Signature\" = \".\" } }\n\n[[signature]]\nkind = \"rfc9421\"\nalgorithm = \"ed25519\"\n";
    std::fs::write(folder.join("provider.toml"), table).unwrap();
    let told = run(&mut home.ckwh(&["providers", "mine"]), b"");
    assert_ne!(told.status, 0);
    assert!(
        told.stderr
            .contains("provider.toml:10: `kind = \"rfc9421\"` needs `covers`"),
        "{}",
        told.stderr
    );
}

/// Two signatures of RFC 9421 in one delivery: of each label, by a key of its own.
#[test]
fn two_signatures_are_told_by_their_labels() {
    let home = Home::new();
    let table = |labels: [&str; 2]| {
        format!(
            "version = 1\ntitle = \"Mine\"\nabout = \"for a test\"\npath = \"/\"\nsecret_env = [\"MINE\"]\nrequest = {{}}\nevent = {{ type = \"any\" }}\nrecognise = {{ header = {{ \"Signature\" = \".\" }} }}\n\n[[signature]]\nkind = \"rfc9421\"\nalgorithm = \"hmac-sha256\"\ncovers = [\"@method\", \"content-digest\"]\n{}\n\n[[signature]]\nkind = \"rfc9421\"\nalgorithm = \"ed25519\"\ncovers = [\"@path\", \"content-digest\"]\n{}\n",
            labels[0], labels[1]
        )
    };
    home.write(".ckwh/providers/mine/any.json", "{\"a\":\"b\"}");
    let file = ".ckwh/providers/mine/provider.toml";
    for labels in [["", ""], ["label = \"a\"", ""], ["label = \"a\"", "label = \"a\""]] {
        home.write(file, table(labels));
        let refused = home.run(&["providers", "test", "mine"]);
        assert!(refused.error(2).contains("a `label` of its own"), "{refused:?}");
    }
    home.write(file, table(["label = \"a\"", "label = \"b\""]));
    home.run(&["providers", "test", "mine"]).text(0);
    // RFC 8032, section 7.1, test 1, as PKCS#8.
    let pair = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/keys/ed25519.pem");
    let send = ["send", "any", "--provider", "mine", "--dry-run", "--json"];
    let keys = ["--secret", "one of the tests", "--secret-file", pair];
    let sent = home.run(&[&send[..], &keys].concat());
    assert_eq!(sent.status, 0, "{}", sent.stderr);
    let request = String::from_utf8(sent.stdout).unwrap();
    for part in ["a=(\\\"@method\\\"", ", b=(\\\"@path\\\"", "\"a=:", ":, b=:"] {
        assert!(request.contains(part), "{part}: {request}");
    }
    let verify = ["verify", "-", "--provider", "mine"];
    for key in [&keys[..2], &keys[2..]] {
        home.run_with(&[&verify[..], key].concat(), request.as_bytes()).text(0);
    }
    let changed = request.replace("\\\"b\\\"", "\\\"c\\\"");
    home.run_with(&[&verify[..], &keys].concat(), changed.as_bytes())
        .text(1);
}
