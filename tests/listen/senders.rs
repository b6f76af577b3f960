//! Real senders.

use std::process::Stdio;

use super::{Listen, Place, missing, text, theirs};

/// Runs a program of others; `None` where it is not there.
fn sender(place: &Place, program: &str, args: &[&str]) -> Option<String> {
    let output = place.command(program).args(args).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Some(text(&output.stdout)),
        Ok(output) => panic!("{program}: {}", text(&output.stderr)),
        Err(_) => None,
    }
}

#[test]
fn real_senders_get_their_answer_and_their_bytes_are_kept() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let url = listen.url("/hooks?a=b");
    let node = format!(
        "for (let i = 0; i < 3; i++) {{ const r = await fetch('{url}', {{method: 'POST', body: JSON.stringify({{é: '☃'}})}}); console.log(r.status) }}"
    );
    let python = format!(
        "import requests\ns = requests.Session()\nfor i in range(3): print(s.post('{url}', data=bytes(range(256))).status_code)"
    );
    // The Python that has requests.
    let requests = match theirs::installed() {
        Ok(()) => theirs::folder()
            .join("libraries/.venv/bin/python")
            .display()
            .to_string(),
        Err(problem) => problem.to_owned(),
    };
    let every_byte: Vec<u8> = (0..=255).collect();
    let mut expected: Vec<Vec<u8>> = Vec::new();
    for (program, args, body, count) in [
        (
            "curl",
            vec![
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}\n",
                "-H",
                "Expect: 100-continue",
                "-d",
                "x=é",
                &url,
            ],
            "x=é".as_bytes().to_vec(),
            1,
        ),
        (
            "curl",
            vec![
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}\n",
                "-H",
                "Transfer-Encoding: chunked",
                "-d",
                "chunked",
                &url,
            ],
            b"chunked".to_vec(),
            1,
        ),
        (
            "node",
            vec!["--input-type=module", "-e", &node],
            r#"{"é":"☃"}"#.into(),
            3,
        ),
        (&requests, vec!["-c", &python], every_byte, 3),
    ] {
        let Some(statuses) = sender(&place, program, &args) else {
            missing(program);
            continue;
        };
        assert_eq!(
            statuses.split_whitespace().collect::<Vec<_>>(),
            vec!["200"; count],
            "{program}"
        );
        expected.extend(std::iter::repeat_n(body, count));
    }
    // reqwest.
    place.text(
        &[
            "send",
            "cost.alert",
            "--to",
            &url,
            "--count",
            "20",
            "--concurrency",
            "8",
        ],
        0,
    );
    let kept = place.bodies();
    assert_eq!(kept[..expected.len()], expected);
    assert_eq!(kept.len(), expected.len() + 20);
    listen.stop(0);
}

#[test]
fn a_load_generator_gets_a_2xx_for_each_that_is_kept() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let url = listen.url("/");
    let Some(said) = sender(&place, "wrk", &["-t", "1", "-c", "64", "-d", "1s", &url]) else {
        missing("wrk");
        return;
    };
    listen.stop(0);
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
    let requests = said.lines().find_map(|line| line.trim().split_once(" requests in "));
    let answered: usize = requests.unwrap().0.parse().unwrap();
    let kept = place.bodies().len();
    // Some were on their way at the end.
    assert!(
        answered > 0 && (answered..=answered + 64).contains(&kept),
        "{kept} of {answered}"
    );
}
