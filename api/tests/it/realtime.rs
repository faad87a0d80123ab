//! The socket over a real server and a database in a file.

#![expect(clippy::unwrap_used, reason = "a stage that cannot be set fails its test")]

mod stage;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::domain::Status;
use shared::events::{Signal, ephemeral};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use stage::{Client, Stage, id};

fn events(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn hello_comes_first_and_live_events_follow_in_order() {
    let stage = Stage::set().await;
    let mut witness = stage.connect("").await;
    stage.write("before", 3).await;
    assert_eq!(witness.ids(3).await, [1, 2, 3]);
    let (socket, _) = connect_async(format!("ws://{}/ws", stage.address)).await.unwrap();
    let mut client = Client { socket };
    let hello = client.frame().await;
    assert_eq!((&hello["event"], &hello["data"]["cursor"]), (&json!("workflow:hello"), &json!("3")));
    assert_eq!(hello["data"]["heartbeatSeconds"], 20);
    assert_eq!((hello.get("id"), hello["timestamp"].is_string()), (None, true));

    let created = stage.task("T", Status::Red, Some("Ana"));
    stage.save(&created).await;
    stage.save(&stage.recolour(&created.task, Status::Completed)).await;
    let mut frames = Vec::new();
    while frames.len() < 4 {
        frames.push(client.frame().await);
    }
    let expected =
        ["workflow:task:created", "workflow:task:updated", "workflow:status:changed", "workflow:task:completed"];
    assert_eq!(events(&frames), expected);
    assert_eq!(frames.iter().map(id).collect::<Vec<_>>(), [4, 5, 6, 7]);
    assert_eq!((&frames[0]["data"]["taskId"], &frames[0]["data"]["owner"]), (&json!("T"), &json!("Ana")));
    assert_eq!(stage.hub.connections(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_joins_the_live_events_without_gap_or_duplicate() {
    let stage = Stage::set().await;
    stage.write("before", 250).await;
    stage.numbered(250).await;
    // They come at different moments of the writing.
    let joining = (0..8).map(|number| async move {
        tokio::time::sleep(Duration::from_millis(number * 20)).await;
        i64::try_from(number).unwrap() * 30
    });
    let replays = joining.map(|since| async {
        let since = since.await;
        let mut client = stage.connect(&format!("?since={since}")).await;
        assert_eq!(client.ids(usize::try_from(750 - since).unwrap()).await, (since + 1..=750).collect::<Vec<_>>());
        assert!(client.drain().await.is_empty());
    });
    tokio::join!(stage.write("during", 500), join_all(replays));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_keeps_coming_back_sees_each_event_once() {
    let stage = Stage::set().await;
    let clients = (1..=6).map(|stay| {
        let stage = &stage;
        async move {
            let mut last = 0;
            while last < 500 {
                let mut client = stage.connect(&format!("?since={last}")).await;
                for _ in 0..stay.min(500 - last) {
                    assert_eq!(client.ids(1).await, [last + 1]);
                    last += 1;
                }
            }
        }
    });
    tokio::join!(stage.write("during", 500), join_all(clients));
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let stage = Stage::set().await;
    let mut client = stage.connect("").await;
    stage.write("first", 5).await;
    let last = client.ids(5).await[4];
    drop(client);
    stage.write("second", 5).await;
    stage.numbered(10).await;
    let mut client = stage.connect(&format!("?since={last}")).await;
    assert_eq!(client.ids(5).await, [6, 7, 8, 9, 10]);
    assert!(client.drain().await.is_empty());
}

#[tokio::test]
async fn a_cursor_that_cannot_be_resumed_from_is_answered_with_resync() {
    let stage = Stage::set().await;
    stage.write("old", 5).await;
    stage.numbered(5).await;
    let mut tx = stage.db.begin().await.unwrap();
    let later = stage.clock.now() + chrono::TimeDelta::hours(1);
    assert_eq!(shared::store::events::prune(&mut tx, later, 3).await.unwrap(), 3);
    tx.commit().await.unwrap();

    for (since, reason) in
        [("2", "cursor_expired"), ("6", "cursor_unknown"), ("99999999999999999999", "cursor_unknown")]
    {
        let mut client = stage.connect(&format!("?since={since}")).await;
        let resync = client.frame().await;
        assert_eq!(resync["event"], "workflow:resync", "{since}");
        assert_eq!((&resync["data"]["reason"], &resync["data"]["cursor"]), (&json!(reason), &json!("5")), "{since}");
        assert!(client.drain().await.is_empty());
    }
    let mut resumed = stage.connect("?since=3").await;
    assert_eq!(resumed.ids(2).await, [4, 5]);
    let mut resynced = stage.connect("?since=0").await;
    assert_eq!(resynced.frame().await["event"], "workflow:resync");
    stage.write("new", 1).await;
    assert_eq!(resynced.ids(1).await, [6]);
}

#[tokio::test]
async fn a_filter_lets_old_and_new_values_through() {
    let stage = Stage::set().await;
    let mut red = stage.connect("").await;
    let subscribed = red.ask(json!({"action": "subscribe", "filter": {"status": ["RED"]}})).await;
    assert_eq!(subscribed["event"], "workflow:subscribed");
    assert_eq!(subscribed["data"]["events"], json!(["*"]));
    assert_eq!(subscribed["data"]["filter"], json!({"status": ["RED"], "owner": [], "category": [], "watcher": []}));
    let mut bens = stage.connect("").await;
    bens.ask(json!({"action": "subscribe", "filter": {"owner": ["Ben"]}})).await;

    let created = stage.task("T", Status::Green, Some("Ana"));
    let reddened = stage.recolour(&created.task, Status::Red);
    let greened = stage.recolour(&reddened.task, Status::Green);
    let yellowed = stage.recolour(&greened.task, Status::Yellow);
    for change in [created, reddened, greened, yellowed] {
        stage.save(&change).await;
    }
    stage.numbered(7).await;
    assert_eq!(red.ids(4).await, [2, 3, 4, 5]);
    assert!(red.drain().await.is_empty() && bens.drain().await.is_empty());
}

#[tokio::test]
async fn names_in_the_address_and_in_a_subscription_narrow_what_is_sent() {
    let stage = Stage::set().await;
    let mut statuses = stage.connect("?events=workflow:status:*,workflow:job:changed").await;
    let mut all = stage.connect("").await;
    let created = stage.task("T", Status::Green, None);
    stage.save(&created).await;
    stage.save(&stage.recolour(&created.task, Status::Red)).await;
    stage.numbered(3).await;
    for event in ["workflow:job:changed", "workflow:metrics:updated"] {
        stage.bus.publish(Signal::Ephemeral(ephemeral(event, &json!({}), stage.clock.now())));
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.push(statuses.frame().await);
    }
    assert_eq!(events(&seen), ["workflow:status:changed", "workflow:job:changed"]);
    assert_eq!((id(&seen[0]), seen[1].get("id")), (3, None));
    assert_eq!(all.ids(3).await, [1, 2, 3]);
    assert_eq!(all.frame().await["event"], "workflow:metrics:updated");

    let silenced = all.ask(json!({"action": "unsubscribe"})).await;
    assert_eq!(silenced["data"]["events"], json!([]));
    stage.write("more", 2).await;
    stage.numbered(5).await;
    assert!(all.drain().await.is_empty());
    all.ask(json!({"action": "subscribe"})).await;
    stage.write("again", 1).await;
    assert_eq!(all.ids(1).await, [6]);
}

#[tokio::test]
async fn a_bad_frame_is_explained_and_the_connection_stays_open() {
    let stage = Stage::set().await;
    let mut client = stage.connect("").await;
    let bad: [Message; 5] = [
        "hello".into(),
        r#"{"action":"subscribe","events":["workflow:nothing"]}"#.into(),
        r#"{"action":"subscribe","filter":{"status":["PURPLE"]}}"#.into(),
        "[".repeat(60_000).into(),
        vec![0u8, 1, 2].into(),
    ];
    for message in bad {
        client.say(message).await;
        let error = client.frame().await;
        assert_eq!((&error["event"], &error["data"]["code"]), (&json!("workflow:error"), &json!("bad_frame")));
        assert!(!error["data"]["message"].as_str().unwrap().is_empty());
    }
    stage.write("still", 1).await;
    assert_eq!(client.ids(1).await, [1]);
}

#[tokio::test]
async fn too_many_or_too_large_messages_end_the_connection() {
    let stage = Stage::set().await;
    let mut flooding = stage.connect("").await;
    for _ in 0..25 {
        flooding.say("x").await;
    }
    assert_eq!(flooding.close_code().await, 1008);
    for size in [65 * 1024, 1024 * 1024] {
        let mut large = stage.connect("").await;
        large.say("x".repeat(size)).await;
        assert_eq!(large.close_code().await, 1009, "{size}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_before_the_upgrade() {
    let stage = Stage::set().await;
    for query in ["?since=x", "?since=-1", "?since=", "?events=workflow:nothing:*", "?events=", "?page=1"] {
        assert_eq!(stage.refused(query, None).await, 422, "{query}");
    }
    assert_eq!(stage.refused("", Some("http://evil.example")).await, 403);
    assert_eq!(stage.refused("", Some("null")).await, 403);
    for origin in ["http://localhost:5173", "https://flow.example", &format!("http://{}", stage.address)] {
        assert_eq!(stage.refused("", Some(origin)).await, 101, "{origin}");
    }
}

#[tokio::test]
async fn all_connections_are_closed_when_the_service_stops() {
    let stage = Stage::set().await;
    let (mut one, mut other) = (stage.connect("").await, stage.connect("?since=0").await);
    stage.hub.close();
    assert_eq!((one.close_code().await, other.close_code().await), (1012, 1012));
    drop((one, other));
    tokio::time::timeout(Duration::from_secs(5), stage.hub.drained()).await.expect("no connection is left");
    assert_eq!((stage.hub.connections(), stage.hub.dropped()), (0, 0));
    assert_eq!(stage.refused("", None).await, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_consumer_is_closed_and_harms_nobody() {
    const EVENTS: usize = 20_000;
    let stage = Stage::set().await;
    let (mut stalled, mut quick) = (stage.connect("").await, stage.connect("").await);
    let title = "x".repeat(1000);
    let publish = async {
        // More than the sockets' own buffers hold, so that the stalled client shows.
        for number in 0..EVENTS {
            let data = json!({"number": number, "title": title});
            stage.bus.publish(Signal::Ephemeral(ephemeral("workflow:metrics:updated", &data, stage.clock.now())));
            if number % 200 == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    let read = async {
        for number in 0..EVENTS {
            assert_eq!(quick.frame().await["data"]["number"], number);
        }
    };
    tokio::join!(publish, read);
    while stage.hub.dropped() == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stalled.close_code().await, 1013);
    assert!(quick.drain().await.is_empty());
}
