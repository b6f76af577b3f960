//! serde_json over every body: style <TAB> body <TAB> base64 of the bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn main() {
    let folder = std::env::args().nth(1).expect("the folder of the bodies");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        for (name, out) in [
            ("serde-json", serde_json::to_vec(&value).unwrap()),
            ("serde-json-pretty", serde_json::to_vec_pretty(&value).unwrap()),
        ] {
            println!("{name}\t{file}\t{}", STANDARD.encode(out));
        }
    }
}
