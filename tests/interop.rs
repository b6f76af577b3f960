//! Signatures beside those of other implementations: OpenSSL, Node and Python.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "support/mod.rs"]
mod support;
#[path = "support/table.rs"]
mod table;

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{Home, missing, run};
use table::table;

const SECRET: &str = "a secret, of 漢字 and \"quotes\"";

/// A digest's name everywhere, in hex or base64.
const SCHEMES: [(&str, &str); 6] = [
    ("sha1", "hex"),
    ("sha1", "base64"),
    ("sha256", "hex"),
    ("sha256", "base64"),
    ("sha512", "hex"),
    ("sha512", "base64"),
];

/// Prints a line for each scheme and each of the files behind it.
const NODE: &str = "const { createHmac } = require('crypto');
const [key, schemes, ...files] = process.argv.slice(1);
for (const file of files) {
  const body = require('fs').readFileSync(file);
  for (const scheme of schemes.split(' ')) {
    const [digest, encoding] = scheme.split('-');
    console.log(createHmac(digest, key).update(body).digest(encoding));
  }
}";

/// The same in Python.
const PYTHON: &str = "import base64, hmac, sys
key, schemes, *files = sys.argv[1:]
for file in files:
    body = open(file, 'rb').read()
    for scheme in schemes.split(' '):
        digest, encoding = scheme.split('-')
        mac = hmac.digest(key.encode(), body, digest)
        print(mac.hex() if encoding == 'hex' else base64.b64encode(mac).decode())";

/// A provider folder for each scheme, its name `sha1-hex` and so on.
fn write_providers(home: &Home) {
    for (digest, encoding) in SCHEMES {
        let folder = home.work().join(format!(".ckwh/providers/{digest}-{encoding}"));
        fs::create_dir_all(&folder).unwrap();
        let lines = format!(
            r#"kind = "hmac-{digest}"
item = "{{sig}}"
encoding = "{encoding}"
content = ["{{body}}"]"#
        );
        let table = table(&format!("{digest} {encoding}"), "X-Signature", &lines);
        fs::write(folder.join("provider.toml"), table).unwrap();
    }
}

fn ours(home: &Home, digest: &str, encoding: &str, file: &str) -> String {
    let provider = format!("{digest}-{encoding}");
    let args = [
        "sign",
        file,
        "--provider",
        &provider,
        "--secret",
        SECRET,
        "--print",
        "value",
    ];
    let signed = run(&mut home.ckwh(&args), b"");
    assert_eq!(signed.status, 0, "{}", signed.stderr);
    String::from_utf8(signed.stdout).unwrap().trim_end().to_owned()
}

/// The lines that another program prints; `None` where it is missing.
fn lines(home: &Home, name: &str, args: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new(name);
    if Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_err()
    {
        missing(name);
        return None;
    }
    let answer = run(command.args(args).current_dir(home.work()), b"");
    assert_eq!(answer.status, 0, "{name}: {}", answer.stderr);
    Some(
        String::from_utf8(answer.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect(),
    )
}

/// Compares the signatures of `files` under `schemes` with those of the others.
fn compare(home: &Home, schemes: &[(&str, &str)], files: &[&str]) {
    let names: Vec<String> = schemes
        .iter()
        .map(|(digest, encoding)| format!("{digest}-{encoding}"))
        .collect();
    let mut own = Vec::new();
    for file in files {
        for (digest, encoding) in schemes {
            own.push(ours(home, digest, encoding, &format!("./{file}")));
        }
    }
    let names = names.join(" ");
    for (program, flag, script) in [("node", "-e", NODE), ("python3", "-c", PYTHON)] {
        let args = [&[flag, script, SECRET, &names], files].concat();
        if let Some(lines) = lines(home, program, &args) {
            assert_eq!(own, lines, "{program} for {names} of {files:?}");
        }
    }
    let key = format!("hexkey:{}", hex::encode(SECRET));
    for (at, (digest, encoding)) in schemes.iter().enumerate() {
        if *encoding == "hex" {
            let digest = format!("-{digest}");
            let args = [&["dgst", &digest, "-mac", "HMAC", "-macopt", &key], files].concat();
            let Some(lines) = lines(home, "openssl", &args) else {
                return;
            };
            for (index, line) in lines.iter().enumerate() {
                let expected = &own[index * schemes.len() + at];
                assert!(
                    line.ends_with(&format!("= {expected}")),
                    "openssl {digest}: {line}, not {expected}"
                );
            }
            assert_eq!(lines.len(), files.len());
        }
    }
}

#[test]
fn the_same_file_has_the_same_signature_everywhere() {
    let home = Home::new();
    write_providers(&home);
    let binary: Vec<u8> = (0..=255).cycle().take(100_003).collect();
    let files = [
        ("empty", &b""[..]),
        ("binary", &binary),
        ("crlf", b"{\r\n\"a\": 1\r\n}\r\n"),
        ("bom", "\u{feff}{\"é\":\"漢\"}".as_bytes()),
    ];
    for (name, bytes) in files {
        fs::write(home.work().join(name), bytes).unwrap();
    }
    compare(&home, &SCHEMES, &files.map(|(name, _)| name));
}

#[test]
fn a_large_file_has_the_same_signature_everywhere() {
    let home = Home::new();
    write_providers(&home);
    let block: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    fs::write(home.work().join("large"), block.repeat(100)).unwrap();
    compare(&home, &[("sha256", "hex")], &["large"]);
}

#[test]
fn every_known_answer_is_what_its_command_prints() {
    if Command::new("openssl").arg("version").output().is_err() {
        return missing("openssl");
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut tried = 0;
    for provider in ["costkatana", "quotawatch"] {
        let text = fs::read_to_string(fixtures.join(provider).join("vectors.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for vector in table["vector"].as_array().unwrap() {
            let printed = run(Command::new("sh").args(["-c", vector["source"].as_str().unwrap()]), b"");
            let printed = String::from_utf8(printed.stdout).unwrap();
            let signature = printed.split_whitespace().last().unwrap();
            let mut headers = vector["headers"].as_table().unwrap().values();
            assert!(
                headers.any(|value| value.as_str().unwrap().ends_with(signature)),
                "{}",
                vector["source"]
            );
            tried += 1;
        }
    }
    assert!(tried >= 6);
}

/// The memory that a process has taken, in KiB. Pages of the program's own file are not counted: the build that is
/// tested is not optimised and many times as large as the one that is used.
#[cfg(target_os = "linux")]
fn taken(process: u32) -> Option<u64> {
    let mut status = String::new();
    File::open(format!("/proc/{process}/status"))
        .ok()?
        .read_to_string(&mut status)
        .ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn a_gigabyte_is_signed_in_little_memory() {
    let home = Home::new();
    write_providers(&home);
    File::create(home.work().join("huge"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let args = [
        "sign",
        "./huge",
        "--provider",
        "sha256-hex",
        "--secret",
        SECRET,
        "--print",
        "value",
    ];
    let mut child = home.ckwh(&args).stdout(Stdio::piped()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(taken(child.id()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    assert!((256..=16 * 1024).contains(&most), "{most} KiB");
}
