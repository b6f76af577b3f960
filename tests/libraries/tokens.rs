//! Tokens of every algorithm beside those of npm's jose, in both directions; and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{Home, run};
use super::table::table;
use super::{Library, Runtime};

const JOSE: Runtime = Runtime {
    command: &["node", "jose.mjs"],
    verifies: &[],
    signs: &[],
};

const ALGORITHMS: [&str; 13] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
];
const BODY: &str = "{\"a\":1}";

/// The provider of an algorithm, whose tokens are of `kind` with these lines.
fn write_provider(home: &Home, name: &str, lines: &str) {
    let folder = home.work().join(format!(".ckwh/providers/{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("provider.toml"), table(name, "X-Token", lines)).unwrap();
}

/// The token that `ckwh sign` makes of the body.
fn sign(home: &Home, provider: &str, key: &str) -> String {
    let args = [
        "sign",
        "body",
        "--provider",
        provider,
        "--secret-file",
        key,
        "--print",
        "value",
    ];
    let signed = run(&mut home.ckwh(&args), b"");
    assert_eq!(signed.status, 0, "{provider}: {}", signed.stderr);
    String::from_utf8(signed.stdout).unwrap().trim_end().to_owned()
}

fn verify(home: &Home, provider: &str, key: &str, token: &str, status: i32) -> Value {
    let header = format!("X-Token: {token}");
    let args = [
        "verify",
        "body",
        "--provider",
        provider,
        "--secret-file",
        key,
        "--header",
        &header,
        "--json",
    ];
    let verified = run(&mut home.ckwh(&args), b"");
    assert_eq!(
        verified.status,
        status,
        "{provider} {token}: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
    serde_json::from_slice(&verified.stdout).unwrap()
}

/// Keys of `alg` made by jose, in the files `ALG.private` and `ALG.public`, and as text.
fn keys(home: &Home, jose: &mut Library, alg: &str) -> (String, String) {
    let made = jose.ask(&json!({ "do": "key", "alg": alg }));
    let half = |half: &str| made[half].as_str().unwrap().to_owned();
    for name in ["private", "public"] {
        std::fs::write(home.work().join(format!("{alg}.{name}")), half(name)).unwrap();
    }
    (half("private"), half("public"))
}

#[test]
fn jose_takes_every_token_and_makes_tokens_that_verify() {
    let Some(mut jose) = JOSE.start() else { return };
    let home = Home::new();
    std::fs::write(home.work().join("body"), BODY).unwrap();
    let payload = STANDARD.encode(BODY);
    let digest = hex::encode(Sha256::digest(BODY));
    for alg in ALGORITHMS {
        let (private, public) = keys(&home, &mut jose, alg);
        let (own, half) = (format!("{alg}.private"), format!("{alg}.public"));
        let jwt = format!("jwt-{}", alg.to_lowercase());
        let claims = "claims = { iss = \"me\", sha256 = \"{body:sha256-hex}\" }";
        write_provider(&home, &jwt, &format!("kind = \"jwt\"\nalgorithm = \"{alg}\"\n{claims}"));
        let ours = sign(&home, &jwt, &own);
        let answer = jose.ask(&json!({ "do": "verify", "alg": alg, "key": public, "token": ours }));
        assert_eq!(answer["ok"], true, "{alg}: {answer}");
        let claims = json!({ "sha256": digest, "iss": "me", "more": 1 });
        let theirs = jose.ask(&json!({ "do": "sign", "alg": alg, "key": private, "claims": claims }));
        let theirs = theirs["token"].as_str().unwrap();
        assert_eq!(verify(&home, &jwt, &half, theirs, 0)["reason"], "valid", "{alg}");
        let claims = json!({ "sha256": digest, "iss": "another" });
        let other = jose.ask(&json!({ "do": "sign", "alg": alg, "key": private, "claims": claims }));
        let verdict = verify(&home, &jwt, &half, other["token"].as_str().unwrap(), 1);
        assert_eq!(verdict["causes"][0]["kind"], "content.claim", "{alg}: {verdict}");
        for b64 in [true, false] {
            let jws = format!("jws-{}-{b64}", alg.to_lowercase());
            let lines = format!("kind = \"jws\"\nalgorithm = \"{alg}\"\nb64 = {b64}\ncontent = [\"{{body}}\"]");
            write_provider(&home, &jws, &lines);
            let ours = sign(&home, &jws, &own);
            let answer =
                jose.ask(&json!({ "do": "verify", "alg": alg, "key": public, "token": ours, "payload": payload }));
            assert_eq!(answer["ok"], true, "{alg}, b64 {b64}: {answer}");
            let theirs = jose.ask(&json!({ "do": "sign", "alg": alg, "key": private, "payload": payload, "b64": b64 }));
            let theirs = theirs["token"].as_str().unwrap();
            assert_eq!(verify(&home, &jws, &half, theirs, 0)["reason"], "valid", "{alg}");
            let other = STANDARD.encode("{\"a\":2}");
            let other = jose.ask(&json!({ "do": "sign", "alg": alg, "key": private, "payload": other, "b64": b64 }));
            verify(&home, &jws, &half, other["token"].as_str().unwrap(), 1);
        }
    }
}

#[test]
fn a_token_does_not_choose_its_own_algorithm() {
    let Some(mut jose) = JOSE.start() else { return };
    let home = Home::new();
    std::fs::write(home.work().join("body"), BODY).unwrap();
    write_provider(
        &home,
        "rs",
        "kind = \"jwt\"\nalgorithm = \"RS256\"\nclaims = { iss = \"me\" }",
    );
    write_provider(
        &home,
        "hs",
        "kind = \"jwt\"\nalgorithm = \"HS256\"\nclaims = { iss = \"me\" }",
    );
    let (_, public) = keys(&home, &mut jose, "RS256");
    let (secret, _) = keys(&home, &mut jose, "HS256");
    let claims = json!({ "iss": "me" });
    // The public key's text as the secret of an HMAC.
    let confused = jose.ask(&json!({ "do": "sign", "alg": "HS256", "key": public, "claims": claims }));
    let confused = confused["token"].as_str().unwrap().to_owned();
    let verdict = verify(&home, "rs", "RS256.public", &confused, 1);
    assert_eq!(verdict["causes"][0]["kind"], "signature.algorithm", "{verdict}");
    assert!(
        verdict["detail"].as_str().unwrap().contains("with a public key"),
        "{verdict}"
    );
    let verdict = verify(&home, "hs", "RS256.public", &confused, 1);
    assert!(
        verdict["detail"].as_str().unwrap().contains("shared secret"),
        "{verdict}"
    );
    let right = jose.ask(&json!({ "do": "sign", "alg": "HS256", "key": secret, "claims": claims }));
    let right = right["token"].as_str().unwrap().to_owned();
    verify(&home, "hs", "HS256.private", &right, 0);
    let segment = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (_, rest) = right.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    for (header, says) in [
        (json!({ "alg": "none" }), "alg: none"),
        (json!({ "alg": "NonE" }), "which nobody signed"),
        (json!({ "alg": "HS512" }), "HS256 is the only algorithm"),
        (json!({ "typ": "JWT" }), "names no `alg`"),
        (
            json!({ "alg": "HS256", "crit": ["exp"], "exp": 1 }),
            "does not understand its `exp`",
        ),
        (
            json!({ "alg": "HS256", "crit": ["b64"], "b64": false }),
            "does not understand its `b64`",
        ),
        (json!({ "alg": "HS256", "crit": [] }), "no list of names"),
    ] {
        for token in [
            format!("{}.{rest}", segment(header.clone())),
            format!("{}.{payload}.", segment(header.clone())),
        ] {
            let verdict = verify(&home, "hs", "HS256.private", &token, 1);
            assert!(
                verdict["detail"].as_str().unwrap().contains(says),
                "{header}: {verdict}"
            );
        }
    }
    for odd in [
        "a.b",
        "a.b.c.d",
        "..",
        "e30.e30.e30",
        "\u{fffd}.x.y",
        &"x.".repeat(2000),
    ] {
        verify(&home, "hs", "HS256.private", odd, 1);
    }
}

#[test]
fn a_token_is_taken_between_its_times() {
    let Some(mut jose) = JOSE.start() else { return };
    let home = Home::new();
    std::fs::write(home.work().join("body"), BODY).unwrap();
    write_provider(
        &home,
        "timed",
        "kind = \"jwt\"\nalgorithm = \"HS256\"\nclaims = { iss = \"me\" }\nleeway = \"5s\"",
    );
    let (secret, _) = keys(&home, &mut jose, "HS256");
    let claims = json!({ "iss": "me", "nbf": 1_700_000_000, "exp": 1_700_000_060 });
    let token = jose.ask(&json!({ "do": "sign", "alg": "HS256", "key": secret, "claims": claims }));
    let header = format!("X-Token: {}", token["token"].as_str().unwrap());
    for (at, reason) in [
        (1_699_999_990, "future"),
        (1_699_999_996, "valid"),
        (1_700_000_064, "valid"),
        (1_700_000_065, "stale"),
    ] {
        let at = at.to_string();
        let args = [
            "verify",
            "body",
            "--provider",
            "timed",
            "--secret-file",
            "HS256.private",
            "--header",
            &header,
        ];
        let verified = run(&mut home.ckwh(&[&args[..], &["--at", &at, "--json"]].concat()), b"");
        let verdict: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert_eq!(verdict["reason"], reason, "{at}: {verdict}");
    }
}
