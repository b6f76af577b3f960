//! `--tunnel`: a program that makes this port known to the internet, for as long as `listen` runs.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::exit::{Failure, without_number};

/// How long the program may take to say its URL.
const PATIENCE: Duration = Duration::from_secs(40);
/// The longest line that is looked at, in bytes.
const LONGEST_LINE: u64 = 16 * 1024;
/// How much of its last line is told, in characters.
const LONGEST_SAID: usize = 200;

/// A tunnel; it ends with this value.
#[derive(Debug)]
pub struct Tunnel {
    child: Child,
    /// Where it is reached from outside, without a path.
    pub url: String,
    program: String,
    /// The last line that it said.
    said: Arc<Mutex<String>>,
}

impl Tunnel {
    /// Starts `typed`: `cloudflared`, `ngrok`, or a command line in which {port} is the port; without one it is added. A
    /// command whose URL is `known` need not say it.
    pub fn start(typed: &str, port: u16, known: Option<&str>) -> Result<Self, Failure> {
        let words = command(typed, port)?;
        let program = words[0].clone();
        let mut child = Command::new(&program)
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                let program = program.escape_debug();
                let problem = match error.kind() {
                    io::ErrorKind::NotFound => format!("there is no program {program}; install it, or take another"),
                    _ => format!("{program} can't be started: {}", without_number(&error.to_string())),
                };
                Failure::Unavailable(anyhow!(
                    "--tunnel: {problem}; `ckwh doctor` says which tunnels are there"
                ))
            })?;
        let (sender, found) = channel();
        let said = Arc::default();
        if let Some(stdout) = child.stdout.take() {
            watch(stdout, sender.clone(), Arc::clone(&said));
        }
        if let Some(stderr) = child.stderr.take() {
            watch(stderr, sender, Arc::clone(&said));
        }
        let known = known.filter(|_| !["cloudflared", "ngrok"].contains(&typed));
        let mut tunnel = Self {
            child,
            url: known.unwrap_or_default().to_owned(),
            program,
            said,
        };
        if known.is_some() {
            return Ok(tunnel);
        }
        match found.recv_timeout(PATIENCE) {
            Ok(url) => {
                tunnel.url = url;
                Ok(tunnel)
            }
            Err(_) => Err(Failure::Unavailable(anyhow!(
                "--tunnel: {} {}{}",
                tunnel.program.escape_debug(),
                match tunnel.child.try_wait() {
                    Ok(Some(_)) => "ended without saying a public URL".to_owned(),
                    _ => format!(
                        "said no public URL within {} s; where you know it, name it with --public-url",
                        PATIENCE.as_secs()
                    ),
                },
                tunnel.last_words()
            ))),
        }
    }

    /// Why it is over, once it is.
    pub fn problem(&mut self) -> Option<String> {
        let ended = self.child.try_wait().ok().flatten()?;
        Some(format!(
            "the tunnel {} ended ({ended}), so {} leads here no longer{}",
            self.program,
            self.url,
            self.last_words()
        ))
    }

    /// What the program said last, to put behind a sentence.
    fn last_words(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.is_empty() {
            true => String::new(),
            false => format!("; its last line is: {said}"),
        }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command line of a tunnel.
fn command(typed: &str, port: u16) -> Result<Vec<String>, Failure> {
    let known = match typed {
        // developers.cloudflare.com, "Quick Tunnels"; ngrok.com/docs/agent/cli.
        "cloudflared" => "cloudflared tunnel --no-autoupdate --url http://127.0.0.1:{port}",
        "ngrok" => "ngrok http {port} --log stdout --log-format logfmt",
        other => other,
    };
    let words = shlex::split(known).filter(|words| !words.is_empty()).ok_or_else(|| {
        Failure::usage("--tunnel is no command line: give cloudflared, ngrok, or a command such as 'ssh -R 80:localhost:{port} example.com'")
    })?;
    let port = port.to_string();
    let mut filled: Vec<String> = words.iter().map(|word| word.replace("{port}", &port)).collect();
    if !known.contains("{port}") {
        filled.push(port);
    }
    Ok(filled)
}

/// Reads all that a program says, and sends the first public URL in it.
fn watch(from: impl Read + Send + 'static, found: Sender<String>, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        loop {
            line.clear();
            match from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = String::from_utf8_lossy(&line);
                    if let Some(url) = public_url(&text) {
                        let _ = found.send(url);
                    }
                    if !text.trim().is_empty() {
                        let shown = text.trim().chars().take(LONGEST_SAID).collect();
                        *said.lock().unwrap_or_else(PoisonError::into_inner) = shown;
                    }
                }
            }
        }
    });
}

/// The origin of the first https URL in a line that leads to no machine of the tunnel's maker: not its site, its terms or
/// its panel.
fn public_url(line: &str) -> Option<String> {
    const OF_MAKERS: [&str; 9] = [
        "www.cloudflare.com",
        "developers.cloudflare.com",
        "api.trycloudflare.com",
        "cloudflare.com",
        "ngrok.com",
        "dashboard.ngrok.com",
        "github.com",
        "localhost.run",
        "admin.localhost.run",
    ];
    let mut rest = line;
    while let Some(at) = rest.find("https://") {
        let text = &rest[at..];
        let is_part = |char: char| char.is_ascii_alphanumeric() || ":/.-_".contains(char);
        let end = text.find(|char| !is_part(char)).unwrap_or(text.len());
        if let Ok(url) = url::Url::parse(&text[..end])
            && let Some(host) = url.host_str()
            && host.contains('.')
            && !OF_MAKERS.contains(&host)
        {
            return Some(url.origin().ascii_serialization());
        }
        rest = &rest[at + "https://".len()..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{command, public_url};

    #[test]
    fn the_public_url_is_found_in_what_tunnels_say() {
        for (line, url) in [
            // cloudflared 2025, as its documentation shows it.
            (
                "2025-01-02T03:04:05Z INF |  https://seasonal-deck-organisms-sf.trycloudflare.com                       |",
                Some("https://seasonal-deck-organisms-sf.trycloudflare.com"),
            ),
            (
                "INF Thank you for trying Cloudflare Tunnel. … (https://www.cloudflare.com/website-terms/)",
                None,
            ),
            // ngrok 3, --log stdout --log-format logfmt.
            (
                "t=2025-01-02T03:04:05+0000 lvl=info msg=\"started tunnel\" obj=tunnels name=command_line addr=http://localhost:7788 url=https://84c5-1-2-3-4.ngrok-free.app",
                Some("https://84c5-1-2-3-4.ngrok-free.app"),
            ),
            // localhost.run
            (
                "abc123.lhr.life tunneled with tls termination, https://abc123.lhr.life",
                Some("https://abc123.lhr.life"),
            ),
            (
                "your connection id is x, please mention it at https://localhost.run/docs/",
                None,
            ),
        ] {
            assert_eq!(public_url(line).as_deref(), url, "{line}");
        }
    }

    #[test]
    fn a_port_stands_where_it_is_said_or_last() {
        assert_eq!(
            command("x -R 80:h:{port} y", 7788).unwrap(),
            ["x", "-R", "80:h:7788", "y"]
        );
        assert_eq!(command("tailscale funnel", 1).unwrap(), ["tailscale", "funnel", "1"]);
        assert!(command("'open", 1).is_err());
    }
}
