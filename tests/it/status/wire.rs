//! An endpoint for XML and a receiver of HL7 v2: they write down what they get, and answer as planned.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What messages are read from and answered on.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

pub(crate) type Stream = BufReader<Box<dyn Wire>>;
type Log = Arc<Mutex<Vec<Vec<u8>>>>;
pub(crate) type Answers = Arc<Mutex<VecDeque<Box<dyn Fn(&[u8]) -> Vec<u8> + Send>>>>;

/// A server that writes down what it gets and answers as planned.
pub(crate) struct Server {
    pub(crate) port: u16,
    log: Log,
    pub(crate) answers: Answers,
}

impl Server {
    pub(crate) fn start(read: fn(&mut Stream) -> Option<Vec<u8>>) -> Self {
        Self::start_over(read, |stream| Box::new(stream))
    }

    pub(crate) fn start_over(
        read: fn(&mut Stream) -> Option<Vec<u8>>,
        over: impl Fn(TcpStream) -> Box<dyn Wire> + Send + Sync + 'static,
    ) -> Self {
        let over = Arc::new(over);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (log, answers) = (Log::default(), Answers::default());
        let of_thread = (Arc::clone(&log), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ((log, answers), over) = (of_thread.clone(), Arc::clone(&over));
                std::thread::spawn(move || {
                    let mut reader: Stream = BufReader::new(over(stream));
                    while let Some(message) = read(&mut reader) {
                        let answer = answers.lock().unwrap().pop_front().map(|answer| answer(&message));
                        log.lock().unwrap().push(message);
                        let Some(answer) = answer else { return };
                        reader.get_mut().write_all(&answer).unwrap();
                        reader.get_mut().flush().unwrap();
                    }
                });
            }
        });
        Self { port, log, answers }
    }

    pub(crate) fn will(&self, answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) {
        self.answers.lock().unwrap().push_back(Box::new(answer));
    }

    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.log.lock().unwrap().clone()
    }
}

/// A request of HTTP, head and body.
pub(crate) fn request(reader: &mut Stream) -> Option<Vec<u8>> {
    let (mut whole, mut length) = (String::new(), 0);
    while reader.read_line(&mut whole).is_ok_and(|count| count > 2) {
        let line = whole.lines().last().unwrap().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    (length > 0).then(|| [whole.into_bytes(), body].concat())
}

/// A block of MLLP.
pub(crate) fn block(reader: &mut Stream) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    reader.read_until(0x1c, &mut block).ok()?;
    let mut end = [0; 1];
    reader.read_exact(&mut end).ok()?;
    assert_eq!((block[0], end[0]), (0x0b, b'\r'));
    Some(block[1..block.len() - 1].to_vec())
}

pub(crate) fn http(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} x\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

pub(crate) fn acknowledged(message: &[u8], code: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(message).into_owned();
    let control_id = text.split('|').nth(9).unwrap();
    format!("\x0bMSH|^~\\&|EHR|F|GATEWAY|O|20260302||ACK|a1|P|2.5.1\rMSA|{code}|{control_id}\r\x1c\r").into_bytes()
}
