//! The bodies under `tests/golden`, and what real runtimes made of them.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What one writer wrote.
pub struct Golden {
    /// The name of the style's row.
    pub style: String,
    /// The file that was read.
    pub body: String,
    pub written: Vec<u8>,
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub fn body(name: &str) -> Vec<u8> {
    fs::read(folder().join("bodies").join(name)).unwrap()
}

/// Every output of every runtime.
pub fn all() -> Vec<Golden> {
    let mut all = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder().join("out"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines() {
            let [style, body, written] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            all.push(Golden {
                style: style.into(),
                body: body.into(),
                written: STANDARD.decode::<&str>(written).unwrap(),
            });
        }
    }
    assert!(all.len() >= 640, "the golden files are incomplete: {}", all.len());
    all
}

/// What can't be checked, as the parser here does not tell it: `1e21` is read with a plus sign, which shows where a
/// number's text is kept, and of two members with one name the last is, where System.Text.Json keeps both.
pub fn is_read_otherwise(golden: &Golden) -> bool {
    let style = &golden.style;
    let net = style.starts_with("system-text-json");
    match golden.body.as_str() {
        "exponents.json" => net || style.starts_with("gson") && style != "gson-object" || style == "go-use-number",
        "duplicate.json" => net,
        _ => false,
    }
}
