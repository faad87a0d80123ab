//! Twenty patterns are planted among random mail and noise: they are found, and nothing else that was not planted is taken
//! from the noise.

use chrono::{DateTime, TimeDelta, Utc};
use mail::patterns::{Census, Completion, Found, Screen, Sighting, Structures, Tally, structures};
use mail::{Format, Limits, analyse, parse};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    fn word(&mut self) -> String {
        const PARTS: [&str; 24] = [
            "ba", "lo", "ti", "ra", "men", "dor", "si", "ke", "ul", "va", "ner", "po", "gri", "sta", "fe", "om", "qui",
            "jar", "lex", "tro", "ni", "sha", "wub", "zel",
        ];
        (0..3).map(|_| self.pick(&PARTS)).collect()
    }

    fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..9).map(|_| self.word()).collect();
        format!("{}.", words.join(" "))
    }
}

/// What is planted: how a mail of it is written, and pieces of a signature of which one must be found: of structures in the
/// same mails only one is kept.
const PLANTED: [(&str, &str, &str); 20] = [
    ("Quarterly stocktake order {n}", "Please enter our order.", "quarterly stocktake order"),
    ("Reorder", "Our kanban shelf for fasteners is empty again, please ship the usual {n} boxes.", "kanban shelf"),
    ("Reorder", "Kindly book purchase order KLX-{n}-Q for us.", "po klx-#-a|book purchase order"),
    (
        "Quote request",
        "We need a price for {n} rack shelves delivered to the observatory.",
        "price for {#} rack shelves",
    ),
    ("Bid renewal BID{n}", "Please extend the bid.", "bid renewal|extend the bid"),
    ("Tracking", "The parcel to our clinic was left at the neighbour on {d}.", "left at the neighbour"),
    ("Damaged", "The forklift pierced the carton of monitor {n} during unloading.", "forklift pierced the carton"),
    ("Return", "We would like to return the projector because the lamp flickers, serial on request.", "lamp flickers"),
    ("RMA{n} label", "Please send the return label.", "rma|return label"),
    ("Address change for branch {n}", "Please update our account.", "address change for branch|update our account"),
    (
        "Account",
        "Our tax exemption certificate for the state was renewed on {d}, please update the account.",
        "tax exemption certificate",
    ),
    (
        "Deal",
        "We ask you to register the deal for the stadium wireless project worth ${n}.00.",
        "stadium wireless project",
    ),
    (
        "Licence",
        "The activation key for the campus antivirus subscription has not arrived.",
        "campus antivirus subscription",
    ),
    ("Portal", "The ordering portal shows a blank page after the login step.", "blank page after the login"),
    ("Pro number {n} late", "Where is the truck?", "pro number|where is the truck"),
    ("Lieferung", "Die Palette für unser Lager in Bremen fehlt seit dem {d} noch immer.", "palette für unser lager"),
    ("Pedido", "Necesitamos confirmar el pedido de los lectores de códigos antes del {d}.", "lectores de códigos"),
    ("Commande", "Merci de confirmer la commande des onduleurs pour notre salle serveur.", "commande des onduleurs"),
    ("Price file", "The new price list for docking stations takes effect on {d}.", "price list for docking stations"),
    ("Weekly EDI rejection report {n}", "These orders were rejected.", "weekly edi rejection report"),
];

fn planted(which: usize, dice: &mut Dice) -> (String, String) {
    let (subject, body, _) = PLANTED[which];
    let number = (10_000 + dice.roll(80_000)).to_string();
    let date = format!("2026-{:02}-{:02}", 1 + dice.roll(12), 1 + dice.roll(28));
    let fill = |text: &str| text.replace("{n}", &number).replace("{d}", &date);
    let body = format!("Hello,\r\n\r\n{}\r\n{}\r\n{}\r\n", dice.sentence(), fill(body), dice.sentence());
    let subject = if subject.contains('{') { fill(subject) } else { format!("{subject} {}", dice.word()) };
    (subject, body)
}

const DISCLAIMER: &str = "This message contains confidential information and is intended only for the individual named.\r\n\
    If you are not the intended recipient you should not disseminate it.\r\n";

/// One mail of the corpus: every fifth is noise, every fifth random, the others mostly random with something planted.
fn mail_of(number: usize, dice: &mut Dice) -> String {
    let from = format!("{} <{}@{}.example>", dice.word(), dice.word(), dice.word());
    let head = |subject: &str, more: &str| {
        format!(
            "From: {from}\r\nTo: Orders <orders@dist.example>\r\nSubject: {subject}\r\nMessage-ID: <{number}@x.example>\r\n{more}\r\n"
        )
    };
    match number % 10 {
        0 => {
            let more = "List-Unsubscribe: <https://news.example/u>\r\nPrecedence: bulk\r\nContent-Type: text/html\r\n";
            format!(
                "{}<html><style>.hero {{ color: #ff0000; font-family: Arial }}</style><body><p>Webinar of the season: save your seat for the \
                 great hardware jubilee today.</p><a href='https://news.example/u'>unsubscribe from this newsletter here</a></body></html>",
                head("Webinar of the season", more)
            )
        }
        1 => {
            let bytes: String = (0..400).map(|_| (b'A' + dice.roll(26) as u8) as char).collect();
            format!(
                "{}{}\r\n{bytes}\r\nJVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9G\r\n",
                head(&dice.word(), ""),
                dice.sentence()
            )
        }
        2 | 3 => {
            let (subject, body) = planted(dice.roll(PLANTED.len()), dice);
            format!("{}{body}\r\nKind regards\r\nSam\r\n{DISCLAIMER}", head(&subject, ""))
        }
        _ => format!(
            "{}Hello,\r\n\r\n{} {}\r\n{}\r\n\r\nBest regards\r\nSam\r\n{DISCLAIMER}",
            head(&format!("{} {}", dice.word(), dice.word()), ""),
            dice.sentence(),
            dice.sentence(),
            dice.sentence()
        ),
    }
}

struct Seen {
    email: String,
    category: String,
    at: DateTime<Utc>,
    structures: Structures,
}

fn corpus(mails: usize) -> Vec<Seen> {
    let mut dice = Dice(7);
    let start = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
    let mut seen = Vec::new();
    for number in 0..mails {
        let mail = parse(mail_of(number, &mut dice).as_bytes(), Format::Rfc822, &Limits::default()).expect("a mail");
        let analysis = analyse(&mail);
        if analysis.noise.is_some() {
            continue;
        }
        let at = start + TimeDelta::minutes(number as i64);
        let category = analysis.category.as_str().to_owned();
        seen.push(Seen { email: format!("mail-{number:05}"), category, at, structures: structures(&mail, &analysis) });
    }
    seen
}

/// The three passes over all mail.
fn tally(sightings: &[Sighting<'_>]) -> Tally {
    let mut census = Census::default();
    for seen in sightings {
        census.count(seen);
    }
    let mut screen = Screen::new(census);
    for seen in sightings {
        screen.count(seen);
    }
    let mut tally = Tally::new(screen);
    for seen in sightings {
        tally.count(seen);
    }
    tally
}

fn mine(seen: &[Seen]) -> Vec<Found> {
    let sightings: Vec<Sighting<'_>> = seen
        .iter()
        .map(|seen| Sighting {
            email: &seen.email,
            task: &seen.email,
            category: &seen.category,
            at: seen.at,
            cents: 100,
            completed: Some(Completion { in_time: true, millis: 7_200_000 }),
            structures: &seen.structures,
        })
        .collect();
    tally(&sightings).patterns().0
}

#[test]
fn planted_patterns_are_found_and_noise_gives_none() {
    let seen = corpus(5_000);
    let found = mine(&seen);
    let missing: Vec<&str> = PLANTED
        .iter()
        .map(|(.., key)| *key)
        .filter(|key| !found.iter().any(|found| key.split('|').any(|key| found.signature.to_lowercase().contains(key))))
        .collect();
    assert!(missing.len() <= 1, "missing {missing:?} of {:#?}", found.iter().map(|f| &f.signature).collect::<Vec<_>>());
    let planted = |found: &Found| {
        PLANTED.iter().any(|(subject, body, _)| {
            let text = format!("{subject} {body}").to_lowercase();
            let words = found.signature.split_once(": ").map_or("", |(_, template)| template).to_lowercase();
            let literal = words.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 3);
            literal
                .filter(|word| !["subject", "sentence", "number", "example"].contains(word))
                .any(|word| text.contains(word))
        })
    };
    let strange: Vec<&String> = found.iter().filter(|found| !planted(found)).map(|found| &found.signature).collect();
    let strange: Vec<_> = strange.into_iter().filter(|signature| !signature.contains("number ")).collect();
    assert!(strange.is_empty(), "not planted: {strange:#?}");
    for word in ["webinar", "confidential", "disseminate", "unsubscribe", "jvberi", "regards", "arial"] {
        assert!(!found.iter().any(|found| found.signature.to_lowercase().contains(word)), "{word} is noise");
    }
    assert!(found.len() <= 40, "{} patterns say little more than twenty", found.len());
    assert_eq!(mine(&seen), found, "the same mail gives the same table");
}

/// The figures of one pattern among 40 mails, as computed by hand.
#[test]
fn the_figures_of_a_pattern_are_as_computed_by_hand() {
    let start = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
    let of = |subject: &str| Structures { subject: subject.to_owned(), ..Structures::default() };
    let (reorder, other) = (of("monthly reorder {#}"), of(""));
    let ids: Vec<String> = (0..40).map(|n| format!("m{n:02}")).collect();
    let sightings: Vec<Sighting<'_>> = (0..40)
        .map(|n| Sighting {
            email: &ids[n],
            // Two mails of one task count once where tasks are counted.
            task: if n == 39 { &ids[38] } else { &ids[n] },
            // 10 of 40 mails are orders, and of these the last 9 bear the pattern; so does one return.
            category: if n >= 30 { "Order Management" } else { "Returns and RMA" },
            at: start + TimeDelta::hours(n as i64),
            cents: 250,
            completed: (n >= 36).then_some(Completion { in_time: n != 36, millis: 3_600_000 * n as i64 }),
            structures: if n >= 31 || n == 0 { &reorder } else { &other },
        })
        .collect();
    let (found, matcher) = tally(&sightings).patterns();
    assert_eq!(found.len(), 1, "{found:#?}");
    let only = &found[0];
    assert_eq!(only.signature, "Order Management: subject \"monthly reorder {#}\"");
    // Lift: 9 of 10 with it are orders, 10 of 40 are: 0.9 / 0.25. Trend: 9 of 20 of late, none of 20 before.
    assert_eq!((only.support, only.lift, only.trend), (9, 3.6, 1.0));
    // Eight tasks; those numbered 36, 37 and 38 are completed, two of them in time, in 36, 37 and 38 hours.
    assert_eq!((only.cents, only.success_rate, only.completion_hours), (2_000, Some(0.6667), Some(37.0)));
    assert_eq!(only.examples, ["m39", "m38", "m37", "m36", "m35"]);
    assert_eq!((only.first_seen, only.last_seen), (sightings[31].at, sightings[39].at));
    assert_eq!(matcher.of("Order Management", &reorder), std::slice::from_ref(&only.id));
    assert_eq!(matcher.of("Returns and RMA", &reorder), Vec::<String>::new());
}
