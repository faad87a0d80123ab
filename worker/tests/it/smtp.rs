//! A mail server on a port of this machine: as much of RFC 5321 as a sender needs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as it was taken.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom it was for.
    pub recipient: String,
    /// Headers and body.
    pub text: String,
}

impl Mail {
    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }
}

/// A server that takes mail, and refuses where it was told to.
pub struct Smtp {
    /// Where it is reached.
    pub url: String,
    taken: Arc<Mutex<Vec<Mail>>>,
    answers: Arc<Mutex<VecDeque<(&'static str, &'static str)>>>,
}

impl Smtp {
    /// Answers the next commands of these names so, one after the other: `RCPT`, `DATA`, or `.` for the end of a mail.
    pub async fn answering(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (taken, answers) = (Arc::default(), Arc::new(Mutex::new(answers.iter().copied().collect())));
        let server = Self { url, taken: Arc::clone(&taken), answers: Arc::clone(&answers) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, taken.clone(), answers.clone()));
            }
        });
        server
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Mail> {
        self.taken.lock().unwrap().clone()
    }

    /// Answers not given yet.
    pub fn unused(&self) -> usize {
        self.answers.lock().unwrap().len()
    }
}

type Answers = Arc<Mutex<VecDeque<(&'static str, &'static str)>>>;

async fn serve(stream: TcpStream, taken: Arc<Mutex<Vec<Mail>>>, answers: Answers) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let told = |command: &str| {
        let mut answers = answers.lock().unwrap();
        answers.front().is_some_and(|(of, _)| *of == command).then(|| answers.pop_front().unwrap().1)
    };
    let mut recipient = String::new();
    let _ = writing.write_all(b"220 mail.test ready\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "RCPT" => {
                line.clone_into(&mut recipient);
                told("RCPT").unwrap_or("250 ok")
            }
            "DATA" => {
                let _ = writing.write_all(b"354 go on\r\n").await;
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
                let answer = told(".").unwrap_or("250 taken");
                if answer.starts_with('2') {
                    taken.lock().unwrap().push(Mail { recipient: recipient.clone(), text });
                }
                answer
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if writing.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
