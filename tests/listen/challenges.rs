//! `--handshake` before strangers: what they choose is signed for nobody but Zoom.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::{Listen, Place, request, status};

/// A secret that a handler verifies with.
const KEY: &str = "s3cret-of-a-handler";
/// Zoom's documented example of a token.
const TOKEN: &str = "qgg8vlvZRS6UYooatFL8Aw";

fn mac(key: &str, content: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(content.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn challenge(token: &str) -> String {
    serde_json::json!({"event": "endpoint.url_validation", "payload": {"plainToken": token}, "event_ts": 1_654_503_849_680_u64})
        .to_string()
}

/// A challenge with Zoom's headers, signed with `key`.
fn signed(token: &str, key: &str) -> Vec<u8> {
    let body = challenge(token);
    let signature = mac(key, &format!("v0:1654503849:{body}"));
    with_headers(&body, &signature)
}

fn with_headers(body: &str, signature: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nx-zm-request-timestamp: 1654503849\r\nx-zm-signature: v0={signature}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn listen(place: &Place, args: &[&str], variables: &[&str]) -> Listen {
    let mut command = place.ckwh(&["listen", "0", "--json", "--handshake"]);
    command
        .args(args)
        .env_remove("WEBHOOK_SECRET")
        .env_remove("QUOTAWATCH_WEBHOOK_SECRET");
    for variable in variables {
        command.env(variable, KEY);
    }
    Listen::spawn(command)
}

/// Texts that are signed content of some scheme, or might be.
const CHOSEN: [&str; 6] = [
    r#"{"x":1}"#,
    "1654503849000.{}",
    "1654503849.{}",
    "v0:1654503849:{}",
    "msg_1.1654503849.{}",
    TOKEN,
];

#[test]
fn a_stranger_gets_no_mac_with_any_secret() {
    let zoom = "ZOOM_WEBHOOK_SECRET_TOKEN";
    for (args, variables) in [
        (&[][..], &["GITHUB_WEBHOOK_SECRET"][..]),
        (&[], &["CKWH_SECRET"]),
        (&[], &["CKWH_SECRET", zoom]),
        (&["--secret", KEY], &[]),
        (&["--secret-env", "OTHER"], &["OTHER"]),
        (
            &[],
            &["STRIPE_WEBHOOK_SECRET", "SLACK_SIGNING_SECRET", "WEBHOOK_SECRET"],
        ),
        (&["--provider", "github"], &["GITHUB_WEBHOOK_SECRET"]),
        (&["--provider", "github", "--reject-invalid"], &["CKWH_SECRET"]),
        (&["--provider", "slack", "--secret", KEY], &[]),
        // Zoom's own secret is no exception where Zoom did not sign.
        (&[], &[zoom]),
        (&["--provider", "zoom"], &[zoom]),
        (&["--provider", "zoom", "--reject-invalid"], &["CKWH_SECRET"]),
    ] {
        let place = Place::new();
        let listen = listen(&place, args, variables);
        for text in CHOSEN {
            let body = challenge(text);
            let answers = [
                listen.exchange(&request("/", body.as_bytes())),
                listen.exchange(&with_headers(&body, &"0".repeat(64))),
                listen.exchange(&with_headers(&body, &mac(KEY, text))),
                listen.exchange(&signed(text, "another secret")),
            ];
            for answer in answers {
                assert!(
                    !answer.contains(&mac(KEY, text)),
                    "{args:?} {variables:?} {text}: {answer}"
                );
                assert!(!answer.contains("encryptedToken"), "{answer}");
            }
        }
        listen.stop(0);
    }
}

#[test]
fn what_zoom_signed_is_answered_with_its_own_secret_alone() {
    let answered = |args: &[&str], variables: &[&str]| {
        let place = Place::new();
        let listen = listen(&place, args, variables);
        let answer = listen.exchange(&signed(TOKEN, KEY));
        listen.stop(0);
        answer.contains(&mac(KEY, TOKEN))
    };
    let zoom = "ZOOM_WEBHOOK_SECRET_TOKEN";
    for (args, variables) in [
        (&[][..], &[zoom][..]),
        (&["--secret-env", zoom], &[zoom]),
        (&["--provider", "zoom"], &["CKWH_SECRET"]),
        (&["--provider", "zoom", "--reject-invalid", "--secret", KEY], &[]),
    ] {
        assert!(answered(args, variables), "{args:?} {variables:?}");
    }
    // A secret for every provider is not Zoom's alone, however the request is signed.
    for (args, variables) in [
        (&[][..], &["CKWH_SECRET"][..]),
        (&["--secret", KEY], &[]),
        (&["--secret-env", "OTHER"], &["OTHER"]),
        (&["--secret-env", "GITHUB_WEBHOOK_SECRET"], &["GITHUB_WEBHOOK_SECRET"]),
        (&["--provider", "slack", "--secret", KEY], &[]),
    ] {
        assert!(!answered(args, variables), "{args:?} {variables:?}");
    }
}

#[test]
fn a_signed_challenge_of_another_shape_gets_no_mac() {
    let place = Place::new();
    let listen = listen(&place, &["--provider", "zoom"], &["ZOOM_WEBHOOK_SECRET_TOKEN"]);
    let long = "a".repeat(1024);
    for text in CHOSEN
        .into_iter()
        .filter(|text| *text != TOKEN)
        .chain([long.as_str(), "", "a b"])
    {
        let answer = listen.exchange(&signed(text, KEY));
        assert!(!answer.contains(&mac(KEY, text)), "{text}: {answer}");
    }
    listen.stop(0);
}

/// A project's folder takes neither Zoom's place nor its secret.
#[test]
fn a_projects_provider_gets_no_mac() {
    let table = |name: &str, variable: &str| {
        let folder = format!(".ckwh/providers/{name}");
        let table = format!(
            "version = 1\ntitle = \"Z\"\ndocs = \"https://x.test\"\nabout = \"z\"\npath = \"/\"\nsecret_env = [\"{variable}\"]\n\
             [request]\nstyle = \"javascript\"\n[[signature]]\nkind = \"hmac-sha256\"\nheaders = [\"x-zm-signature\"]\nitem = \"v0={{sig}}\"\nencoding = \"hex\"\ncontent = [\"{{body}}\"]\n\
             [event]\ntype = \"body:/event\"\nidentity = [\"body:/event\"]\n[recognise]\nheader = {{ \"x-zm-signature\" = \"^v0=\" }}\nabsent = [\"a\", \"b\", \"c\"]\n"
        );
        (folder, table)
    };
    for (name, variable) in [
        ("zoom", "LANG"),
        ("zoom", "GITHUB_WEBHOOK_SECRET"),
        ("z", "ZOOM_WEBHOOK_SECRET_TOKEN"),
    ] {
        let place = Place::new();
        let (folder, table) = table(name, variable);
        std::fs::create_dir_all(place.path(&folder)).unwrap();
        std::fs::write(place.path(&folder).join("provider.toml"), table).unwrap();
        if name == "z" {
            place.text(&["providers", "show", name], 0);
        }
        let listen = listen(&place, &[], &[variable]);
        let body = challenge(TOKEN);
        for bytes in [
            with_headers(&body, &mac(KEY, &body)),
            signed(TOKEN, KEY),
            request("/", body.as_bytes()),
        ] {
            let answer = listen.exchange(&bytes);
            assert!(!answer.contains(&mac(KEY, TOKEN)), "{name} {variable}: {answer}");
        }
        listen.stop(0);
    }
}

#[test]
fn an_echo_gives_a_browser_nothing_to_read() {
    let place = Place::new();
    let listen = listen(&place, &[], &[]);
    let get = |target: &str| {
        listen.exchange(format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes())
    };
    for (target, text) in [
        ("/?hub.mode=subscribe&hub.challenge=1158201444", "1158201444"),
        ("/?challenge=abc123", "abc123"),
    ] {
        let answer = get(target).to_lowercase();
        assert!(answer.ends_with(&format!("\r\n\r\n{text}")), "{answer}");
        assert!(
            answer.contains("content-type: text/plain\r\n") && answer.contains("x-content-type-options: nosniff"),
            "{answer}"
        );
    }
    for text in [
        "<script>",
        "a b",
        "a\r\nSet-Cookie: x=y",
        "\u{e9}",
        &"a".repeat(200),
        "{}",
        "a.b",
    ] {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for target in [
            format!("/?hub.mode=subscribe&hub.challenge={encoded}"),
            format!("/?challenge={encoded}"),
        ] {
            let answer = get(&target);
            assert_eq!(status(&answer), 200);
            assert!(answer.ends_with("\r\n\r\n"), "{target}: {answer}");
            assert!(!answer.contains("Set-Cookie"), "{answer}");
        }
    }
    listen.stop(0);
}

/// Token, time and nonce, sorted, by SHA-1: the Access Overview of developers.weixin.qq.com.
#[test]
fn wechats_echo_is_given_where_its_token_signed() {
    let place = Place::new();
    let listen = listen(&place, &["--provider", "wechat"], &["WECHAT_TOKEN"]);
    for (token, is_echoed) in [(KEY, true), ("another token", false)] {
        let mut parts = [token, "1410685589", "test"];
        parts.sort_unstable();
        let signature = hex::encode(Sha1::digest(parts.concat()));
        let target = format!("/?signature={signature}&echostr=5837397576500011341&timestamp=1410685589&nonce=test");
        let get = format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let answer = listen.exchange(get.as_bytes());
        assert_eq!(answer.ends_with("\r\n\r\n5837397576500011341"), is_echoed, "{answer}");
    }
    listen.stop(0);
}
