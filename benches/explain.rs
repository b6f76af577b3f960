//! The whole search where nothing is found, against one HMAC of the same body, as a ratio of median times.
//!
//! `cargo bench --bench explain` prints a row a body: lower than the bar is better. The machines are shared, so only
//! the ratio means anything: 4,000 is 2 s for 1 MB, and 60,000 is a third of a second for 10 KB.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ckwh::explain::{self, Effort, Question, Search};
use ckwh::message::Message;
use ckwh::provider::{Places, Registry};
use ckwh::secret::{Secret, Source};
use ckwh::sign::sign;

/// Its name, what makes its body, of how many bytes, the bar and the effort.
type Row = (&'static str, fn(usize) -> Vec<u8>, usize, Option<f64>, Effort);

const MIB: usize = 1024 * 1024;
const WRONG: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = Registry::new(&Places::default()).provider("quotawatch", None)?;
    let secret = Secret::new(b"an-example-secret".to_vec(), Source::Flag)?;
    println!(
        "{:<34} {:>12} {:>12} {:>7} {:>6}",
        "", "search", "one HMAC", "ratio", "bar"
    );
    let rows: [Row; 5] = [
        ("10 KB, normal effort", body, 10_000, Some(60_000.0), Effort::Normal),
        ("1 MB, normal effort", body, 1_000_000, Some(4000.0), Effort::Normal),
        (
            "1 MiB of members, normal effort",
            members,
            MIB,
            Some(4000.0),
            Effort::Normal,
        ),
        (
            "1 MiB of numbers, normal effort",
            numbers,
            MIB,
            Some(4000.0),
            Effort::Normal,
        ),
        ("10 KB, low effort", body, 10_000, None, Effort::Low),
    ];
    for (name, body, size, bar, effort) in rows {
        let message = Message::new(body(size));
        let hmac = median(51, || {
            black_box(sign(&provider.scheme, std::slice::from_ref(&secret), &message).is_ok());
        });
        let mut question = Question::new(&provider.scheme, std::slice::from_ref(&secret), &message);
        question.effort = effort;
        let search = median(5, || {
            black_box(explain::computed(&question, &[WRONG.to_owned()]));
        });
        let said = explain::computed(&question, &[WRONG.to_owned()]);
        let causes = said.iter().flatten().flat_map(|said| said.causes());
        for cause in causes.filter(|cause| cause.search == Some(Search::Incomplete)) {
            println!("{name}: incomplete: {}", cause.detail);
        }
        let ratio = search.as_secs_f64() / hmac.as_secs_f64();
        let bar = bar.map_or(String::new(), |bar: f64| bar.to_string());
        println!("{name:<34} {search:>12.3?} {hmac:>12.3?} {ratio:>7.0} {bar:>6}");
    }
    Ok(())
}

/// JSON as webhooks have it, of some `size` bytes: every writer makes other bytes of it.
fn body(size: usize) -> Vec<u8> {
    let mut items = String::new();
    for number in 0.. {
        if items.len() + 120 > size {
            break;
        }
        let comma = if number > 0 { "," } else { "" };
        items.push_str(&format!(
            "{comma}{{\"id\":\"evt_{number}\",\"amount\":{number}.50,\"url\":\"https://example.com/é/{number}\",\"tags\":[\"a&b\",null],\"more\":{{}}}}"
        ));
    }
    format!("{{\"items\":[{items}]}}").into_bytes()
}

/// An object of as many members as fit into some `size` bytes.
fn members(size: usize) -> Vec<u8> {
    let all = (0..size / 10).map(|number| format!("\"{number:05x}\":{}", number % 10));
    format!("{{{}}}", all.collect::<Vec<_>>().join(",")).into_bytes()
}

/// A list of as many numbers as fit into some `size` bytes.
fn numbers(size: usize) -> Vec<u8> {
    let all = (0..size / 2).map(|number| (number % 10).to_string());
    format!("[{}]", all.collect::<Vec<_>>().join(",")).into_bytes()
}

fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    all.sort();
    all[times / 2]
}
