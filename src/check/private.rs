//! What an answer must not say.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::case::Expect;
use crate::capture::Excerpt;
use crate::exchange::credentials::Blanks;
use crate::secret::Secret;

/// A shorter secret stands in texts by chance.
const SHORTEST: usize = 8;

/// A stack trace's line, or a path of a program's own file.
static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"Traceback \(most recent call last\)|File "[^"\n]+", line [0-9]+|"#,
        r"\bat [^\n]{0,200}\([^\n()]{1,300}:[0-9]+:[0-9]+\)|goroutine [0-9]+ \[|",
        r"/node_modules/|/site-packages/|\.(rb|php|java|go):[0-9]+\b|",
        r"(^|[\s>(])/(home|Users|usr|var|app|srv|opt|root)/[\w./-]+"
    ))
    .ok()
});

/// A program and its version, in a header that tells them.
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z][\w.-]*/v?[0-9]+(\.[0-9]+)+").ok());

/// Headers that tell what a handler runs on.
const TELLING: [&str; 4] = ["server", "x-powered-by", "x-aspnet-version", "x-runtime"];

/// What `answer` gives away of what `expect` forbids, in a few words.
pub(super) fn told(expect: Expect, answer: &Excerpt, secrets: &Blanks, right: &[String]) -> Option<String> {
    match expect {
        Expect::NoSecret => secrets.are_in(answer).then(|| "the secret".into()),
        Expect::NoSignature => {
            let right: Vec<Vec<u8>> = right.iter().map(|text| text.clone().into_bytes()).collect();
            holds_any(answer, &right).then(|| "the right signature of what was sent".into())
        }
        Expect::NoPath => {
            let body = String::from_utf8_lossy(&answer.body);
            let found = PATH.as_ref()?.find(&body)?;
            Some(format!("`{}`", excerpt(found.as_str())))
        }
        Expect::NoVersion => TELLING.iter().find_map(|name| {
            let value = answer.headers.text(name)?;
            let found = VERSION.as_ref()?.find(value)?;
            Some(format!("`{name}: {}`", excerpt(found.as_str())))
        }),
        _ => None,
    }
}

/// The secrets that an answer must not hold.
pub(super) fn blanks(secrets: &[Secret]) -> Blanks {
    Blanks::of(secrets.iter().filter(|secret| secret.expose().len() >= SHORTEST))
}

fn holds_any(answer: &Excerpt, texts: &[Vec<u8>]) -> bool {
    let holds = |bytes: &[u8]| {
        let mut texts = texts.iter().filter(|text| !text.is_empty());
        texts.any(|text| bytes.windows(text.len()).any(|window| window == text.as_slice()))
    };
    holds(&answer.body) || answer.headers.iter().any(|(_, value)| holds(value))
}

fn excerpt(text: &str) -> String {
    let text: String = text.trim().chars().take(80).collect();
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;
    use crate::secret::Source;

    fn answer(body: &str, headers: &[(&str, &str)]) -> Excerpt {
        Excerpt {
            status: 500,
            headers: headers.iter().copied().collect::<Headers>(),
            body: body.as_bytes().to_vec(),
            truncated: false,
        }
    }

    #[test]
    fn what_gives_a_handler_away_is_found_and_nothing_else() {
        let secrets = blanks(&[Secret::new(b"correct horse".to_vec(), Source::Flag).unwrap()]);
        let right = ["0a1b2c3d4e5f".to_owned()];
        let tells = |expect, body: &str, headers: &[(&str, &str)]| {
            told(expect, &answer(body, headers), &secrets, &right).is_some()
        };
        assert!(tells(Expect::NoSecret, "expected key correct horse", &[]));
        assert!(tells(Expect::NoSecret, "636f727265637420686f727365", &[]));
        assert!(tells(Expect::NoSecret, "", &[("x-debug", "correct horse")]));
        assert!(!tells(Expect::NoSecret, "Invalid signature", &[]));
        assert!(tells(Expect::NoSignature, "got x, expected sha256=0a1b2c3d4e5f", &[]));
        // As Express 5, Flask and Go's net/http print them.
        for trace in [
            "SyntaxError: x<br> &nbsp; at JSON.parse (<anonymous>)<br> at parse (/srv/x/node_modules/body-parser/lib/types/json.js:92:19)",
            "Traceback (most recent call last):\n  File \"/app/server.py\", line 12, in hook",
            "goroutine 7 [running]:",
        ] {
            assert!(tells(Expect::NoPath, trace, &[]), "{trace}");
        }
        for text in [
            "{\"error\":\"invalid signature\"}",
            "see /webhooks/costkatana",
            "Cannot GET /webhook",
            "OK",
        ] {
            assert!(!tells(Expect::NoPath, text, &[]), "{text}");
        }
        assert!(tells(
            Expect::NoVersion,
            "",
            &[("Server", "Werkzeug/3.1.3 Python/3.11.7")]
        ));
        assert!(!tells(
            Expect::NoVersion,
            "",
            &[("X-Powered-By", "Express"), ("Server", "nginx")]
        ));
    }
}
