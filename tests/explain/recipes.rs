//! A proof's recipe, followed by Node and by OpenSSL, gives the MAC that was asked about.

use std::process::Command;

use crate::golden;
use crate::question::{Case, SECRET, dotted, mac};
use crate::support::{missing, run};

/// What Node makes of a recipe: the styles that it can write, white space in the secret, and the content.
const NODE: &str = r#"
const crypto = require('node:crypto');
const steps = {
  'json:javascript': (text) => JSON.stringify(JSON.parse(text)),
  'json:javascript-indent-2': (text) => JSON.stringify(JSON.parse(text), null, 2),
  'json:javascript-indent-4': (text) => JSON.stringify(JSON.parse(text), null, 4),
  'json:javascript-indent-tab': (text) => JSON.stringify(JSON.parse(text), null, '\t'),
  'json-string': (text) => JSON.stringify(text),
  'append:\\n': (text) => text + '\n',
  'trim': (text) => text.trim(),
  'empty': () => '',
};
const follow = (names, text) => names.reduce((text, name) => steps[name](text), text);
for (const { recipe, secret, body } of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) {
  const parts = { '{timestamp}': recipe.timestamp, '{body}': follow(recipe.body, body) };
  const content = recipe.content.replace(/\{\w+\}/g, (part) => parts[part]);
  const mac = crypto.createHmac(recipe.mac.replace('hmac-', ''), follow(recipe.key, secret));
  console.log(mac.update(content).digest(recipe.encoding));
}
"#;

#[test]
fn node_follows_a_recipe_to_the_same_mac() {
    if Command::new("node").arg("--version").output().is_err() {
        return missing("Node");
    }
    let (mut asked, mut due) = (Vec::new(), Vec::new());
    for golden in golden::all()
        .iter()
        .filter(|golden| golden.style.starts_with("javascript"))
    {
        let body = golden::body(&golden.body);
        for (key, written) in [
            (SECRET.to_owned(), golden.written.clone()),
            (format!("{SECRET}\n"), golden.written.clone()),
            (SECRET.to_owned(), [&golden.written[..], b"\n"].concat()),
        ] {
            let signature = mac(key.as_bytes(), &dotted(&written));
            let explanation = Case::usual(body.clone()).did(format!("sha256={signature}"));
            let Some(cause) = explanation.causes.first() else {
                continue;
            };
            let recipe = serde_json::to_value(cause.proof.as_ref().unwrap().recipe.as_ref().unwrap()).unwrap();
            let known = |step: &serde_json::Value| {
                NODE.contains(&format!("'{}'", step.as_str().unwrap().replace('\\', "\\\\")))
            };
            let all = [&recipe["body"], &recipe["key"]];
            if !all.iter().all(|steps| steps.as_array().unwrap().iter().all(known)) || golden.style.ends_with("sorted")
            {
                continue;
            }
            asked.push(serde_json::json!({"recipe": recipe, "secret": SECRET, "body": String::from_utf8(body.clone()).unwrap()}));
            due.push(signature);
        }
    }
    assert!(due.len() >= 60, "{}", due.len());
    let input = serde_json::Value::from(asked.clone()).to_string();
    let made = run(Command::new("node").args(["-e", NODE]), input.as_bytes());
    let made_all = String::from_utf8(made.stdout).unwrap();
    assert_eq!(made_all.lines().count(), due.len(), "{}", made.stderr);
    for ((own, due), asked) in made_all.lines().zip(&due).zip(&asked) {
        assert_eq!(own, due, "{asked:#}");
    }
}

#[test]
fn openssl_gives_the_mac_of_what_the_recipe_says() {
    if Command::new("openssl").arg("version").output().is_err() {
        return missing("OpenSSL");
    }
    for golden in golden::all()
        .iter()
        .filter(|golden| golden.body == "event.json")
        .step_by(9)
    {
        let signature = mac(SECRET.as_bytes(), &dotted(&golden.written));
        let explanation = Case::usual(golden::body(&golden.body)).did(signature.clone());
        let recipe = explanation.causes[0].proof.as_ref().unwrap().recipe.clone().unwrap();
        let content = recipe
            .content
            .replace("{timestamp}", recipe.timestamp.as_deref().unwrap());
        let content = [content.strip_suffix("{body}").unwrap().as_bytes(), &golden.written].concat();
        let hash = format!("-{}", recipe.mac.strip_prefix("hmac-").unwrap());
        let made = run(Command::new("openssl").args(["dgst", &hash, "-hmac", SECRET]), &content);
        let text = String::from_utf8(made.stdout).unwrap();
        assert_eq!(
            text.trim().rsplit(' ').next(),
            Some(signature.as_str()),
            "{}",
            golden.style
        );
    }
}
