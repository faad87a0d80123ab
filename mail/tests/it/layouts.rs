//! How mail programs lay out answers, forwards and signatures: what a sender wrote is told from the rest in each.

use crate::layout_table::{DISCLAIMERS, FOOTERS, HEADS, PAGES, SIGNATURES};
use crate::post::{raw, read};
use mail::Mail;

const ADA: &str = "Ada Moss <ada@kite.example>";
const NEW: &str = "Six crates by Monday, please.\nThe blue ones.";

fn answer(subject: &str, body: &str, extra: &str) -> Mail {
    read(&raw(ADA, subject, body, extra))
}

/// Compares all rows before it fails, so that one run shows what a change breaks.
fn all(rows: impl Iterator<Item = (String, String, String)>) {
    let wrong: Vec<String> = rows
        .filter(|(_, found, wanted)| found != wanted)
        .map(|(name, found, wanted)| format!("{name}: {found:?} instead of {wanted:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} layouts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_head_of_an_earlier_mail_ends_the_new_text() {
    all(HEADS.iter().map(|(name, head)| {
        let mail = answer("RE: crates", &format!("{NEW}\n\n{head}"), "");
        let found = if mail.quoted_text.contains("earlier words") { mail.new_text } else { "no quotation".to_owned() };
        ((*name).to_owned(), found, NEW.to_owned())
    }));
}

#[test]
fn an_earlier_mail_stays_out_of_the_signature_too() {
    all(HEADS.iter().map(|(name, head)| {
        let mail = answer("RE: crates", &format!("{NEW}\n\nKind regards\nAda Moss\nKite Works\n\n{head}"), "");
        (
            (*name).to_owned(),
            format!("{}|{}", mail.new_text, mail.signature),
            format!("{NEW}|Kind regards\nAda Moss\nKite Works"),
        )
    }));
}

#[test]
fn signatures_footers_and_disclaimers_are_no_words_of_the_mail() {
    let tails = SIGNATURES.iter().chain(FOOTERS).chain(DISCLAIMERS);
    all(tails.map(|(name, tail)| {
        ((*name).to_owned(), answer("crates", &format!("{NEW}\n\n{tail}"), "").new_text, NEW.to_owned())
    }));
}

#[test]
fn a_disclaimer_below_a_signature_is_signature() {
    all(DISCLAIMERS.iter().map(|(name, tail)| {
        let body = format!("{NEW}\n\nBest regards\nAda Moss | Buyer\nKite Works Ltd\n+1 212 555 0100\n\n{tail}");
        ((*name).to_owned(), answer("crates", &body, "").new_text, NEW.to_owned())
    }));
}

#[test]
fn pages_of_web_mailers_are_split_like_plain_text() {
    all(PAGES.iter().map(|(name, page)| {
        let mail = answer("RE: crates", page, "Content-Type: text/html; charset=utf-8\r\n");
        let found = if mail.quoted_text.contains("earlier words") { mail.new_text } else { "no quotation".to_owned() };
        ((*name).to_owned(), found, NEW.to_owned())
    }));
}

#[test]
fn answers_between_and_below_quoted_lines_are_new() {
    let inline = "On Tue, Feb 4, 2025 at 10:11 AM Ben Ito <ben@x.example> wrote:\n> how many?\nSix crates by Monday, please.\n\
        > which ones?\n> earlier words\nThe blue ones.";
    assert_eq!(answer("RE: crates", inline, "").new_text, NEW);
    let below = format!(
        "On Tue, Feb 4, 2025 at 10:11 AM Ben Ito <ben@x.example> wrote:\n> how many?\n> earlier words\n\n{NEW}\n\nAda Moss"
    );
    let mail = answer("RE: crates", &below, "");
    assert_eq!((mail.new_text.as_str(), mail.signature.as_str()), (NEW, "Ada Moss"));
    let german =
        format!("Am 04.02.2025 um 10:11 schrieb Ben Ito:\n> wie viele?\n> earlier words\n\n{NEW}\n\nMfG\nAda Moss");
    assert_eq!(answer("AW: Kisten", &german, "").new_text, NEW);
}

#[test]
fn a_forward_keeps_its_comment_and_speaks_for_itself_without_one() {
    let forwarded = "---------- Forwarded message ---------\nFrom: Ben Ito <ben@x.example>\nDate: Tue, Feb 4, 2025 at 10:11 AM\n\
        Subject: crates\nTo: Ada Moss <ada@kite.example>\n\nPlease send earlier words.\n\nBen Ito";
    let mail = answer("Fwd: crates", &format!("{NEW}\n\n{forwarded}"), "");
    assert_eq!(mail.new_text, NEW);
    assert!(mail.quoted_text.contains("earlier words"));
    for comment in ["", "FYI\n\n", "Zur Info.\n\n", "Pour info\n\n", "Para su información\n\n"] {
        let mail = answer("Fwd: crates", &format!("{comment}{forwarded}"), "");
        assert!(mail.new_text.ends_with("Please send earlier words."), "{comment:?} gives {:?}", mail.new_text);
        assert!(mail.quoted_text.contains("ben@x.example"));
    }
    let twice = "________________________________\nVon: Ben Ito\nGesendet: Montag\nAn: Ada Moss\nBetreff: WG: Kisten\n\nzur Info\n\n\
         -----Ursprüngliche Nachricht-----\nVon: Cy Orr\nGesendet: Sonntag\nAn: Ben Ito\nBetreff: Kisten\n\nearlier words";
    let mail = answer("WG: WG: Kisten", &format!("{NEW}\n\n{twice}"), "");
    assert_eq!(mail.new_text, NEW);
    assert!(mail.quoted_text.contains("zur Info") && mail.quoted_text.contains("earlier words"));
}

#[test]
fn text_without_marks_is_all_new() {
    for text in [
        "Please see what the customer wrote: six crates.\nWe need them.",
        "From: Monday on we are closed.\nSecond line.",
        "Ship to: 12 Main St\nAttention: Ada\nSix crates.",
        "An: alle\nwir brauchen sechs Kisten.",
        "Date: needed by Friday\nsix crates please",
        "On the pallet there were six crates and on Monday\nthe driver took them.",
        "Original message was lost, so again: six crates.",
        "PO: 70012\nTotal: $12,400.00\nShip date: 2/14/2025",
        "From: Dallas TX\nTo: Laredo TX\nDate: 2/14/2025\nsix crates",
        "> 5 units get a discount, < 5 do not",
    ] {
        assert_eq!(answer("crates", text, "").new_text, text);
    }
}
