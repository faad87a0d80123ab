//! Every kind of fault a book may have, in `tests/fixtures/sla_books.txt`.

use serde_json::{Value, json};
use shared::domain::sla::book::{Book, Fault, MOST_CALENDARS, MOST_EXCEPTIONS, MOST_POLICIES, MOST_STEPS};

struct Case {
    name: String,
    document: Value,
    faults: Vec<String>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../fixtures/sla_books.txt");
    let read = |case: &str| {
        let (name, rest) = case.split_once('\n').unwrap();
        let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let document = documents.next().unwrap_or_else(|| panic!("{name}: no document"));
        let document = document.unwrap_or_else(|error| panic!("{name}: {error}"));
        let told = rest[documents.byte_offset()..].lines().filter(|line| !line.trim().is_empty());
        Case { name: name.to_owned(), document, faults: told.map(str::to_owned).collect() }
    };
    text.split("\ncase: ").skip(1).map(read).collect()
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

#[test]
fn all_faults_of_a_book_are_found_at_once_and_named_by_their_place() {
    let cases = cases();
    assert!(cases.len() >= 35, "{} cases", cases.len());
    for case in cases {
        let found = Book::read(&case.document).err().unwrap_or_default();
        assert_eq!(told(&found), case.faults, "case: {}", case.name);
    }
}

#[test]
fn what_was_read_of_a_good_book_can_be_read_again() {
    for case in cases().into_iter().filter(|case| case.faults.is_empty()) {
        let book = Book::read(&case.document).unwrap();
        assert_eq!(Book::read(&book.document).unwrap(), book, "case: {}", case.name);
    }
    assert_eq!(Book::read(&json!({})).unwrap(), Book::empty());
}

#[test]
fn the_sizes_of_a_book_are_limited() {
    let policy = |index: usize| json!({"name": format!("p{index}"), "resolution_hours": 1, "when": {"min_value": index, "max_value": index}});
    let policies = |count| json!({"policies": (0..count).map(policy).collect::<Vec<_>>()});
    assert!(Book::read(&policies(MOST_POLICIES)).is_ok());
    assert_eq!(told(&Book::read(&policies(MOST_POLICIES + 1)).unwrap_err()), ["/policies must have at most 200 items"]);

    let calendar = |days: Value| json!({"zone": "UTC", "week": {"mon": ["09:00-17:00"]}, "exceptions": days});
    let calendars = |count| {
        let named = (0..count).map(|index| (format!("c{index}"), calendar(json!({}))));
        json!({"calendars": named.collect::<serde_json::Map<_, _>>()})
    };
    assert!(Book::read(&calendars(MOST_CALENDARS)).is_ok());
    let faults = Book::read(&calendars(MOST_CALENDARS + 1)).unwrap_err();
    assert_eq!(told(&faults), ["/calendars must have at most 50 calendars"]);

    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let days = |count| {
        let named = first.iter_days().take(count).map(|day| (day.to_string(), json!([])));
        json!({"calendars": {"c": calendar(named.collect())}})
    };
    assert!(Book::read(&days(MOST_EXCEPTIONS)).is_ok());
    let faults = Book::read(&days(MOST_EXCEPTIONS + 1)).unwrap_err();
    assert_eq!(told(&faults), ["/calendars/c/exceptions must have at most 2000 days"]);

    let wrong = json!({"policies": [{"name": "p", "resolution_hours": 1, "when": {"customers": vec![1; 1_000], "mailboxes": vec![1; 1_000]}}]});
    let faults = Book::read(&wrong).unwrap_err();
    assert_eq!((faults.len(), told(&faults)[1_000].as_str()), (1_001, " has 1000 more faults"));

    let steps = |count| {
        let step = json!({"hours": 1, "action": "notify"});
        json!({"policies": [{"name": "p", "resolution_hours": 1, "escalations": vec![step; count]}]})
    };
    assert!(Book::read(&steps(MOST_STEPS)).is_ok());
    let faults = Book::read(&steps(MOST_STEPS + 1)).unwrap_err();
    assert_eq!(told(&faults), ["/policies/0/escalations must have at most 20 items"]);
}
