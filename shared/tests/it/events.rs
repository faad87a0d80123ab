use std::collections::BTreeSet;
use std::time::Duration;

use shared::events::{Bus, Feed, Relay};
use shared::store::events;

use crate::support::{create, new_task, noon, on_both};

on_both! {
    async fn events_are_numbered_without_holes_and_given_once_in_order(db: Db) {
        let bus = Bus::in_process();
        let relays = [Relay::start(db.clone(), bus.clone()), Relay::start(db.clone(), bus.clone())];
        let mut feed = Feed::from_now(db.clone(), &bus).await.unwrap();

        let writers: Vec<_> = (0..50).map(|n| {
            let (db, relay) = (db.clone(), relays[n % 2].clone());
            tokio::spawn(async move {
                create(&db, new_task(&format!("TASK-6-{n:02}")), noon()).await;
                relay.wake();
            })
        }).collect();
        let mut seen = Vec::new();
        while seen.len() < 50 {
            let frame = tokio::time::timeout(Duration::from_secs(10), feed.next()).await.expect("in time").unwrap();
            seen.push((frame.id.unwrap(), frame.json.to_string()));
        }
        for writer in writers {
            writer.await.unwrap();
        }

        let ids: Vec<i64> = seen.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, (1..=50).collect::<Vec<_>>());
        assert_eq!(seen.iter().map(|(_, json)| json).collect::<BTreeSet<_>>().len(), 50);
        let stored = events::after(&mut db.read().await.unwrap(), 0, 100).await.unwrap();
        assert!(stored.iter().all(|event| events::decode(&event.event, &event.data).is_some()));
    }

    async fn what_a_crashed_process_left_is_found(db: Db) {
        create(&db, new_task("TASK-7-a"), noon()).await;
        let bus = Bus::in_process();
        let mut feed = Feed::from_now(db.clone(), &bus).await.unwrap();

        let _relay = Relay::start(db.clone(), bus.clone());

        let frame = tokio::time::timeout(Duration::from_secs(5), feed.next()).await.expect("in time").unwrap();
        assert_eq!(frame.event, "workflow:task:created");
        let value: serde_json::Value = serde_json::from_str(&frame.json).unwrap();
        assert_eq!((value["id"].as_str(), value["data"]["taskId"].as_str()), (Some("1"), Some("TASK-7-a")));
    }
}
