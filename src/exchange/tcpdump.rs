//! What `tcpdump -A` shows: packets as text. A byte that is not ASCII is shown as a dot, and so is lost.

use super::{CaptureError, Entry, Exchange, Files, Input, Take, http};
use crate::capture::{BodyHeld, Recorded};

/// Packets as text.
#[derive(Debug)]
pub struct Tcpdump;

impl Exchange for Tcpdump {
    fn name(&self) -> &'static str {
        "tcpdump"
    }

    fn title(&self) -> &'static str {
        "what tcpdump -A shows"
    }

    fn remedy(&self) -> &'static str {
        "let it keep whole packets (`tcpdump -A -s 0`)"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let text = input.beginning();
        let lines = text.split(|byte| *byte == b'\n').take(8);
        Ok(lines.into_iter().any(|line| packet(line).is_some()))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        for (at, text) in flows(input.text()?).into_iter().enumerate() {
            let request = http::first(&text).map(shown);
            if !take(Entry::new(format!("request {}", at + 1), request)) {
                break;
            }
        }
        Ok(())
    }
}

/// A request whose body may have other bytes than are shown.
fn shown(mut recorded: Recorded) -> Recorded {
    let body = &recorded.message.body;
    // One dot may be one; two together are how a character of two bytes is shown.
    if body.windows(2).any(|pair| pair == b"..") {
        recorded.body_held = BodyHeld::Rewritten;
        recorded
            .notes
            .push("tcpdump shows each byte that is not ASCII as a dot, so its body may have other bytes there".into());
    }
    recorded
}

/// A packet's line: whose it is, and how long what it carries is.
struct Packet<'t> {
    /// `host.port > host.port`.
    flow: &'t [u8],
    length: usize,
}

/// `12:34:56.789012 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [P.], …, length 123`.
fn packet(line: &[u8]) -> Option<Packet<'_>> {
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|window| window == part);
    let clock = find(line, b" IP ").or_else(|| find(line, b" IP6 "))?;
    let is_time = line[..clock].iter().filter(|byte| **byte == b':').count() >= 2;
    let behind = &line[clock + 1..];
    let behind = &behind[behind.iter().position(|byte| *byte == b' ')? + 1..];
    let flow = &behind[..find(behind, b": ")?];
    let length_at = line.len() - find(&reversed(line), b" htgnel ")?;
    let digits: Vec<u8> = line[length_at..]
        .iter()
        .copied()
        .take_while(u8::is_ascii_digit)
        .collect();
    let length = std::str::from_utf8(&digits).ok()?.parse().ok()?;
    (is_time && find(flow, b" > ").is_some()).then_some(Packet { flow, length })
}

fn reversed(line: &[u8]) -> Vec<u8> {
    line.iter().rev().copied().collect()
}

/// The requests of each direction of each connection, as text, in the order in which they began.
fn flows(text: &[u8]) -> Vec<Vec<u8>> {
    let mut requests: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(own) = packet(line) else { continue };
        let mut payload = Vec::new();
        while let Some(line) = lines.next_if(|line| packet(line).is_none()) {
            payload.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            payload.push(b'\n');
        }
        // The line end before the next packet's line is none of the payload's.
        payload.pop();
        if own.length == 0 {
            continue;
        }
        if let Some(at) = begins(&payload) {
            requests.push((own.flow.to_vec(), payload.split_off(at)));
        } else if let Some((_, so_far)) = requests.iter_mut().rev().find(|(flow, _)| flow == own.flow) {
            // Before what is carried stand the headers of IP and TCP.
            let from = payload.len().saturating_sub(own.length);
            so_far.extend_from_slice(&payload[from..]);
        }
    }
    requests.into_iter().map(|(_, text)| text).collect()
}

/// Where a request line begins in a payload, behind the headers of IP and TCP.
fn begins(payload: &[u8]) -> Option<usize> {
    const METHODS: [&[u8]; 7] = [b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD ", b"OPTIONS "];
    let line = payload
        .split(|byte| *byte == b'\n')
        .take(3)
        .map(<[u8]>::len)
        .sum::<usize>()
        + 3;
    let head = &payload[..line.min(payload.len())];
    (0..head.len())
        .find(|at| METHODS.iter().any(|method| head[*at..].starts_with(method)) && http::looks_like(&payload[*at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn packets_are_put_together() {
        // The shape that tcpdump 4.99.3 shows; it leaves the CR before an LF out.
        let text = "tcpdump: verbose output suppressed\n10:00:00.000001 IP 127.0.0.1.40000 > 127.0.0.1.3000: Flags [S], seq 1, win 65495, length 0\nE..<..@.@........@....\n10:00:00.000002 IP 127.0.0.1.40000 > 127.0.0.1.3000: Flags [P.], seq 1:85, ack 1, win 512, length 85: HTTP: POST /h HTTP/1.1\nE.....@.@.........@.....POST /h HTTP/1.1\nHost: x.test\nContent-Type: application/json\nContent-Length: 15\n\n{\"a\":1,\n10:00:00.000003 IP 127.0.0.1.3000 > 127.0.0.1.40000: Flags [.], ack 86, win 512, length 0\nE..4..@.@....\n10:00:00.000004 IP 127.0.0.1.40000 > 127.0.0.1.3000: Flags [P.], seq 85:93, ack 1, win 512, length 8\nE..<..@.@........@....\"b\":2.5}\n10:00:00.000005 IP 127.0.0.1.3000 > 127.0.0.1.40000: Flags [P.], seq 1:18, ack 93, win 512, length 17: HTTP: HTTP/1.1 200 OK\nE..E..@.@....HTTP/1.1 200 OK\n\n";
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(Tcpdump.detect(&mut input).unwrap());
        let found = exchange::read(&Tcpdump, text.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        let message = &found[0].message;
        assert_eq!((message.method.as_str(), message.url.as_deref()), ("POST", Some("/h")));
        assert_eq!(message.body.as_ref(), br#"{"a":1,"b":2.5}"#);
    }
}
