//! A mail server that keeps what it gets, and refuses when it is told to. It knows no SMTPUTF8.

use concord::{app::App, config::Secret, outbound::Mailer};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A running mail server; it ends with the test.
#[derive(Clone)]
pub struct MailServer {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    emails: Vec<ReceivedEmail>,
    answer: Option<&'static str>,
    attempts: usize,
}

/// An e-mail as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedEmail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Its headers, each on one line.
    pub head: String,
}

impl MailServer {
    pub async fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let server = MailServer { url, state: Arc::default() };
        let state = server.state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(speak(client, state.clone()));
            }
        });
        server
    }

    /// Its address, as a server's setting.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A mailer that sends here, with the settings of an application.
    pub fn mailer(&self, app: &App) -> Mailer {
        let mut config = app.config.clone();
        config.smtp_url = Some(Secret::new(&self.url));
        Mailer::new(&config, false).expect("a mailer")
    }

    /// From now on answers every recipient like this; `None`: takes them.
    pub fn answer(&self, line: Option<&'static str>) {
        self.state.lock().expect("the state").answer = line;
    }

    /// Takes out what has arrived.
    pub fn arrived(&self) -> Vec<ReceivedEmail> {
        std::mem::take(&mut self.state.lock().expect("the state").emails)
    }

    /// How often a recipient was named.
    pub fn attempts(&self) -> usize {
        self.state.lock().expect("the state").attempts
    }
}

async fn speak(mut client: TcpStream, state: Arc<Mutex<State>>) {
    let (read, mut write) = client.split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 ready\r\n").await.unwrap_or_default();
    while let Ok(Some(line)) = lines.next_line().await {
        let upper = line.to_uppercase();
        let answer = match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250 mail.example".to_owned(),
            "RCPT" => {
                to = line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                let mut state = state.lock().expect("the state");
                state.attempts += 1;
                state.answer.unwrap_or("250 fine").to_owned()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap_or_default();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                state.lock().expect("the state").emails.push(parse_email(&to, &text));
                "250 kept".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() || upper == "QUIT" {
            return;
        }
    }
}

fn parse_email(to: &str, text: &str) -> ReceivedEmail {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    // a long header goes on in lines that begin with a blank
    let head = head.replace("\n ", " ");
    let subject = head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    // soft line breaks of quoted-printable
    let text = if head.contains("quoted-printable") {
        body.replace("=\n", "").replace("=3D", "=")
    } else {
        body.to_owned()
    };
    let (to, subject) = (to.to_owned(), subject.to_owned());
    ReceivedEmail { to, subject, text: format!("{}\n", text.trim_end()), head }
}
