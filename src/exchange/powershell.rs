//! PowerShell's `Invoke-WebRequest` and `Invoke-RestMethod`, as browsers' "Copy as PowerShell" writes them and as people
//! write them with plain values. Nothing is run.

mod tokens;

use std::collections::HashMap;

use super::built::Built;
use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::Recorded;
use tokens::{Token, Value};

/// Names of the two commands.
const COMMANDS: [&str; 4] = ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"];
/// Parameters without a value.
const SWITCHES: [&str; 14] = [
    "usebasicparsing",
    "skipcertificatecheck",
    "skipheadervalidation",
    "skiphttperrorcheck",
    "disablekeepalive",
    "passthru",
    "usedefaultcredentials",
    "allowunencryptedauthentication",
    "noproxy",
    "resume",
    "verbose",
    "preserveauthorizationonredirect",
    "preservehttpmethodonredirect",
    "allowinsecureredirect",
];

/// Command lines of PowerShell.
#[derive(Debug)]
pub struct PowerShell;

impl Exchange for PowerShell {
    fn name(&self) -> &'static str {
        "powershell"
    }

    fn title(&self) -> &'static str {
        "lines of Invoke-WebRequest"
    }

    fn remedy(&self) -> &'static str {
        "a browser copies the whole line with \"Copy as PowerShell\""
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let text = input.beginning();
        let text = String::from_utf8_lossy(&text[..text.len().min(16 * 1024)]).to_ascii_lowercase();
        let first = text.split([' ', '\t', '\r', '\n', '(']).next().unwrap_or_default();
        let has_command = |text: &str| COMMANDS[..2].iter().any(|name| text.contains(name));
        Ok(COMMANDS.contains(&first)
            || (first.starts_with('$') || first.starts_with("[net.") || first.starts_with("[system."))
                && has_command(&text))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let before = input.lines_before();
        let mut script = Script::default();
        let mut number = 0;
        for statement in tokens::statements(input.text()?, before + 1) {
            let place = |number: usize| format!("command {number} (line {})", statement.line);
            let request = match statement.tokens.and_then(|tokens| script.take(&tokens)) {
                Ok(None) => continue,
                Ok(Some(request)) => Ok(request),
                Err(problem) => Err(problem),
            };
            number += 1;
            if !take(Entry::new(place(number), request)) {
                break;
            }
        }
        Ok(())
    }
}

/// What a script has said so far.
#[derive(Default)]
struct Script {
    variables: HashMap<String, Value>,
    agent: Option<String>,
    cookies: Vec<String>,
}

impl Script {
    /// Takes a statement; the request of one that sends.
    fn take(&mut self, tokens: &[Token]) -> Result<Option<Recorded>, String> {
        let is_command = |token: &Token| matches!(token, Token::Word(word) if COMMANDS.contains(&word.to_ascii_lowercase().as_str()));
        if let Some(at) = tokens.iter().position(is_command) {
            return self.request(&tokens[at + 1..]).map(Some);
        }
        match tokens {
            [Token::Variable(name), Token::Word(equals), Token::Value(value)] if equals == "=" => {
                let value = self.filled(value);
                self.variables.insert(name.to_ascii_lowercase(), value);
            }
            [
                Token::Member(_, member),
                Token::Word(equals),
                Token::Value(Value::Text(text, _)),
            ] if equals == "=" && member.eq_ignore_ascii_case("UserAgent") => {
                self.agent = Some(text.clone());
            }
            // `$headers = New-Object …`, `$session = …`.
            [Token::Variable(name), Token::Word(equals), ..] if equals == "=" => {
                self.variables
                    .insert(name.to_ascii_lowercase(), Value::Table(Vec::new()));
            }
            [Token::Member(name, member), Token::Arguments(values)] => self.call(name, member, values),
            _ => {}
        }
        Ok(None)
    }

    /// `$headers.Add("a", "b")`, `$session.Cookies.Add((New-Object System.Net.Cookie("a", "b", …)))`.
    fn call(&mut self, name: &str, member: &str, values: &[String]) {
        let member = member.to_ascii_lowercase();
        match values {
            [cookie, value, ..] if member == "cookies.add" => self.cookies.push(format!("{cookie}={value}")),
            [key, value] if member == "add" => {
                let table = self.variables.get_mut(&name.to_ascii_lowercase());
                if let Some(Value::Table(rows)) = table {
                    rows.push((key.clone(), value.clone()));
                }
            }
            _ => {}
        }
    }

    /// A value with the variables that are known.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::Variable(name) => self
                .variables
                .get(&name.to_ascii_lowercase())
                .cloned()
                .unwrap_or_else(|| value.clone()),
            Value::Text(text, unknown) => {
                let (mut text, mut left) = (text.clone(), Vec::new());
                for written in unknown {
                    let name = written
                        .trim_start_matches('$')
                        .trim_matches(['{', '}'])
                        .to_ascii_lowercase();
                    match self.variables.get(&name) {
                        Some(Value::Text(own, _)) => text = text.replace(written.as_str(), own),
                        _ => left.push(written.clone()),
                    }
                }
                Value::Text(text, left)
            }
            value => value.clone(),
        }
    }

    fn request(&self, tokens: &[Token]) -> Result<Recorded, String> {
        let mut built = Built {
            method: "GET".into(),
            ..Built::default()
        };
        let mut kind = None;
        let mut tokens = tokens.iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(word) if word == "|" || word == ";" => break,
                Token::Parameter(name) if SWITCHES.contains(&name.as_str()) => {}
                Token::Parameter(name) => {
                    let value = tokens.next().ok_or_else(|| format!("-{name} has no value"))?;
                    let value = self.filled(
                        &value
                            .value()
                            .ok_or_else(|| format!("the value of -{name} is not known, and nothing is run here"))?,
                    );
                    self.parameter(name, value, &mut built, &mut kind)?;
                }
                token => match (token.value(), built.url.is_empty()) {
                    (Some(value), true) => built.url = text(self.filled(&value), "the URL", &mut built)?,
                    _ => return Err("it has more than one URL, or a value that is not known".into()),
                },
            }
        }
        if built.url.is_empty() {
            return Err("it has no URL".into());
        }
        if let Some(agent) = &self.agent {
            built.default_header("User-Agent", agent);
        }
        if !self.cookies.is_empty() {
            built.default_header("Cookie", self.cookies.join("; "));
        }
        if let Some(kind) = kind {
            built.headers.set("Content-Type", kind);
        } else if !built.body.is_empty() && built.method != "GET" {
            built.default_header("Content-Type", "application/x-www-form-urlencoded");
        }
        built.recorded()
    }

    fn parameter(&self, name: &str, value: Value, built: &mut Built, kind: &mut Option<String>) -> Result<(), String> {
        match name {
            "uri" => built.url = text(value, "-Uri", built)?,
            "method" | "custommethod" => built.method = text(value, "-Method", built)?.to_ascii_uppercase(),
            "contenttype" => *kind = Some(text(value, "-ContentType", built)?),
            "useragent" => {
                let agent = text(value, "-UserAgent", built)?;
                built.headers.set("User-Agent", agent);
            }
            "headers" => match value {
                Value::Table(rows) => {
                    // The pseudo-headers of HTTP/2, without their colons, as Chromium copies them.
                    let has = |name: &str| rows.iter().any(|(own, _)| own == name);
                    let is_http_2 = has("authority") && has("scheme") && has("path");
                    for (name, value) in rows {
                        let is_pseudo = is_http_2 && ["authority", "method", "path", "scheme"].contains(&name.as_str());
                        if !is_pseudo {
                            built.headers.append(name, value);
                        }
                    }
                }
                _ => return Err("-Headers is no table of plain values".into()),
            },
            "body" => match value {
                Value::Table(rows) => {
                    let mut form = form_urlencoded::Serializer::new(String::new());
                    form.extend_pairs(rows);
                    built.body = form.finish().into_bytes();
                }
                value => built.body = text(value, "-Body", built)?.into_bytes(),
            },
            "infile" => return Err("-InFile names a file, which is not opened".into()),
            "form" => return Err("-Form makes a body of parts, which is not supported".into()),
            _ => {}
        }
        Ok(())
    }
}

/// A value that must be a text.
fn text(value: Value, what: &str, built: &mut Built) -> Result<String, String> {
    match value {
        Value::Text(text, unknown) => {
            unknown.into_iter().for_each(|written| built.not_known(written));
            Ok(text)
        }
        Value::Variable(name) => Err(format!(
            "{what} is ${name}, which is not known here",
            name = name.escape_debug()
        )),
        Value::Table(_) => Err(format!("{what} is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn lines_are_read_as_browsers_copy_them() {
        let chromium = concat!(
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\r\n",
            "$session.UserAgent = \"Mozilla/5.0 (Windows NT 10.0)\"\r\n",
            "$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"1\", \"/\", \"x.test\")))\r\n",
            "Invoke-WebRequest -UseBasicParsing -Uri \"https://x.test/h?a=1\" `\r\n-Method \"POST\" `\r\n-WebSession $session `\r\n",
            "-Headers @{\r\n\"authority\"=\"x.test\"\r\n  \"method\"=\"POST\"\r\n  \"path\"=\"/h?a=1\"\r\n  \"scheme\"=\"https\"\r\n  \"accept\"=\"*/*\"\r\n  \"x-quote\"=\"`\"a`\" `$b\"\r\n} `\r\n",
            "-ContentType \"application/json\" `\r\n-Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"a`\":`\"$([char]233)$([char]55357)$([char]0xde00)`\"}\"))",
        );
        let found = exchange::read(&PowerShell, chromium.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        let message = &found[0].message;
        assert_eq!(
            (message.method.as_str(), message.url.as_deref()),
            ("POST", Some("/h?a=1"))
        );
        assert_eq!(message.body.as_ref(), "{\"a\":\"é😀\"}".as_bytes());
        for (name, value) in [
            ("host", "x.test"),
            ("content-type", "application/json"),
            ("x-quote", "\"a\" $b"),
            ("cookie", "sid=1"),
            ("user-agent", "Mozilla/5.0 (Windows NT 10.0)"),
        ] {
            assert_eq!(message.headers.text(name), Some(value));
        }
        assert!(!message.headers.contains("scheme"));
    }

    #[test]
    fn lines_are_read_as_people_write_them() {
        let hand = "$body = @'\n{\"a\":1}\n'@\n$headers = @{ 'X-A' = 'it''s'; B = \"c\" }\nirm http://h.test:3000/x -Method Post -Headers $headers -ContentType 'application/json' -Body $body | ConvertTo-Json\n";
        let message = exchange::read(&PowerShell, hand.as_bytes()).unwrap().remove(0).message;
        assert_eq!(
            (message.method.as_str(), message.body.as_ref()),
            ("POST", &br#"{"a":1}"#[..])
        );
        assert_eq!(
            (message.headers.text("x-a"), message.headers.text("b")),
            (Some("it's"), Some("c"))
        );
        // As Postman writes it.
        let postman = "$headers = New-Object \"System.Collections.Generic.Dictionary[[String],[String]]\"\n$headers.Add(\"Content-Type\", \"application/json\")\n\n$body = @\"\n{`\"a`\":1}\n\"@\n\n$response = Invoke-RestMethod 'http://h.test/x' -Method 'POST' -Headers $headers -Body $body\n$response | ConvertTo-Json";
        let message = exchange::read(&PowerShell, postman.as_bytes())
            .unwrap()
            .remove(0)
            .message;
        assert_eq!(
            (message.headers.text("content-type"), message.body.as_ref()),
            (Some("application/json"), &br#"{"a":1}"#[..])
        );
        for (broken, part) in [
            (
                "Invoke-WebRequest -Uri http://h.test -Body (Get-Content x.json)",
                "not known",
            ),
            ("Invoke-WebRequest -Uri http://h.test -InFile x.json", "not opened"),
            ("Invoke-WebRequest -Uri \"http://h.test", "not closed"),
            ("Invoke-WebRequest -Method Post", "no URL"),
        ] {
            let error = exchange::read(&PowerShell, broken.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{broken}: {error}");
        }
    }
}
