//! Signatures that stand elsewhere than in a header, or are over more or less than the body.

use std::fs;

use super::support::Home;

const AT: [&str; 2] = ["--timestamp", "2026-05-08T12:00:00Z"];

/// The provider and dialect, an event, a secret, where it is delivered to, and whether the body is covered.
const ALL: [(&str, &str, &str, &str, &str, bool); 9] = [
    ("adyen", "default", "CAPTURE", "11223344", "localhost:1/hook", false),
    ("mailgun", "default", "delivered", "key-1", "localhost:1/hook", false),
    (
        "mercadopago",
        "default",
        "payment.created",
        "s",
        "localhost:1/hook?type=payment",
        false,
    ),
    (
        "contentful",
        "default",
        "ContentManagement.Entry.publish",
        "s",
        "localhost:1/hook",
        true,
    ),
    ("cloudinary", "sha256", "upload", "s", "localhost:1/hook", true),
    ("hubspot", "v1", "contact.creation", "s", "localhost:1/hook", true),
    (
        "plivo",
        "default",
        "message.received",
        "s",
        "localhost:1/hook?b=2&a=1",
        true,
    ),
    ("plivo", "v2", "message.received", "s", "localhost:1/hook", false),
    (
        "inngest",
        "default",
        "inngest/function.failed",
        "signkey-test-12",
        "localhost:1/hook",
        true,
    ),
];

#[test]
fn what_is_sent_verifies_and_what_is_broken_does_not() {
    let home = Home::new();
    for (provider, dialect, event, secret, to, covers_body) in ALL {
        let of = ["--provider", provider, "--dialect", dialect, "--secret", secret];
        let send = |more: &[&str]| {
            let dry = ["send", event, "--to", to, "--dry-run", "--json"];
            home.run(&[&dry[..], &of, &AT, more].concat())
        };
        let verify = |request: &[u8], status| {
            let args = [
                "verify",
                "-",
                "--json",
                "--effort",
                "low",
                "--at",
                "2026-05-08T12:00:00Z",
            ];
            home.run_with(&[&args[..], &of].concat(), request).line(status)
        };
        let sent = send(&[]);
        assert_eq!(sent.status, 0, "{provider}: {}", sent.stderr);
        let verdict = verify(&sent.stdout, 0);
        let says = verdict["detail"].as_str().unwrap_or_default().contains("not covered");
        assert_eq!(says, !covers_body, "{provider} ({dialect}): {verdict}");
        for fault in ["signature", "secret", "header", "body"] {
            let broken = send(&["--break", fault]);
            if fault == "body" && matches!((provider, dialect), ("mercadopago", _) | ("plivo", "v2")) {
                assert!(broken.error(2).contains("signs nothing of the body"), "{provider}");
                continue;
            }
            assert_eq!(broken.status, 0, "{provider}, {fault}: {}", broken.stderr);
            let verdict = verify(&broken.stdout, 1);
            assert_eq!(verdict["valid"], false, "{provider}, {fault}");
        }
    }
}

#[test]
fn each_item_of_a_list_has_to_be_signed() {
    let home = Home::new();
    let of = ["--provider", "adyen", "--secret", "11223344"];
    let sent = home.run(&[&["send", "CAPTURE", "--dry-run", "--json"][..], &of].concat());
    let text = String::from_utf8(sent.stdout).unwrap();
    let second = |from: &str, to: &str| {
        let at = text.rfind(from).unwrap();
        [&text[..at], to, &text[at + from.len()..]].concat().into_bytes()
    };
    let verify = [&["verify", "-", "--json", "--effort", "low"][..], &of].concat();
    let changed = home
        .run_with(&verify, &second("YourMerchantReference", "AnothersReference"))
        .line(1);
    assert_eq!(changed["reason"], "mismatch");
    let causes = changed["causes"].to_string();
    assert!(!causes.contains("The MAC is right"), "{causes}");
    let bare = home.run_with(&verify, &second("hmacSignature", "other")).line(1);
    assert_eq!(bare["reason"], "malformed-header");
    assert!(bare["detail"].as_str().unwrap().contains("item 2"), "{bare}");
}

#[test]
fn a_table_extends_another_and_what_is_missing_is_named() {
    let home = Home::new();
    let write = |name: &str, table: &str| {
        let folder = home.work().join(".ckwh/providers").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("provider.toml"), table).unwrap();
        fs::write(folder.join("order.paid.json"), r#"{"type":"order.paid"}"#).unwrap();
    };
    write(
        "mine",
        "version = 1\nextends = \"standard-webhooks\"\ntitle = \"Mine\"\nsecret_env = [\"MINE\"]\n",
    );
    home.run(&["providers", "test", "mine"]).text(0);
    write(
        "mine",
        "version = 1\nextends = \"no-such\"\ntitle = \"Mine\"\nsecret_env = [\"MINE\"]\n",
    );
    let refused = home.run(&["providers", "test", "mine"]);
    assert!(refused.error(2).contains("provider.toml:2: `extends`"), "{refused:?}");
    write("mine", "version = 1\ntitle = \"Mine\"\n");
    let refused = home.run(&["providers", "test", "mine"]);
    assert!(
        refused
            .error(2)
            .contains("missing field `about`: a table needs version, title"),
        "{refused:?}"
    );
    write("my_one", "version = 1\n");
    let refused = home.run(&["providers", "test", "my_one"]);
    assert!(refused.error(2).contains("is passed over"), "{refused:?}");
}
