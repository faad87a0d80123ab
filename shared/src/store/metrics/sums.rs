//! What the statements of the tally give, added up: cells and changes come in any order, and a change may empty a cell.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::cuts::{Cuts, Plan};
use super::series::QUARTER;
use super::spans::next;
use super::tally::{Alike, Load, Moments, Tally};
use crate::domain::{Category, Priority, Status};

/// Seconds of the narrow buckets by owner, who has no zone.
const HOUR: i64 = 3_600;

/// Places of the series.
pub(super) const CREATED: usize = 0;
/// Completed ones by completion.
pub(super) const COMPLETED: usize = 1;
/// Open ones by deadline.
pub(super) const DUE: usize = 2;
/// Open ones by owner and deadline.
pub(super) const OWNER_DUE: usize = 3;

/// What is cut, and where. Instants of the figures are included where the contract says so, hence the next after them.
pub(super) fn series(now: DateTime<Utc>) -> [Cuts; 4] {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let tomorrow = today + TimeDelta::days(1);
    let after = |hours| next(now + TimeDelta::hours(hours));
    let cuts = |series, status, narrow, at: &[DateTime<Utc>]| Cuts { series, status, narrow, at: at.to_vec() };
    [
        cuts("created", "", QUARTER, &[after(-168), after(-24), today, tomorrow]),
        cuts("completed", "", QUARTER, &[today, tomorrow]),
        cuts("due", "open", QUARTER, &[now, after(1), after(4), after(24)]),
        cuts("owner_due", "", HOUR, &[now, after(24)]),
    ]
}

/// What was created earlier, is completed another day, or is due later.
pub(super) const NEEDLESS: [(usize, usize); 5] =
    [(CREATED, 0), (COMPLETED, 0), (COMPLETED, 2), (DUE, 4), (OWNER_DUE, 2)];

/// Which figures a span of these counts for.
fn moments(created: [i64; 5], completed: [i64; 5], due: [i64; 5]) -> Moments {
    Moments {
        last_7d: created[1..].iter().sum(),
        last_24h: created[2..].iter().sum(),
        created_today: created[3],
        completed_today: completed[1],
        overdue: due[0],
        due_1h: due[1],
        due_4h: due[1] + due[2],
        due_24h: due[1] + due[2] + due[3],
    }
}

/// Sums of tasks that are alike.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) n: i64,
    pub(super) cents: i64,
    pub(super) due: i64,
    pub(super) met: i64,
    pub(super) timed: i64,
    pub(super) spent_ms: i64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.n += other.n;
        self.cents += other.cents;
        self.due += other.due;
        self.met += other.met;
        self.timed += other.timed;
        self.spent_ms += other.spent_ms;
    }
}

/// Numbers of tasks by span.
type Spans = [i64; 5];

/// Category, status and priority by name, and their sum.
type ByCell = BTreeMap<(&'static str, &'static str, &'static str), (Category, Status, Priority, Sum)>;
/// Category and status by name, and their sum, by owner and address.
type ByOwner = BTreeMap<(String, String), BTreeMap<(&'static str, &'static str), (Category, Status, Sum)>>;

/// What the statements have given so far.
#[derive(Default)]
pub(super) struct Sums {
    /// By category, status and priority.
    all: ByCell,
    /// Open ones by owner, address, category and status.
    owners: ByOwner,
    /// By category: created, completed, due.
    spans: BTreeMap<&'static str, (Category, [Spans; 3])>,
    /// Due by owner and address.
    owner_spans: BTreeMap<(String, String), Spans>,
}

impl Sums {
    pub(super) fn all(&mut self, category: Category, status: Status, priority: Priority, sum: Sum) {
        let key = (category.as_str(), status.as_str(), priority.as_str());
        self.all.entry(key).or_insert((category, status, priority, Sum::default())).3.add(sum);
    }

    pub(super) fn owner(&mut self, owner: (String, String), category: Category, status: Status, sum: Sum) {
        let of = self.owners.entry(owner).or_default();
        of.entry((category.as_str(), status.as_str())).or_insert((category, status, Sum::default())).2.add(sum);
    }

    pub(super) fn spans(&mut self, category: Category) -> &mut [Spans; 3] {
        &mut self.spans.entry(category.as_str()).or_insert((category, Default::default())).1
    }

    pub(super) fn owner_spans(&mut self, owner: (String, String)) -> &mut Spans {
        self.owner_spans.entry(owner).or_default()
    }

    /// Rows of a part belong to its one span, and are taken from the other.
    pub(super) fn part(&mut self, plan: &Plan, part: &PartRow) {
        let Some(of) = usize::try_from(part.part).ok().and_then(|number| plan.parts.get(number)) else { return };
        let spans = if of.series == OWNER_DUE {
            self.owner_spans((part.owner.clone(), part.owner_email.clone()))
        } else if let Some(category) = Category::parse(&part.category) {
            &mut self.spans(category)[of.series]
        } else {
            return;
        };
        spans[of.to] += part.n;
        if let Some(from) = of.from {
            spans[from] -= part.n;
        }
    }

    /// The tally, of what there is: sums that a change has emptied are no tasks.
    pub(super) fn tally(self) -> Tally {
        let mut tally = Tally::default();
        for (category, status, priority, sum) in self.all.into_values().filter(|(.., sum)| sum.n != 0) {
            let share = tally.category(category);
            share.count(&Alike { category, status, n: sum.n, cents: sum.cents }, priority);
            share.due += sum.due;
            share.met += sum.met;
            share.timed += sum.timed;
            share.spent_ms += sum.spent_ms;
        }
        for (category, [created, completed, due]) in self.spans.into_values() {
            let moments = moments(created, completed, due);
            if moments != Moments::default() {
                tally.category(category).moments = moments;
            }
        }
        for ((owner, email), of) in self.owners {
            for (category, status, sum) in of.into_values().filter(|(.., sum)| sum.n != 0) {
                let alike = Alike { category, status, n: sum.n, cents: sum.cents };
                tally.owner(owner.clone(), email.clone()).count(&alike);
            }
        }
        for ((owner, email), [overdue, due_24h, ..]) in self.owner_spans {
            if (overdue, due_24h) != (0, 0) {
                let load: &mut Load = tally.owner(owner, email);
                (load.overdue, load.due_24h) = (overdue, due_24h);
            }
        }
        tally
    }
}

/// How many tasks a part has, of a category or an owner.
#[derive(sqlx::FromRow)]
pub(super) struct PartRow {
    pub(super) part: i64,
    pub(super) category: String,
    pub(super) owner: String,
    pub(super) owner_email: String,
    pub(super) n: i64,
}
