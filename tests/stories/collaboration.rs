//! People talk about tasks and follow them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Socket, System, in_both_forms};

async fn task(system: &System) -> String {
    let task = system.create(json!({"title": "Order 4501", "workflow_category": "Order Management"})).await;
    task["task_id"].as_str().unwrap().to_owned()
}

/// Status, body and `Location` of a comment.
async fn comment(system: &System, id: &str, body: Value, headers: &[(&str, &str)]) -> (u16, Value, String) {
    let sent = system.send(Method::POST, &format!("/api/workflow/comments/{id}"), Some(body), headers).await;
    let location = sent.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
    (sent.status().as_u16(), sent.json().await.unwrap(), location)
}

async fn status(system: &System, method: Method, path: &str) -> u16 {
    system.send(method, path, None, &[]).await.status().as_u16()
}

/// Fields and new values of a task's history, without its creation.
async fn history(system: &System, id: &str) -> Vec<(String, Value)> {
    let rows = system.get(&format!("/api/workflow/history/{id}")).await["history"].as_array().unwrap().clone();
    rows.iter().skip(1).map(|row| (row["field"].as_str().unwrap().to_owned(), row["new_value"].clone())).collect()
}

in_both_forms! {
    async fn a_comment_is_read_audited_and_announced_and_leaves_the_task_as_it_is(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "").await;
        let id = task(&system).await;
        let before = system.get(&format!("/api/workflow/get/{id}")).await["task"].clone();
        let text = "<script>alert(\"@ana\")</script> '; DROP TABLE task_comments; -- @\"Ana Ruiz\" \u{202e} mail a@b.example 🚀\n";

        let (status, added, location) = comment(&system, &id, json!({"text": text}), &[]).await;

        assert_eq!((status, &added["comment"]["text"], &added["comment"]["author"]), (201, &json!(text), &json!("local")));
        assert_eq!(added["comment"]["mentions"], json!(["ana", "Ana Ruiz"]));
        assert_eq!(system.get(&location).await, added["comment"]);
        let list = system.get(&format!("/api/workflow/comments/{id}")).await;
        assert_eq!((&list["comments"], &list["next_cursor"]), (&json!([added["comment"]]), &Value::Null));
        assert_eq!(system.get(&format!("/api/workflow/get/{id}")).await["task"], before);
        let rows = [("comment", json!(text)), ("watchers", json!("ana")), ("watchers", json!("Ana Ruiz"))];
        assert_eq!(history(&system, &id).await, rows.map(|(field, value)| (field.to_owned(), value)));
        let frames = socket.numbered(|frames| frames.len() == 3).await;
        assert_eq!((&frames[1]["event"], &frames[1]["data"]["text"]), (&json!("workflow:comment:created"), &json!(text)));
        assert_eq!(frames[1]["data"]["commentId"], added["comment"]["id"]);
        assert_eq!((&frames[2]["event"], &frames[2]["data"]["watchers"]), (&json!("workflow:watchers:changed"), &json!(["ana", "Ana Ruiz"])));
    }

    async fn a_comment_that_says_nothing_or_too_much_is_refused(system: System) {
        let id = task(&system).await;
        let people = (0..51).map(|n| format!("@n{n}")).collect::<Vec<_>>().join(" ");
        let bad = [
            json!({}), json!({"text": null}), json!({"text": ""}), json!({"text": " \n"}), json!({"text": 7}), json!({"text": "a\u{0}b"}),
            json!({"text": "ü".repeat(10_001)}), json!({"text": people}), json!({"text": "x", "author": "ana"}), json!([]),
        ];
        for body in bad {
            let (status, problem, _) = comment(&system, &id, body.clone(), &[]).await;
            assert_eq!(status, 422, "{body}");
            assert!(problem["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "{problem}");
        }
        assert_eq!(comment(&system, &id, json!({"text": "🚀".repeat(10_000)}), &[]).await.0, 201);
        for query in ["cursor=x", "cursor=-1", "limit=0", "limit=201", "page=1"] {
            assert_eq!(status(&system, Method::GET, &format!("/api/workflow/comments/{id}?{query}")).await, 422, "{query}");
        }
        assert_eq!(system.get(&format!("/api/workflow/comments/{id}")).await["comments"].as_array().unwrap().len(), 1);
    }

    async fn what_is_about_no_task_or_a_deleted_one_is_not_there(system: System) {
        let id = task(&system).await;
        comment(&system, &id, json!({"text": "soon gone"}), &[]).await;
        assert_eq!(status(&system, Method::DELETE, &format!("/api/workflow/delete/{id}")).await, 200);
        for (id, expected) in [(id.as_str(), 410), ("TASK-1-none", 404), ("%00", 400), ("%F0%9F%9A%80", 404), (&"x".repeat(201), 404)] {
            assert_eq!(comment(&system, id, json!({"text": "hello"}), &[]).await.0, expected, "{id}");
            for path in ["comments", "watchers", "attachments"] {
                assert_eq!(status(&system, Method::GET, &format!("/api/workflow/{path}/{id}")).await, expected, "{path}/{id}");
            }
            assert_eq!(status(&system, Method::PUT, &format!("/api/workflow/watchers/{id}/ana")).await, expected);
            assert_eq!(status(&system, Method::DELETE, &format!("/api/workflow/comments/{id}/1")).await, expected);
        }
        let rows: Vec<_> = history(&system, &id).await.into_iter().map(|(field, _)| field).collect();
        assert_eq!(rows, ["comment", "deleted"], "what was said stays in the history");
    }

    async fn comments_sent_at_once_are_all_kept_in_the_order_accepted(system: System) {
        let id = task(&system).await;
        for n in 0..12 {
            let (status, _, _) = comment(&system, &id, json!({"text": format!("{n}")}), &[("prefer", "respond-async")]).await;
            assert_eq!(status, 202);
        }
        let both = tokio::join!(
            comment(&system, &id, json!({"text": "12"}), &[]),
            comment(&system, &id, json!({"text": "12"}), &[]),
        );
        assert_eq!((both.0.0, both.1.0), (201, 201));

        let (mut texts, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let page = system.get(&format!("/api/workflow/comments/{id}?limit=5&cursor={cursor}")).await;
            texts.extend(page["comments"].as_array().unwrap().iter().map(|comment| comment["text"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let expected: Vec<_> = (0..13).map(|n| n.to_string()).chain(["12".to_owned()]).collect();
        assert_eq!(texts, expected);
    }

    async fn a_repeated_key_makes_one_comment(system: System) {
        let id = task(&system).await;
        let send = async |text: &str| comment(&system, &id, json!({"text": text}), &[("idempotency-key", "c-1")]).await;
        let (first, repeat) = tokio::join!(send("once"), send("once"));
        assert_eq!((first.0, &first), (201, &repeat));
        assert_eq!(send("other").await.0, 422);
        assert_eq!(system.get(&format!("/api/workflow/comments/{id}")).await["comments"].as_array().unwrap().len(), 1);
    }

    async fn a_comment_is_deleted_by_its_author_alone_and_stays_in_the_history(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "").await;
        let id = task(&system).await;
        let (_, added, mine) = comment(&system, &id, json!({"text": "mine"}), &[]).await;
        let (_, _, theirs) = comment(&system, &id, json!({"text": "theirs"}), &[]).await;
        system.database.open().await.execute_raw("UPDATE task_comments SET author = 'ben' WHERE text = 'theirs'").await;

        assert_eq!(status(&system, Method::DELETE, &theirs).await, 403);
        assert_eq!(status(&system, Method::DELETE, &mine).await, 200);
        assert_eq!(status(&system, Method::DELETE, &mine).await, 404);
        assert_eq!(status(&system, Method::GET, &mine).await, 404);

        let frame = &socket.numbered(|frames| frames.len() == 4).await[3];
        assert_eq!((&frame["event"], &frame["data"]["commentId"]), (&json!("workflow:comment:deleted"), &added["comment"]["id"]));
        let rows = history(&system, &id).await;
        assert_eq!(rows[2..], [("comment".to_owned(), Value::Null)]);
        assert_eq!(system.get(&format!("/api/workflow/comments/{id}")).await["comments"].as_array().unwrap().len(), 1);
    }

    async fn watching_is_idempotent_and_audited(system: System) {
        let id = task(&system).await;
        let path = format!("/api/workflow/watchers/{id}/Ana%20Ruiz%2FB%C3%BCro");
        let watch = async |method: Method| {
            let sent = system.send(method, &path, None, &[]).await;
            assert_eq!(sent.status(), 200);
            let body: Value = sent.json().await.unwrap();
            body["watchers"].as_array().unwrap().iter().map(|watcher| watcher["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(watch(Method::PUT).await, ["Ana Ruiz/Büro"]);
        assert_eq!(watch(Method::PUT).await, ["Ana Ruiz/Büro"]);
        let watching = system.get("/api/workflow/watching/Ana%20Ruiz%2FB%C3%BCro").await;
        assert_eq!(watching, json!({"tasks": [id], "next_cursor": null}));
        let list = system.get(&format!("/api/workflow/watchers/{id}")).await;
        assert_eq!((&list["watchers"][0]["added_by"], list["watchers"][0]["since"].is_string()), (&json!("local"), true));
        assert_eq!(watch(Method::DELETE).await, Vec::<String>::new());
        assert_eq!(watch(Method::DELETE).await, Vec::<String>::new());
        let name = json!("Ana Ruiz/Büro");
        assert_eq!(history(&system, &id).await, [("watchers".to_owned(), name), ("watchers".to_owned(), Value::Null)]);
        assert_eq!(system.get(&format!("/api/workflow/get/{id}")).await["task"]["version"], 1);
        for name in ["%20", "%0A", "%20ana", &"x".repeat(201)] {
            assert_eq!(status(&system, Method::PUT, &format!("/api/workflow/watchers/{id}/{name}")).await, 422, "{name}");
        }
    }

    async fn a_watcher_hears_of_every_change_of_what_they_watch_and_of_nothing_else(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "").await;
        let (watched, other) = (task(&system).await, task(&system).await);
        socket.numbered(|frames| frames.len() == 2).await;
        socket.send(json!({"action": "subscribe", "filter": {"watcher": ["Ana Ruiz"]}})).await;
        socket.subscribed().await;

        system.update(&watched, json!({"title": "before"})).await;
        comment(&system, &watched, json!({"text": "@\"Ana Ruiz\" look"}), &[]).await;
        system.update(&other, json!({"title": "elsewhere"})).await;
        system.update(&watched, json!({"title": "after"})).await;
        let path = format!("/api/workflow/watchers/{watched}/Ana%20Ruiz");
        assert_eq!(status(&system, Method::DELETE, &path).await, 200);
        system.update(&watched, json!({"title": "later"})).await;
        comment(&system, &other, json!({"text": "@\"Ana Ruiz\" and here"}), &[]).await;

        let frames = socket.numbered(|frames| frames.last().is_some_and(|last| last["data"]["taskId"] == json!(other))).await;
        let heard: Vec<_> = frames.iter().map(|frame| (frame["event"].as_str().unwrap(), frame["data"]["taskId"].as_str().unwrap())).collect();
        assert_eq!(heard, [
            ("workflow:comment:created", watched.as_str()),
            ("workflow:watchers:changed", &watched),
            ("workflow:task:updated", &watched),
            ("workflow:watchers:changed", &watched),
            ("workflow:comment:created", &other),
        ]);
        assert_eq!(frames[2]["data"]["updates"]["title"], "after");
    }
}
