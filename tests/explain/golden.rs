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
    assert!(all.len() >= 600, "the golden files are incomplete: {}", all.len());
    all
}

/// A row that keeps a number's text can't be checked on exponents: reading gives `1e21` a plus sign.
pub fn keeps_exponents(golden: &Golden) -> bool {
    let keeps = golden.style.starts_with("gson") && golden.style != "gson-object" || golden.style == "go-use-number";
    keeps && golden.body == "exponents.json"
}
