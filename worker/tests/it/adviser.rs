//! A second opinion from a language model, played by a server of this test: what it may do, what it may not, and that
//! nothing waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use shared::clock::Clock;
use shared::domain::{Category, Priority, Status, Task};
use shared::store::mail::NewEmail;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use worker::Config;
use worker::adviser::{Counsel, OpenAi};

use crate::review::{doubtful, mail, take_in, task_of};
use crate::{in_both_databases, noon};

const KEY: &str = "sk-not-to-be-seen";
const TEXT: &str = "Where is our delivery? The line stands still and it is urgent, we need it today.";

/// A model that answers what it was told to, and then never.
struct Model {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Model {
    /// Each answer is a status line and a body.
    async fn answering(answers: &[(&'static str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let answers: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(answers.to_vec().into()));
        let model = Self { url, asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, asked.clone(), answers.clone()));
            }
        });
        model
    }

    fn counsel(&self, budget: i64) -> Config {
        let patience = Duration::from_millis(400);
        let adviser = OpenAi::with_patience(&self.url, "small", Some(KEY), patience).unwrap();
        Config { counsel: Some(Counsel::new(adviser, budget)), ..doubtful() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<(&'static str, String)>>>,
) {
    let mut bytes = Vec::new();
    let whole = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        (body.len() >= length.unwrap_or(0)).then(|| text.clone())
    };
    while whole(&bytes).is_none() {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    asked.lock().unwrap().extend(whole(&bytes));
    let Some((status, body)) = answers.lock().unwrap().pop_front() else {
        std::future::pending::<()>().await;
        return;
    };
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let _ = stream.write_all(text.as_bytes()).await;
}

/// A completion whose content is this.
fn says(content: &impl ToString) -> (&'static str, String) {
    ("200 OK", json!({"choices": [{"message": {"role": "assistant", "content": content.to_string()}}]}).to_string())
}

fn said(value: &str, span: &str) -> Value {
    json!({"value": value, "span": span})
}

/// What mail may decide of a task.
fn fields(task: &Task) -> Value {
    json!([
        task.workflow_category,
        task.workflow_state,
        task.manual_status,
        task.priority,
        task.current_owner,
        task.dollar_value,
        task.entities.order_numbers,
    ])
}

/// The bytes of a mail under another id: a copy.
fn copy_of(n: usize, id: usize) -> NewEmail {
    NewEmail { id: format!("mail-{id}"), ..mail(n, TEXT) }
}

in_both_databases! {
    async fn advice_chooses_and_raises_and_says_so(db: Db) {
        let clock = Clock::fixed(noon());
        let model = Model::answering(&[says(&json!({
            "workflow_category": said("Returns and RMA", "our delivery"),
            "task_status": said("RED", "The line stands still"),
            "priority": said("CRITICAL", "urgent"),
        }))]).await;
        take_in(&db, &clock, "one", &[mail(1, TEXT)], model.counsel(9)).await;
        let task = task_of(&db, 1).await;
        assert_eq!((task.workflow_category, task.priority), (Category::ReturnsAndRma, Priority::Critical));
        assert_eq!(task.manual_status, Status::Red);
        assert_eq!(task.tags, ["review"], "a person looks all the same");
        let why = &task.analysis["workflow_category"];
        assert_eq!((why.rule.as_str(), why.span.as_deref()), ("adviser small", Some("our delivery")));

        let asked = model.asked();
        let (head, body) = asked[0].split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v1/chat/completions ") && head.contains(KEY));
        let body: Value = serde_json::from_str(body).unwrap();
        let [system, user] = [0, 1].map(|n| body["messages"][n]["content"].as_str().unwrap());
        assert!(!system.contains("delivery") && !asked[0].contains("sk-not-to-be-seen\\"));
        assert!(serde_json::from_str::<Value>(user).unwrap()["mail"].as_str().unwrap().contains(TEXT));

        take_in(&db, &clock, "copy", &[copy_of(1, 2)], model.counsel(9)).await;
        assert_eq!(model.asked().len(), 1, "the answer is kept");
        let kept = "SELECT count(*) FROM adviser_answers WHERE model = 'small'";
        assert_eq!((db.query_i64(kept).await, db.query_i64("SELECT calls FROM adviser_calls").await), (1, 1));
    }

    async fn whatever_else_it_answers_the_first_reading_stands(db: Db) {
        let clock = Clock::fixed(noon());
        take_in(&db, &clock, "first", &[mail(1, TEXT)], doubtful()).await;
        let first = fields(&task_of(&db, 1).await);
        let priority = said("NORMAL", "urgent");
        let answers = [
            says(&json!({"priority": priority, "task_status": said("COMPLETED", "today")})),
            says(&json!({"priority": said("CRITICAL", "urgent"), "current_owner": "Mallory"})),
            says(&json!({"workflow_category": said("Deal Activations", "words that the mail does not have")})),
            says(&json!({"workflow_category": said("Fraud", "urgent")})),
            says(&json!({"workflow_category": {"value": "Deal Activations", "span": " "}})),
            says(&json!({"workflow_category": "Deal Activations"})),
            says(&json!({"dollar_value": 1, "entities": {"order_numbers": ["1"]}, "is_noise": true})),
            says(&"set priority to NORMAL {"),
            ("200 OK", "not even JSON".to_owned()),
            ("200 OK", json!({"choices": []}).to_string()),
            ("200 OK", "x".repeat(100_000)),
            ("500 Internal Server Error", String::new()),
            ("302 Found", String::new()),
        ];
        for (n, answer) in answers.into_iter().enumerate() {
            let model = Model::answering(std::slice::from_ref(&answer)).await;
            let n = n + 10;
            take_in(&db, &clock, &format!("batch-{n}"), &[mail(n, TEXT)], model.counsel(99)).await;
            assert_eq!(model.asked().len(), 1, "{answer:?}");
            let task = task_of(&db, n).await;
            assert_eq!(fields(&task), first, "{answer:?}");
            let advised = task.analysis.values().filter(|why| why.rule.starts_with("adviser")).count();
            assert_eq!(advised, 0, "{answer:?}");
        }
    }

    async fn a_silent_model_is_asked_no_more_and_nothing_waits_for_it(db: Db) {
        let clock = Clock::fixed(noon());
        let model = Model::answering(&[]).await;
        let mails: Vec<NewEmail> = (1..=20).map(|n| mail(n, TEXT)).collect();
        let began = tokio::time::Instant::now();
        take_in(&db, &clock, "silence", &mails, model.counsel(99)).await;
        assert!(began.elapsed() < Duration::from_secs(30));
        assert!((1..=4).contains(&model.asked().len()), "{} calls", model.asked().len());
        assert_eq!(db.query_i64("SELECT count(*) FROM emails WHERE outcome = 'created'").await, 20);
        assert_eq!(db.query_i64("SELECT count(*) FROM adviser_answers").await, 0, "it may be asked another day");
    }

    async fn the_days_budget_is_that_of_all_workers(db: Db) {
        let clock = Clock::fixed(noon());
        let answers: Vec<_> = (0..9).map(|_| says(&json!({}))).collect();
        let model = Model::answering(&answers).await;
        let mails: Vec<NewEmail> = (1..=5).map(|n| mail(n, TEXT)).collect();
        take_in(&db, &clock, "one", &mails, model.counsel(3)).await;
        assert_eq!(model.asked().len(), 3);
        take_in(&db, &clock, "two", &[mail(6, TEXT)], model.counsel(3)).await;
        assert_eq!(model.asked().len(), 3, "another worker, the same day");
        clock.advance(chrono::TimeDelta::days(1));
        take_in(&db, &clock, "three", &[mail(7, TEXT)], model.counsel(3)).await;
        assert_eq!(model.asked().len(), 4);
        take_in(&db, &clock, "none", &[mail(8, TEXT)], model.counsel(0)).await;
        assert_eq!(model.asked().len(), 4);
    }
}
