//! A server on this host that counts who comes.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The beginning of a gzip file.
pub(super) const PACKED: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Answers on a port of this host, over IPv4 and, where there is one, IPv6.
pub(super) struct Listener {
    pub(super) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    count: Arc<Mutex<usize>>,
}

impl Listener {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // All of 127.0.0.0/8 and the unspecified address lead here, too.
        drop(listener);
        let listeners =
            [TcpListener::bind(("0.0.0.0", port)).ok(), TcpListener::bind(("::1", port)).ok()].into_iter().flatten();
        let (heads, count) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<usize>>::default());
        for listener in listeners {
            let (heads, count) = (Arc::clone(&heads), Arc::clone(&count));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    *count.lock().unwrap() += 1;
                    let heads = Arc::clone(&heads);
                    std::thread::spawn(move || answer(stream, &heads));
                }
            });
        }
        Self { port, heads, count }
    }

    pub(super) fn connections(&self) -> usize {
        *self.count.lock().unwrap()
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Requests that came with what proves who we are.
    pub(super) fn authorizations(&self) -> usize {
        self.heads().iter().filter(|head| head.to_ascii_lowercase().contains("\nauthorization:")).count()
    }
}

fn answer(mut stream: TcpStream, heads: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.to_owned();
    heads.lock().unwrap().push(head);
    let close = "Connection: close\r\n";
    let answer = match path.split('?').next()? {
        "/long" => {
            let body = "x".repeat(100_000);
            format!("HTTP/1.1 200 X\r\n{close}Content-Length: 100000\r\n\r\n{body}").into_bytes()
        }
        "/packed" => {
            let head =
                format!("HTTP/1.1 200 X\r\n{close}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", PACKED.len());
            [head.as_bytes(), PACKED].concat()
        }
        "/cut" => format!("HTTP/1.1 200 X\r\n{close}Content-Length: 50\r\n\r\nhalf").into_bytes(),
        // `/redirect/307?http://...`
        redirect if redirect.starts_with("/redirect/") => {
            let (status, to) = path.strip_prefix("/redirect/")?.split_once('?')?;
            format!("HTTP/1.1 {status} X\r\n{close}Location: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
        }
        _ => format!("HTTP/1.1 200 X\r\n{close}Content-Length: 0\r\n\r\n").into_bytes(),
    };
    stream.write_all(&answer).ok()
}
