//! Keys, sessions and roles, with authentication required.

mod mailboxes;
mod matrix;
mod sockets;

use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{System, eventually};

/// What all systems of these stories are told.
const SETTINGS: [(&str, &str); 2] = [("WORKFLOW_AUTH", "required"), ("WORKFLOW_KEY_PEPPER", PEPPER)];
const PEPPER: &str = "a pepper of these tests";

/// Declares a story for both forms, with authentication required.
macro_rules! guarded_in_both_forms {
    ($(async fn $name:ident($system:ident: System) $body:block)+) => {
        mod embedded {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let $system = crate::support::System::embedded_with(&crate::auth::SETTINGS);
                $body
            })+
        }
        mod production {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let settings = crate::auth::SETTINGS;
                let started = crate::support::System::production_with(2, 1, &settings).await;
                let Some($system) = started else { return };
                $body
            })+
        }
    };
}
use guarded_in_both_forms;

/// A key, as `workflow keys create --json` prints it.
fn create_key(system: &System, role: &str, name: &str, further: &[&str]) -> Value {
    let args = [&["keys", "create", "--role", role, "--name", name, "--json"], further].concat();
    let made: Value = serde_json::from_str(&keys(system, &args)).unwrap();
    assert_eq!((made["name"].as_str(), made["role"].as_str()), (Some(name), Some(role)));
    made
}

/// The secret of a new key.
fn key(system: &System, role: &str, name: &str) -> String {
    create_key(system, role, name, &[])["key"].as_str().unwrap().to_owned()
}

/// What the command prints; it must succeed, and needs no server.
fn keys(system: &System, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workflow"));
    command.args(args).env("DATABASE_URL", &system.database.url).env("WORKFLOW_KEY_PEPPER", PEPPER);
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

async fn ask(system: &System, method: Method, path: &str, key: &str, body: Option<Value>) -> Response {
    system.send(method, path, body, &[("authorization", &format!("Bearer {key}"))]).await
}

async fn status(system: &System, key: &str) -> u16 {
    ask(system, Method::GET, "/api/workflow/list", key, None).await.status().as_u16()
}

fn order() -> Value {
    json!({"title": "Order 4500017731", "workflow_category": "Order Management"})
}

/// The problem without what tells two requests apart.
async fn problem(answer: Response) -> (u16, String, String, Value) {
    let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let (status, asked, kind) = (answer.status().as_u16(), header("www-authenticate"), header("content-type"));
    let mut body: Value = answer.json().await.unwrap();
    body.as_object_mut().unwrap().remove("instance");
    (status, asked, kind, body)
}

guarded_in_both_forms! {
    async fn a_key_opens_the_api_and_nothing_else_does(system: System) {
        let made = create_key(&system, "operator", "ana", &[]);
        let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
        assert!(secret.starts_with(&format!("wfk_{id}_")) && secret.len() == 64, "{secret}");
        assert_eq!(status(&system, secret).await, 200);

        let nobody = problem(system.send(Method::GET, "/api/workflow/list", None, &[]).await).await;
        assert_eq!((nobody.0, nobody.1.as_str(), nobody.2.as_str()), (401, "Bearer", "application/problem+json"));
        let mut other = secret.to_owned();
        let last = if secret.ends_with('A') { 'B' } else { 'A' };
        other.replace_range(40..41, &last.to_string());
        let expired = create_key(&system, "viewer", "eva", &["--expires-in", "1h"]);
        let revoked = create_key(&system, "viewer", "rio", &[]);
        let db = system.database.open().await;
        let past = format!("UPDATE api_keys SET expires_at = '2026-01-01T00:00:00+00:00' WHERE id = '{}'", expired["id"].as_str().unwrap());
        assert_eq!(db.execute_raw(&past).await, 1);
        keys(&system, &["keys", "revoke", revoked["id"].as_str().unwrap()]);
        let unknown = format!("wfk_0123456789abcdef_{}", &secret[21..]);
        for wrong in ["", "nonsense", &secret[..60], &other, &unknown, expired["key"].as_str().unwrap(), revoked["key"].as_str().unwrap()] {
            let refused = ask(&system, Method::GET, "/api/workflow/list", wrong, None).await;
            assert_eq!(problem(refused).await, nobody, "{wrong}");
        }
        let twice = [("authorization", format!("Bearer {secret}")), ("authorization", "Bearer x".to_owned())];
        let twice = twice.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(system.send(Method::GET, "/api/workflow/list", None, &twice).await.status(), 401);

        // What says nothing of what is stored is anybody's.
        for path in ["/health/live", "/health/ready", "/openapi.json", "/openapi-3.0.json", "/asyncapi.json", "/docs"] {
            assert_eq!(system.send(Method::GET, path, None, &[]).await.status(), 200, "{path}");
        }
        assert_eq!(system.send(Method::GET, "/", None, &[("accept", "text/html")]).await.status(), 200);
        for path in ["/api", "/metrics", "/api/nothing", "/api/workflow/nothing"] {
            assert_eq!(system.send(Method::GET, path, None, &[]).await.status(), 401, "{path}");
        }
        assert_eq!(ask(&system, Method::GET, "/api/nothing", secret, None).await.status(), 404);
        assert_eq!(ask(&system, Method::DELETE, "/api/workflow/list", secret, None).await.status(), 405);
        assert_eq!(system.send(Method::HEAD, "/api/workflow/list", None, &[]).await.status(), 401);
    }

    async fn a_change_is_made_by_the_keys_name(system: System) {
        let (ana, ben) = (key(&system, "operator", "ana"), key(&system, "operator", "ben"));
        let created = ask(&system, Method::POST, "/api/workflow/create", &ana, Some(order())).await;
        assert_eq!(created.status(), 201);
        let task = created.json::<Value>().await.unwrap()["task_id"].as_str().unwrap().to_owned();
        let path = format!("/api/workflow/update/{task}");
        assert_eq!(ask(&system, Method::PUT, &path, &ben, Some(json!({"task_status": "RED"}))).await.status(), 200);
        let read = ask(&system, Method::GET, &format!("/api/workflow/get/{task}"), &ana, None).await;
        let read: Value = read.json().await.unwrap();
        let by: Vec<&str> = read["history"].as_array().unwrap().iter().map(|row| row["changed_by"].as_str().unwrap()).collect();
        assert!(by.starts_with(&["ana"]) && by[1..].iter().all(|name| *name == "ben"), "{by:?}");

        // The same Idempotency-Key of two principals is two keys, and of one it is one.
        let create = async |key: &str| {
            let headers = [("authorization", format!("Bearer {key}")), ("idempotency-key", "order-1".to_owned())];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            let made = system.send(Method::POST, "/api/workflow/create", Some(order()), &headers).await;
            made.json::<Value>().await.unwrap()["task_id"].clone()
        };
        let first = create(&ana).await;
        assert_eq!(create(&ana).await, first);
        assert_ne!(create(&ben).await, first);
    }

    async fn roles_do_what_they_are_for(system: System) {
        let of = |role: &str| key(&system, role, role);
        let (viewer, operator, admin, ingest) = (of("viewer"), of("operator"), of("admin"), of("ingest"));
        let batch = json!({"mailbox": "orders", "emails": [{"from": "a@example.com", "subject": "PO 1", "body": "x"}]});
        let pause = "/api/queues/email/pause";
        for (method, path, body, allowed) in [
            (Method::GET, "/api/workflow/list", None, [true, true, true, false]),
            (Method::GET, "/api/jobs", None, [true, true, true, false]),
            (Method::POST, "/api/workflow/create", Some(order()), [false, true, true, false]),
            (Method::POST, "/api/workflow/batches", Some(batch), [false, true, true, true]),
            (Method::GET, "/api/workflow/batches/none", None, [true, true, true, true]),
            (Method::POST, pause, Some(json!({})), [false, false, true, false]),
            (Method::GET, "/api/audit", None, [false, false, true, false]),
            (Method::GET, "/api/keys", None, [false, false, true, false]),
            (Method::POST, "/api/workflow.create", Some(order()), [false, true, true, false]),
            (Method::GET, "/api/workflow.metrics", None, [true, true, true, false]),
        ] {
            for (key, allowed) in [&viewer, &operator, &admin, &ingest].into_iter().zip(allowed) {
                let status = ask(&system, method.clone(), path, key, body.clone()).await.status().as_u16();
                assert_eq!(![401, 403].contains(&status), allowed, "{method} {path} as {}: {status}", &key[..8]);
            }
        }
        // Each procedure of a batch is judged by itself, and whoever is nobody is told so in the form that a link reads.
        let both = "/api/workflow.list,workflow.get?batch=1&input=%7B%221%22%3A%7B%22taskId%22%3A%22x%22%7D%7D";
        let refused = ask(&system, Method::GET, both, &ingest, None).await;
        assert_eq!(refused.status(), 403);
        let refused: Value = refused.json().await.unwrap();
        assert_eq!([&refused[0], &refused[1]].map(|item| item["error"]["data"]["code"].as_str()), [Some("FORBIDDEN"); 2]);
        let nobody = system.send(Method::GET, both, None, &[]).await;
        assert_eq!((nobody.status().as_u16(), nobody.headers()["www-authenticate"].to_str().unwrap()), (401, "Bearer"));
        let nobody: Value = nobody.json().await.unwrap();
        assert_eq!(nobody[1]["error"]["data"]["code"], "UNAUTHORIZED");
    }

    async fn keys_are_made_listed_and_revoked_over_the_api(system: System) {
        let admin = key(&system, "admin", "root");
        let body = json!({"name": "gateway", "role": "ingest", "expires_at": "2099-01-01T00:00:00Z"});
        let made = ask(&system, Method::POST, "/api/keys", &admin, Some(body)).await;
        assert_eq!((made.status().as_u16(), made.headers()["cache-control"].to_str().unwrap()), (201, "no-store"));
        let made: Value = made.json().await.unwrap();
        let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
        assert_eq!(ask(&system, Method::GET, "/api/workflow/batches", secret, None).await.status(), 200);
        let listed: Value = ask(&system, Method::GET, "/api/keys", &admin, None).await.json().await.unwrap();
        assert!(!listed.to_string().contains(&secret[21..]) && !listed.to_string().contains("digest"), "{listed}");
        assert_eq!(listed["keys"].as_array().unwrap().len(), 2);
        eventually(Duration::from_secs(10), async || {
            let listed: Value = ask(&system, Method::GET, "/api/keys", &admin, None).await.json().await.unwrap();
            let all = listed["keys"].as_array().unwrap().iter().all(|key| !key["last_used_at"].is_null());
            all.then_some(())
        })
        .await;
        for (wrong, status) in [
            (json!({"name": "gateway", "role": "admin"}), 409),
            (json!({"name": "SLA Monitor", "role": "viewer"}), 422),
            (json!({"name": "x", "role": "root"}), 422),
            (json!({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}), 422),
            (json!({"name": "x"}), 422),
        ] {
            assert_eq!(ask(&system, Method::POST, "/api/keys", &admin, Some(wrong.clone())).await.status(), status, "{wrong}");
        }
        // Its successor has its name; then it goes.
        let next = json!({"name": "gateway", "role": "ingest"});
        assert_eq!(ask(&system, Method::POST, "/api/keys", &admin, Some(next)).await.status(), 201);
        let path = format!("/api/keys/{id}");
        for _ in 0..2 {
            let revoked = ask(&system, Method::DELETE, &path, &admin, None).await;
            assert_eq!(revoked.status(), 200);
            assert_eq!(revoked.json::<Value>().await.unwrap()["state"], "revoked");
        }
        assert_eq!(ask(&system, Method::DELETE, "/api/keys/none", &admin, None).await.status(), 404);
        let trail: Value = ask(&system, Method::GET, "/api/audit", &admin, None).await.json().await.unwrap();
        let told: Vec<String> = trail["entries"].as_array().unwrap().iter()
            .map(|entry| format!("{} {}", entry["principal"].as_str().unwrap(), entry["action"].as_str().unwrap())).collect();
        assert_eq!(told, ["root key.revoke", "root key.create", "root key.create", "command line key.create"]);
        assert!(!trail.to_string().contains(&secret[21..]));
        let table = keys(&system, &["keys", "list"]);
        assert!(table.contains("revoked") && table.contains("root") && !table.contains(&secret[21..]), "{table}");
    }

    async fn a_revoked_or_expired_key_opens_nothing_after_five_seconds(system: System) {
        let (revoked, expired) = (create_key(&system, "viewer", "rio", &[]), create_key(&system, "viewer", "eva", &[]));
        let text = |key: &Value, field: &str| key[field].as_str().unwrap().to_owned();
        let last = system.apis.len() - 1;
        let opens = async |secret: &str| {
            let headers = [("authorization", format!("Bearer {secret}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            // The process that does not revoke it, where there is one.
            system.send_to(last, Method::GET, "/api/workflow/list", None, &headers).await.status() == 200
        };
        for secret in [text(&revoked, "key"), text(&expired, "key")] {
            assert!(opens(&secret).await);
        }
        let db = system.database.open().await;
        let past = format!("UPDATE api_keys SET expires_at = '2026-01-01T00:00:00+00:00' WHERE id = '{}'", text(&expired, "id"));
        db.execute_raw(&past).await;
        keys(&system, &["keys", "revoke", &text(&revoked, "id")]);
        let since = Instant::now();
        for secret in [text(&revoked, "key"), text(&expired, "key")] {
            // Asked all the time, as by a client that polls: nobody may live on what is remembered.
            eventually(Duration::from_secs(5), async || (!opens(&secret).await).then_some(())).await;
        }
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        eprintln!("revoked and expired keys were refused {:?} later", since.elapsed());
    }

    async fn a_browser_signs_in_with_a_cookie_that_no_other_page_can_use(system: System) {
        let ana = create_key(&system, "operator", "ana", &[]);
        let origin = system.apis[0].url.clone();
        let sign_in = async |secret: &str| {
            system.send(Method::POST, "/api/session", Some(json!({"key": secret})), &[("origin", &origin)]).await
        };
        assert_eq!(problem(sign_in("wfk_wrong").await).await.0, 401);
        assert_eq!(system.send(Method::GET, "/api/session", None, &[]).await.status(), 401);
        let signed_in = sign_in(ana["key"].as_str().unwrap()).await;
        assert_eq!(signed_in.status(), 201);
        let set = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
        for word in ["workflow_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43"] {
            assert!(set.contains(word), "{word} in {set}");
        }
        let view: Value = signed_in.json().await.unwrap();
        assert_eq!((view["principal"].as_str(), view["role"].as_str(), view["authentication"].as_str()), (Some("ana"), Some("operator"), Some("required")));
        let cookie = set.split(';').next().unwrap().to_owned();
        let secret = cookie.split_once('=').unwrap().1.to_owned();

        let with = async |method: Method, path: &str, origin: Option<&str>, body: Option<Value>| {
            let mut headers = vec![("cookie", cookie.as_str())];
            headers.extend(origin.map(|origin| ("origin", origin)));
            system.send(method, path, body, &headers).await
        };
        let create = "/api/workflow/create";
        assert_eq!(with(Method::GET, "/api/session", None, None).await.json::<Value>().await.unwrap()["principal"], "ana");
        assert_eq!(with(Method::GET, "/api/workflow/list", None, None).await.status(), 200);
        let made = with(Method::POST, create, Some(&origin), Some(order())).await;
        assert_eq!(made.status(), 201);
        for foreign in [None, Some("http://localhost:1"), Some("https://evil.example"), Some("null")] {
            assert_eq!(with(Method::POST, create, foreign, Some(order())).await.status(), 403, "{foreign:?}");
            assert_eq!(with(Method::DELETE, "/api/session", foreign, None).await.status(), 403, "{foreign:?}");
        }
        assert_eq!(with(Method::GET, "/api/keys", None, None).await.status(), 403, "it can do no more than its key");
        let db = system.database.open().await;
        assert_eq!(db.query_i64("SELECT count(*) FROM sessions").await, 1);
        assert_eq!(db.query_i64(&format!("SELECT count(*) FROM sessions WHERE hash = '{secret}'")).await, 0);

        let out = with(Method::DELETE, "/api/session", Some(&origin), None).await;
        assert_eq!(out.status(), 204);
        assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        assert_eq!(with(Method::GET, "/api/session", None, None).await.status(), 401);
        assert_eq!(db.query_i64("SELECT count(*) FROM sessions").await, 0);

        // A session ends with its key.
        let again = sign_in(ana["key"].as_str().unwrap()).await;
        let cookie = again.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        keys(&system, &["keys", "revoke", ana["id"].as_str().unwrap()]);
        eventually(Duration::from_secs(5), async || {
            let asked = system.send(Method::GET, "/api/session", None, &[("cookie", &cookie)]).await;
            (asked.status() == 401).then_some(())
        })
        .await;
    }

    async fn nothing_that_is_stored_holds_a_key(system: System) {
        let (ana, admin) = (key(&system, "operator", "ana"), key(&system, "admin", "root"));
        let origin = system.apis[0].url.clone();
        let made = ask(&system, Method::POST, "/api/keys", &admin, Some(json!({"name": "gw", "role": "ingest"}))).await;
        let made: Value = made.json().await.unwrap();
        assert_eq!(ask(&system, Method::POST, "/api/workflow/create", &ana, Some(order())).await.status(), 201);
        let signed_in = system.send(Method::POST, "/api/session", Some(json!({"key": ana})), &[("origin", &origin)]).await;
        let set = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
        let session = set.split([';', '=']).nth(1).unwrap().to_owned();
        let gateway = made["key"].as_str().unwrap();
        let secrets = [&ana[21..], &admin[21..], &gateway[21..], &session];
        let db = system.database.open().await;
        if let Some(file) = system.database.url.strip_prefix("sqlite://") {
            for file in [file.to_owned(), format!("{file}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                for secret in secrets {
                    assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{file}");
                }
            }
            return;
        }
        let tables = db.query_texts("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'").await;
        assert!(tables.len() > 20);
        for table in tables {
            for secret in secrets {
                let found = format!("SELECT count(*) FROM \"{table}\" AS t WHERE strpos(t::text, '{secret}') > 0");
                assert_eq!(db.query_i64(&found).await, 0, "{table}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_authentication_everybody_is_local_and_nobody_signs_in() {
    let system = System::embedded();
    let session = system.get("/api/session").await;
    assert_eq!(
        session,
        json!({"principal": "local", "role": "admin", "mailboxes": null, "authentication": "off", "expires_at": null})
    );
    let sign_in = system.send(Method::POST, "/api/session", Some(json!({"key": "wfk_x"})), &[]).await;
    assert_eq!(sign_in.status(), 409);
    assert_eq!(ask(&system, Method::GET, "/api/workflow/list", "anything", None).await.status(), 200);
    // A page of somebody else can make a visitor's browser send a POST without a body.
    for (origin, status) in [("https://evil.example", 403), ("null", 403), (system.apis[0].url.as_str(), 200)] {
        let pause = system.send(Method::POST, "/api/queues/email/pause", None, &[("origin", origin)]).await;
        assert_eq!(pause.status(), status, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_principal_has_its_own_limit_and_an_address_that_guesses_is_slowed_down() {
    let settings = [SETTINGS.as_slice(), &[("WORKFLOW_RATE_LIMIT", "20")]].concat();
    let system = System::embedded_with(&settings);
    let ana = key(&system, "viewer", "ana");
    let answer = ask(&system, Method::GET, "/api/session", &ana, None).await;
    assert!(answer.headers()["ratelimit"].to_str().unwrap().contains("r="));
    let system = System::embedded_with(&SETTINGS);
    let ana = key(&system, "viewer", "ana");
    assert_eq!(status(&system, &ana).await, 200);
    let guesses: Vec<String> = (0..600).map(|n| format!("wfk_{n:016x}_{}", &ana[21..])).collect();
    let refused = futures_util::future::join_all(guesses.iter().map(|guess| status(&system, guess))).await;
    let of = |status: u16| refused.iter().filter(|answer| **answer == status).count();
    assert_eq!(of(401) + of(429), 600, "{refused:?}");
    assert!(of(401) >= 200 && of(429) > 0, "{refused:?}");
    assert_eq!(status(&system, &ana).await, 200, "whoever was let in goes on");
}
