//! The tally of an instant that is past, counted from the tasks as they were.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::tally::{Alike, Moments, Tally};
use crate::domain::{Category, Priority, Status};
use crate::store::query::fetch_all;
use crate::store::{Result, Session};

/// Tasks that were alike.
#[derive(sqlx::FromRow)]
struct Group {
    category: Category,
    status: Status,
    priority: Priority,
    owner: String,
    owner_email: String,
    n: i64,
    cents: i64,
    max_cents: i64,
    due: i64,
    met: i64,
    timed: i64,
    spent_ms: i64,
    next_deadline: Option<DateTime<Utc>>,
    last_24h: i64,
    last_7d: i64,
    created_today: i64,
    completed_today: i64,
    overdue: i64,
    due_1h: i64,
    due_4h: i64,
    due_24h: i64,
}

const GROUPS: &str = "SELECT category, status, priority, owner, owner_email, count(*) AS n,
            CAST(sum(cents) AS bigint) AS cents, max(cents) AS max_cents,
            count(CASE WHEN status = 'COMPLETED' THEN sla_deadline END) AS due, CAST(sum(met) AS bigint) AS met,
            count(done) AS timed, CAST(COALESCE(sum(spent_ms), 0) AS bigint) AS spent_ms,
            min(CASE WHEN status <> 'COMPLETED' THEN sla_deadline END) AS next_deadline,
            count(CASE WHEN created_at > $2 THEN 1 END) AS last_24h,
            count(CASE WHEN created_at > $3 THEN 1 END) AS last_7d,
            count(CASE WHEN created_at >= $4 AND created_at < $5 THEN 1 END) AS created_today,
            count(CASE WHEN status = 'COMPLETED' AND completion_date >= $4 AND completion_date < $5 THEN 1 END)
                AS completed_today,
            count(CASE WHEN status <> 'COMPLETED' AND sla_deadline < $1 THEN 1 END) AS overdue,
            count(CASE WHEN status <> 'COMPLETED' AND sla_deadline >= $1 AND sla_deadline <= $6 THEN 1 END) AS due_1h,
            count(CASE WHEN status <> 'COMPLETED' AND sla_deadline >= $1 AND sla_deadline <= $7 THEN 1 END) AS due_4h,
            count(CASE WHEN status <> 'COMPLETED' AND sla_deadline >= $1 AND sla_deadline <= $8 THEN 1 END) AS due_24h
     FROM (SELECT category, status, priority, owner, owner_email, cents, met, done, spent_ms, created_at, sla_deadline,
                  completion_date
           FROM task_marks
           WHERE updated_at <= $1
           UNION ALL
           SELECT category, status, priority, owner, owner_email, cents, met, done, spent_ms, created_at, sla_deadline,
                  completion_date
           FROM version_marks
           WHERE updated_at <= $1
             AND valid_to > $1) AS tasks
     GROUP BY category, status, priority, owner, owner_email";

pub(super) async fn tally(session: &mut Session, at: DateTime<Utc>) -> Result<Tally> {
    let today = at.date_naive().and_time(NaiveTime::MIN).and_utc();
    let groups = fetch_all!(
        session,
        Group,
        GROUPS,
        at,
        at - TimeDelta::hours(24),
        at - TimeDelta::hours(168),
        today,
        today + TimeDelta::days(1),
        at + TimeDelta::hours(1),
        at + TimeDelta::hours(4),
        at + TimeDelta::hours(24),
    )?;
    let mut tally = Tally::default();
    for group in groups {
        group.count(&mut tally);
    }
    Ok(tally)
}

impl Group {
    fn count(self, tally: &mut Tally) {
        let alike = Alike { category: self.category, status: self.status, n: self.n, cents: self.cents };
        let share = tally.category(self.category);
        share.count(&alike, self.priority);
        share.due += self.due;
        share.met += self.met;
        share.timed += self.timed;
        share.spent_ms += self.spent_ms;
        share.max_cents = share.max_cents.max(self.max_cents);
        share.moments.add(Moments {
            last_24h: self.last_24h,
            last_7d: self.last_7d,
            created_today: self.created_today,
            completed_today: self.completed_today,
            overdue: self.overdue,
            due_1h: self.due_1h,
            due_4h: self.due_4h,
            due_24h: self.due_24h,
        });
        if self.status == Status::Completed {
            return;
        }
        let load = tally.owner(self.owner, self.owner_email);
        load.count(&alike);
        load.max_cents = load.max_cents.max(self.max_cents);
        load.next_deadline = load.next_deadline.into_iter().chain(self.next_deadline).min();
        load.due_24h += self.due_24h;
        load.overdue += self.overdue;
    }
}
