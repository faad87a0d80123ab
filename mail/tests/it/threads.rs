use mail::{Format, Line, Triage};

use crate::post::raw;

const ADA: &str = "Ada Moss <ada@kitefarm.example>";
const BEN: &str = "Ben Ito <ben@loamworks.example>";

struct Post {
    triage: Triage<'static>,
    sent: usize,
}

impl Post {
    fn new() -> Self {
        Self { triage: Triage::new(), sent: 0 }
    }

    fn take(&mut self, from: &str, subject: &str, body: &str, extra: &str) -> Line {
        self.sent += 1;
        self.triage.take(&format!("{}.eml", self.sent), &raw(from, subject, body, extra), Format::Rfc822)
    }
}

#[test]
fn references_join_a_reply_whatever_its_subject() {
    let mut post = Post::new();
    let first = post.take(ADA, "Crates", "Please book PO 70012.", "Message-ID: <1@k>\r\n");
    let reply = post.take(ADA, "RE: change", "Make it seven please.", "Message-ID: <2@k>\r\nIn-Reply-To: <1@k>\r\n");
    let third = post.take(ADA, "RE: change", "Thanks", "References: <1@k> <2@k>\r\n");
    assert_eq!(first.thread, reply.thread);
    assert_eq!(first.thread, third.thread);
}

#[test]
fn a_reply_without_references_joins_by_subject_and_person() {
    let mut post = Post::new();
    let first = post.take(ADA, "Crates for the north barn", "Please book six crates.", "");
    let reply = post.take(ADA, "AW: Crates for the north barn", "Any update?", "");
    assert_eq!(first.thread, reply.thread);
}

#[test]
fn the_same_subject_from_different_people_is_two_matters() {
    let mut post = Post::new();
    let ada = post.take(ADA, "Order status", "Where is order 5510021?", "");
    let ben = post.take(BEN, "Order status", "Where is order 5510999?", "");
    assert_ne!(ada.thread, ben.thread);
}

#[test]
fn the_same_subject_about_another_number_is_another_matter() {
    let mut post = Post::new();
    let first = post.take(ADA, "Order status", "Where is order 5510021?", "");
    let second = post.take(ADA, "Order status", "Where is order 5510999?", "");
    assert_ne!(first.thread, second.thread);
}

#[test]
fn a_strangers_number_does_not_join() {
    let mut post = Post::new();
    let ada = post.take(ADA, "PO 70012", "Please book PO 70012.", "");
    let ben = post.take(BEN, "Question", "Any update on PO 70012?", "");
    assert_ne!(ada.thread, ben.thread);
}

#[test]
fn a_chase_with_the_number_joins_under_a_new_subject() {
    let mut post = Post::new();
    let first = post.take(ADA, "New purchase order", "Please book PO 70012.", "");
    let chase = post.take(ADA, "where is it", "Any update on PO 70012? When will it ship?", "");
    assert_eq!(first.thread, chase.thread);
}

#[test]
fn a_case_joins_whoever_reports_on_it_and_no_stranger() {
    let mut post = Post::new();
    let first = post.take(ADA, "Pallet crushed", "Our pallet came crushed, your case CAS-77120-Q4 was opened.", "");
    let status = post.take(
        "Claims <claims@roadfreight.example>",
        "Case CAS-77120-Q4: inspection",
        "Your case CAS-77120-Q4 was paid.",
        "",
    );
    assert_eq!(first.thread, status.thread);
    let ben = post.take(BEN, "Question", "Is my matter like case CAS-77120-Q4? Mine is new.", "");
    assert_ne!(first.thread, ben.thread);
}

#[test]
fn a_token_of_any_kind_joins_the_same_people_in_one_category() {
    let mut post = Post::new();
    let first = post.take(ADA, "Deal registration", "Please register deal DR-26-004411 with the vendor.", "");
    let chase = post.take(ADA, "DR-26-004411 approval", "Was the deal registration approved?", "");
    assert_eq!(first.thread, chase.thread);
    let ben = post.take(BEN, "DR-26-004411 approval", "Was the deal registration approved?", "");
    assert_ne!(first.thread, ben.thread);
}
