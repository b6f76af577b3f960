//! A process that ends with its test.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A port that nobody had a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A handler of others, whose output goes into a file.
#[derive(Debug)]
pub struct Handler(Child);

impl Handler {
    /// Starts it, and waits until it listens at `port`.
    pub fn start(command: &mut Command, port: u16, log: &Path) -> Self {
        let out = File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stderr(out.try_clone().unwrap())
            .stdout(out)
            .spawn()
            .unwrap();
        let mut handler = Self(child);
        let begun = Instant::now();
        while TcpStream::connect(("localhost", port)).is_err() {
            let said = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(
                handler.0.try_wait().unwrap().is_none(),
                "it ended by itself: {}",
                said()
            );
            assert!(
                begun.elapsed() < Duration::from_secs(90),
                "it never listened: {}",
                said()
            );
            thread::sleep(Duration::from_millis(20));
        }
        handler
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
