//! RSA and ECDSA: what `ckwh` signs OpenSSL verifies, and the other way round; and every form that a key has.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::support::{Home, missing, run};
use super::table::table;

/// A kind with the hash and the options by which OpenSSL has it, and what makes a key for it.
const KINDS: [(&str, &str, &[&str], &str); 11] = [
    ("rsa-sha1", "-sha1", &[], "RSA"),
    ("rsa-sha256", "-sha256", &[], "RSA"),
    ("rsa-sha384", "-sha384", &[], "RSA"),
    ("rsa-sha512", "-sha512", &[], "RSA"),
    ("rsa-pss-sha256", "-sha256", &PSS, "RSA"),
    ("rsa-pss-sha512", "-sha512", &PSS, "RSA"),
    ("ecdsa-p256-sha256", "-sha256", &[], "P-256"),
    ("ecdsa-p256-sha1", "-sha1", &[], "P-256"),
    ("ecdsa-p256-sha512", "-sha512", &[], "P-256"),
    ("ecdsa-p384-sha384", "-sha384", &[], "P-384"),
    ("ecdsa-p521-sha512", "-sha512", &[], "P-521"),
];
const PSS: [&str; 4] = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];

/// The provider of a kind: the signature alone, over the body alone.
fn write_provider(home: &Home, kind: &str, more: &str) {
    let lines = format!(
        r#"kind = "{kind}"
item = "{{sig}}"
encoding = "hex"
content = ["{{body}}"]
{more}"#
    );
    let table = table(kind, "X-Signature", &lines);
    home.write(&format!(".ckwh/providers/{kind}/provider.toml"), table);
}

/// Runs OpenSSL where it is there.
fn openssl(home: &Home, args: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(args).current_dir(home.work()).output();
    let Ok(output) = output else {
        missing("openssl");
        return None;
    };
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

/// A key pair and its public half, in files of these names.
pub fn make_keys(home: &Home, of: &str) -> Option<(String, String)> {
    let (private, public) = (format!("{of}.pem"), format!("{of}.pub"));
    let curve = format!("ec_paramgen_curve:{of}");
    let how: [&str; 4] = match of {
        "RSA" => ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        _ => ["-algorithm", "EC", "-pkeyopt", &curve],
    };
    if !home.work().join(&private).exists() {
        openssl(home, &[&["genpkey", "-out", &private], &how[..]].concat())?;
        openssl(home, &["pkey", "-in", &private, "-pubout", "-out", &public])?;
    }
    Some((private, public))
}

fn sign(home: &Home, kind: &str, key: &str) -> String {
    let args = [
        "sign",
        "body",
        "--provider",
        kind,
        "--secret-file",
        key,
        "--print",
        "value",
    ];
    home.run(&args).text(0).trim_end().to_owned()
}

fn verify(home: &Home, kind: &str, key: &str, signature: &str, status: i32) -> String {
    let header = format!("X-Signature: {signature}");
    let args = [
        "verify",
        "body",
        "--provider",
        kind,
        "--secret-file",
        key,
        "--header",
        &header,
        "--effort",
        "low",
    ];
    home.run(&args).text(status).to_owned()
}

#[test]
fn openssl_verifies_what_is_signed_and_signs_what_verifies() {
    let home = Home::new();
    home.write("body", "{\"a\":1}");
    for (kind, hash, options, of) in KINDS {
        write_provider(&home, kind, "");
        let Some((private, public)) = make_keys(&home, of) else {
            return;
        };
        let ours = sign(&home, kind, &private);
        assert_eq!(sign(&home, kind, &private), ours, "the same each time: {kind}");
        home.write("signature", hex::decode(&ours).unwrap());
        let check = ["dgst", hash, "-verify", &public, "-signature", "signature"];
        openssl(&home, &[&check[..], options, &["body"]].concat()).unwrap();
        let make = ["dgst", hash, "-sign", &private];
        let theirs = hex::encode(openssl(&home, &[&make[..], options, &["body"]].concat()).unwrap());
        verify(&home, kind, &public, &theirs, 0);
        verify(&home, kind, &private, &theirs, 0);
        home.write("body", "{\"a\":2}");
        verify(&home, kind, &public, &theirs, 1);
        home.write("body", "{\"a\":1}");
    }
}

#[test]
fn a_key_is_read_in_every_form_that_it_has() {
    let home = Home::new();
    home.write("body", "{}");
    write_provider(&home, "rsa-sha256", "");
    write_provider(&home, "ecdsa-p256-sha256", "");
    let Some((rsa, rsa_public)) = make_keys(&home, "RSA") else {
        return;
    };
    let (ec, ec_public) = make_keys(&home, "P-256").unwrap();
    let by_openssl: [&[&str]; 7] = [
        &["rsa", "-in", &rsa, "-traditional", "-out", "rsa.1"],
        &["rsa", "-in", &rsa, "-outform", "DER", "-out", "rsa.2"],
        &["rsa", "-in", &rsa, "-RSAPublicKey_out", "-out", "rsa.3"],
        &["ec", "-in", &ec, "-out", "ec.1"],
        &["pkey", "-in", &ec, "-outform", "DER", "-out", "ec.2"],
        &["pkey", "-in", &ec, "-pubout", "-outform", "DER", "-out", "ec.3"],
        &[
            "req", "-x509", "-key", &rsa, "-subj", "/CN=test", "-days", "2", "-out", "rsa.4",
        ],
    ];
    for args in by_openssl {
        openssl(&home, args).unwrap();
    }
    let read = |file: &str| fs::read(home.work().join(file)).unwrap();
    let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
    home.write("ec.4", base64(&read("ec.3")));
    // As a variable holds it that lost its line breaks.
    let pem = String::from_utf8(read(&rsa)).unwrap();
    home.write("rsa.5", pem.trim_end().replace('\n', "\\n"));
    home.write("rsa.6", pem.trim_end().replace('\n', " "));
    for (kind, pair, signs, verifies) in [
        (
            "rsa-sha256",
            &rsa,
            &["rsa.1", "rsa.2", "rsa.5", "rsa.6"][..],
            &[&rsa_public, "rsa.3", "rsa.4"][..],
        ),
        (
            "ecdsa-p256-sha256",
            &ec,
            &["ec.1", "ec.2"],
            &[&ec_public, "ec.3", "ec.4"],
        ),
    ] {
        let signature = sign(&home, kind, pair);
        for key in signs {
            assert_eq!(sign(&home, kind, key), signature, "{key}");
        }
        for key in signs.iter().chain(verifies) {
            verify(&home, kind, key, &signature, 0);
        }
        for key in verifies {
            let args = ["sign", "body", "--provider", kind, "--secret-file", key];
            assert!(home.run(&args).error(2).contains("can't sign"), "{key}");
        }
    }
}

/// Two public keys in a set, and each with the set's own id, made by Node.
const SET: &str = "
const { createPrivateKey } = require('crypto');
const { readFileSync, writeFileSync } = require('fs');
const jwk = (file, kid, half) => {
  const key = createPrivateKey(readFileSync(file)).export({ format: 'jwk' });
  if (half) delete key.d;
  return { ...key, kid };
};
const write = (file, ...keys) => writeFileSync(file, JSON.stringify({ keys }));
write('public.json', jwk('P-256.pem', 'old', true), jwk('second.pem', 'new', true));
write('private.json', jwk('second.pem', 'new'));
writeFileSync('key.json', JSON.stringify(jwk('second.pem')));";

#[test]
fn both_sides_of_a_pair_have_one_fingerprint() {
    let home = Home::new();
    let of = |file: &str| {
        let printed = home.run(&["fingerprint", "--secret-file", file]);
        (printed.text(0)[..8].to_owned(), printed.text(0).to_owned())
    };
    for (name, how) in [
        ("rsa", &["-algorithm", "RSA"][..]),
        ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
        ("ed25519", &["-algorithm", "ED25519"]),
    ] {
        let (private, public, der) = (format!("{name}.pem"), format!("{name}.pub"), format!("{name}.der"));
        let Some(_) = openssl(&home, &[&["genpkey", "-out", &private], how].concat()) else {
            return;
        };
        openssl(&home, &["pkey", "-in", &private, "-pubout", "-out", &public]).unwrap();
        let (of_private, text) = of(&private);
        assert_eq!(of(&public).0, of_private, "{name}");
        // The lines that are printed give the same.
        for (line, key) in text
            .lines()
            .filter(|line| line.contains("printf %s"))
            .zip([&private, &public])
        {
            let line = line.replace("KEY.pem", key);
            let shell = Command::new("sh").args(["-c", &line]).current_dir(home.work()).output();
            assert_eq!(
                String::from_utf8(shell.unwrap().stdout).unwrap().trim(),
                of_private,
                "{line}"
            );
        }
        // In base64 of DER, as SendGrid shows a public key: of its own text.
        let write = |args: &[&str], file: &str| {
            openssl(&home, &[&["pkey", "-outform", "DER", "-out", &der], args].concat()).unwrap();
            home.write(file, STANDARD.encode(fs::read(home.work().join(&der)).unwrap()));
        };
        write(&["-in", &private], "private.b64");
        write(&["-in", &private, "-pubout"], "public.b64");
        let public = fs::read_to_string(home.work().join("public.b64")).unwrap();
        let digest = hex::encode(&Sha256::digest(&public)[..4]);
        assert_eq!(
            (of("private.b64").0, of("public.b64").0),
            (digest.clone(), digest),
            "{name}"
        );
    }
    // RFC 8037, appendix A.1 and A.2.
    let public = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let private = public.replace('}', r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#);
    home.write("public.jwk", public);
    home.write("private.jwk", private);
    assert_eq!(of("public.jwk").0, of("private.jwk").0);
}

#[test]
fn a_set_of_keys_is_chosen_from_by_id() {
    let home = Home::new();
    home.write("body", "{}");
    let kind = "ecdsa-p256-sha256";
    write_provider(
        &home,
        kind,
        "key_id = \"header:X-Key-Id\"\npublished = \"https://example.com/keys\"",
    );
    if make_keys(&home, "P-256").is_none() {
        return;
    }
    let second = [
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "second.pem",
    ];
    openssl(&home, &[&["genpkey"], &second[..]].concat()).unwrap();
    let node = Command::new("node").args(["-e", SET]).current_dir(home.work()).output();
    let Ok(node) = node else { return missing("node") };
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let signed = home
        .run(&[
            "sign",
            "body",
            "--provider",
            kind,
            "--secret-file",
            "private.json",
            "--json",
        ])
        .line(0);
    assert_eq!(crate::header(&signed, "X-Key-Id"), Some("new"), "{signed}");
    let signature = crate::header(&signed, "X-Signature").unwrap().to_owned();
    assert_eq!(sign(&home, kind, "key.json"), signature);
    let verify = |id: &str, key: &str, status: i32| {
        let headers = [format!("X-Signature: {signature}"), format!("X-Key-Id: {id}")];
        let mut args = vec!["verify", "body", "--provider", kind, "--secret-file", key];
        args.extend(headers.iter().flat_map(|header| ["--header", header.as_str()]));
        home.run(&args).text(status).to_owned()
    };
    verify("new", "public.json", 0);
    verify("old", "public.json", 1);
    verify("new", "second.pem", 0);
    let unknown = verify("other", "public.json", 1);
    for says in [
        "has no key with the id `other`",
        "`old`, `new`",
        "https://example.com/keys",
    ] {
        assert!(unknown.contains(says), "{unknown}");
    }
}

#[test]
fn what_is_no_key_for_it_is_refused_in_a_sentence() {
    let home = Home::new();
    home.write("body", "{}");
    for kind in ["rsa-sha256", "ecdsa-p256-sha256", "rsa-pss-sha512"] {
        write_provider(&home, kind, "");
    }
    let Some((rsa, _)) = make_keys(&home, "RSA") else {
        return;
    };
    let (ec, _) = make_keys(&home, "P-384").unwrap();
    for args in [
        &["genrsa", "-out", "small.pem", "512"][..],
        &["genrsa", "-out", "short.pem", "1024"],
        &["genpkey", "-algorithm", "ed25519", "-out", "ed.pem"],
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:secp256k1",
            "-out",
            "k1.pem",
        ],
        &[
            "pkey",
            "-in",
            &rsa,
            "-aes128",
            "-passout",
            "pass:hunter2",
            "-out",
            "closed.pem",
        ],
    ] {
        openssl(&home, args).unwrap();
    }
    let pem = fs::read_to_string(home.work().join(&rsa)).unwrap();
    home.write("cut.pem", pem.lines().take(6).collect::<Vec<_>>().join("\n"));
    home.write("broken.pem", pem.replacen("MII", "AAA", 1));
    home.write("none.json", "{\"keys\":[]}");
    home.write("other.json", "{\"a\":1}");
    for (kind, key, says) in [
        (
            "rsa-sha256",
            ec.as_str(),
            "is an EC key of the curve P-384, and an RSA key is needed",
        ),
        ("ecdsa-p256-sha256", &ec, "and an EC key of the curve P-256 is needed"),
        ("ecdsa-p256-sha256", &rsa, "is an RSA key of 2048 bits"),
        ("ecdsa-p256-sha256", "ed.pem", "is an Ed25519 key"),
        ("ecdsa-p256-sha256", "k1.pem", "another curve than P-256"),
        ("rsa-sha256", "small.pem", "is an RSA key of 512 bits"),
        ("rsa-pss-sha512", "short.pem", "too small"),
        ("rsa-sha256", "closed.pem", "is under a passphrase"),
        ("rsa-sha256", "cut.pem", "is no key that can be used"),
        ("rsa-sha256", "broken.pem", "is no key that can be used"),
        ("rsa-sha256", "none.json", "a JWKS without a key"),
        ("rsa-sha256", "other.json", "JSON that is no JWK"),
        ("rsa-sha256", "body", "JSON that is no JWK"),
    ] {
        let refused = home.run(&["sign", "body", "--provider", kind, "--secret-file", key]);
        let error = refused.error(2).to_owned();
        assert!(error.contains(says), "{key}: {error}");
        assert!(error.contains(key), "{key}: {error}");
    }
}

#[test]
fn a_certificate_is_used_while_it_is_valid() {
    let home = Home::new();
    home.write("body", "{}");
    let kind = "rsa-sha256";
    write_provider(&home, kind, "");
    let Some((rsa, _)) = make_keys(&home, "RSA") else {
        return;
    };
    let request = [
        "req",
        "-x509",
        "-key",
        &rsa,
        "-subj",
        "/CN=test",
        "-days",
        "2",
        "-out",
        "certificate.pem",
    ];
    openssl(&home, &request).unwrap();
    let signature = format!("X-Signature: {}", sign(&home, kind, &rsa));
    let verify = |more: &[&str], status: i32| {
        let args = [
            "verify",
            "body",
            "--provider",
            kind,
            "--secret-file",
            "certificate.pem",
            "--header",
            &signature,
        ];
        run(&mut home.ckwh(&[&args[..], more].concat()), b"")
            .text(status)
            .to_owned()
    };
    verify(&[], 0);
    let late = verify(&["--at", "2099-01-01T00:00:00Z"], 1);
    assert!(late.contains("is out of date: it is to be used from"), "{late}");
}

#[test]
fn an_example_is_signed_without_a_secret_and_explained_with_the_public_half() {
    let home = Home::new();
    for (provider, event) in [("wise", "balances#credit"), ("sendgrid", "processed")] {
        let sent = home.run(&["send", event, "--provider", provider, "--json"]);
        assert_eq!(sent.lines(0).pop().unwrap()["reason"], "valid");
    }
    let Some((rsa, public)) = make_keys(&home, "RSA") else {
        return;
    };
    let send = [
        "send",
        "balances#credit",
        "--provider",
        "wise",
        "--secret-file",
        &rsa,
        "--dry-run",
        "--json",
    ];
    let sent = home.run(&send);
    let text = String::from_utf8(sent.stdout.clone()).unwrap();
    let changed = text.replace("{\\\"data", "{ \\\"data");
    assert_ne!(text, changed);
    let verify = ["verify", "-", "--secret-file", &public, "--json"];
    let verdict = home.run_with(&verify, changed.as_bytes()).line(1);
    assert_eq!(verdict["causes"][0]["kind"], "body.reserialised", "{verdict}");
    let other = text.replace("EUR", "EUS");
    let unknown = home.run_with(&verify, other.as_bytes()).line(1)["causes"][0].clone();
    assert_eq!(unknown["kind"], "unknown", "{unknown}");
    assert!(
        unknown["detail"].as_str().unwrap().contains("the key is right"),
        "{unknown}"
    );
    openssl(&home, &["genrsa", "-out", "another.pem", "2048"]).unwrap();
    let verify = [
        "verify",
        "-",
        "--provider",
        "wise",
        "--secret-file",
        "another.pem",
        "--json",
    ];
    let verdict = home.run_with(&verify, &sent.stdout).line(1);
    assert_eq!(verdict["causes"][0]["kind"], "secret.key-pair", "{verdict}");
    for fault in ["signature", "body", "secret", "header"] {
        let broken = home.run(&[&send[..], &["--break", fault]].concat());
        home.run_with(
            &["verify", "-", "--provider", "wise", "--secret-file", &public],
            &broken.stdout,
        )
        .text(1);
    }
    let new = [
        "providers",
        "new",
        "mine",
        "--learn",
        "-",
        "--secret-file",
        &public,
        "--json",
    ];
    let learned = home.run_with(&new, &sent.stdout).line(0);
    assert_eq!(learned["signatures"][0]["mac"], "rsa-sha256", "{learned}");
    home.run(&["providers", "test", "mine"]).text(0);
}

/// OpenSSL makes the keys, and writes the ends that are named.
#[test]
fn an_ecdsa_signature_names_its_key_if_the_bytes_are_right() {
    let home = Home::new();
    home.write("body", "{\"a\":1}");
    for (kind, curve) in [
        ("ecdsa-p256-sha256", "P-256"),
        ("ecdsa-p384-sha384-raw", "P-384"),
        ("ecdsa-p521-sha512", "P-521"),
    ] {
        let Some((private, public)) = make_keys(&home, curve) else {
            return;
        };
        write_provider(&home, kind, "");
        let signature = sign(&home, kind, &private);
        let curve = format!("ec_paramgen_curve:{curve}");
        let another = ["genpkey", "-out", "another.pem", "-algorithm", "EC", "-pkeyopt", &curve];
        openssl(&home, &another).unwrap();
        let written = fs::read_to_string(home.work().join(public)).unwrap();
        let base64: String = written.lines().filter(|line| !line.starts_with('-')).collect();
        let end = format!("`…{}`", &base64[base64.len() - 16..]);
        let said = verify(&home, kind, "another.pem", &signature, 1);
        assert!(said.contains(&end), "{end}: {said}");
        home.write("body", "{\"b\":2}");
        let said = verify(&home, kind, "another.pem", &signature, 1);
        assert!(
            !said.contains(&end) && said.contains("does not tell another key from other bytes"),
            "{said}"
        );
        home.write("body", "{\"a\":1}");
    }
}
