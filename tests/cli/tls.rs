//! Whom `send` trusts over TLS. The server is Node's, its certificate OpenSSL's.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::support::{Home, missing, run};

const NODE: &str = "const { readFileSync } = require('fs');
const options = { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') };
const server = require('https').createServer(options, (request, response) => request.resume().on('end', () => response.end('safe')));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));";

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_certificate_is_trusted_where_its_authority_is_named() {
    let home = Home::new();
    if Command::new("openssl").arg("version").output().is_err()
        || Command::new("node").arg("--version").output().is_err()
    {
        return missing("OpenSSL or Node");
    }
    for arguments in [
        "-subj /CN=authority -keyout ca.key -out ca.pem",
        "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
         -CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem",
    ] {
        let mut openssl = Command::new("openssl");
        let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
        openssl
            .args(new.split(' '))
            .args(arguments.split_whitespace())
            .current_dir(home.work());
        let made = run(&mut openssl, b"");
        assert_eq!(made.status, 0, "{}", made.stderr);
    }
    let mut node = Command::new("node");
    node.args(["-e", NODE]).current_dir(home.work()).stdout(Stdio::piped());
    let mut server = Server(node.spawn().unwrap());
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().unwrap())
        .read_line(&mut port)
        .unwrap();
    let to = format!("https://127.0.0.1:{}/", port.trim_end());
    let send = |more: &[&str]| home.run(&[&["send", "cost.alert", "--to", &to][..], more].concat());

    let stranger = send(&[]);
    assert!(
        stranger.text(3).contains("no certificate that is trusted here"),
        "{stranger:?}"
    );
    assert!(send(&["--cacert", "ca.pem"]).text(0).contains("200"));
    let insecure = send(&["--insecure"]);
    assert!(insecure.text(0).contains("200"));
    assert!(
        insecure.stderr.contains("no certificate is checked"),
        "{}",
        insecure.stderr
    );
    home.write("../home/.config/ckwh/config.toml", "insecure = true");
    assert!(send(&[]).stderr.contains("no certificate is checked"));
}
