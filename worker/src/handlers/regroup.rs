//! Merge tasks, split one, take that back. Each is one transaction: tasks, history, events, mails and the keys by which
//! later mail finds its task. A second run finds the account of the first and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::change::regroup;
use shared::domain::intake::{self, Origin};
use shared::domain::task::Entities;
use shared::domain::{Change, Task, undo};
use shared::jobs::{Done, Handler, HoldTask, JobContext, JobError, MergeTasks, SplitTask, UndoRegrouping};
use shared::store::cases::{self, Moved, Regrouping};
use shared::store::jobs;
use shared::store::{Tx, assignment, mail, sla, tasks};

use super::mutate::{live, rejected};
use super::read_mail::{self, ReadMail};
use crate::memory;

/// How soon a job about several tasks looks again for its turn, or a hold for the end of its job.
const SOON: Duration = Duration::from_millis(200);
/// Mails a task may have to be split.
pub const MOST_MAILS: i64 = 500;

/// Holds a task's order until a job about several tasks has ended.
pub struct Hold;

impl Handler<HoldTask> for Hold {
    async fn run(&self, context: JobContext, job: HoldTask) -> Result<Done, JobError> {
        if !jobs::has_ended(&mut context.db().read().await?, job.job).await? {
            return Ok(Done::Snooze(SOON));
        }
        Ok(Done::with(context.db().begin().await?, json!({"status": 200})))
    }
}

/// The job's transaction, alone with the intake; `None` while an earlier change of one of its tasks is not done.
async fn in_turn(context: &JobContext) -> Result<Option<Tx>, JobError> {
    if !jobs::has_turn(&mut context.db().read().await?, context.job_id()).await? {
        return Ok(None);
    }
    let mut tx = context.db().begin().await?;
    mail::lock_intake(&mut tx).await?;
    Ok(Some(tx))
}

/// Merges.
pub struct Merge;

impl Handler<MergeTasks> for Merge {
    async fn run(&self, context: JobContext, job: MergeTasks) -> Result<Done, JobError> {
        let Some(mut tx) = in_turn(&context).await? else { return Ok(Done::Snooze(SOON)) };
        let known = locked(&mut tx, job.from.iter().chain([&job.task_id])).await?;
        if let Some(made) = cases::lookup(&mut tx, &job.merge_id).await? {
            let task = known.iter().find(|task| task.task_id == made.task_id);
            return Ok(Done::with(tx, json!({"status": 200, "merge_id": made.id, "task": task})));
        }
        let left = match live(find(&known, &job.task_id), job.expected_version) {
            Ok(task) => task,
            Err(rejection) => return refuse(&context, tx, rejected(&rejection)).await,
        };
        let mut others = Vec::new();
        for id in &job.from {
            match live(find(&known, id), None) {
                Ok(task) => others.push(task.clone()),
                Err(rejection) => {
                    let detail = format!("{id}: {rejection}");
                    return refuse(&context, tx, json!({"status": 409, "detail": detail})).await;
                }
            }
        }
        let result = merge(&context, &mut tx, &job, left, &others).await?;
        jobs::settle_joint(&mut tx, context.job_id(), None).await?;
        Ok(Done::with(tx, result))
    }
}

async fn merge(
    context: &JobContext,
    tx: &mut Tx,
    job: &MergeTasks,
    left: &Task,
    others: &[Task],
) -> Result<Value, JobError> {
    let (now, rules) = (context.now(), sla::rules(tx).await?);
    let change = regroup::absorb(left, others, &rules, &job.actor, now);
    let trace = undo::trace(left, &change.task);
    let emails = cases::emails_of(tx, &job.from).await?;
    let comments = cases::comments_of(tx, &job.from).await?;
    for from in &job.from {
        cases::move_emails(tx, &of(&emails, from), from, &left.task_id).await?;
        cases::move_comments(tx, &of(&comments, from), from, &left.task_id).await?;
    }
    cases::join_watchers(tx, &job.from, &left.task_id, now).await?;
    let mut changes: Vec<Change> =
        others.iter().map(|task| regroup::end_in(task, &left.task_id, &job.actor, now)).collect();
    let task = change.task.clone();
    changes.push(change);
    tasks::save(tx, &changes).await?;
    assignment::ask(tx, &changes, now).await?;
    let made = Regrouping {
        id: job.merge_id.clone(),
        kind: "merge".to_owned(),
        task_id: left.task_id.clone(),
        others: job.from.clone(),
        emails,
        comments,
        reason: job.actor.reason.clone(),
        made_by: job.actor.principal.clone(),
        made_at: now,
        undone_by: None,
        undone_at: None,
        was: trace.was,
        became: trace.became,
    };
    cases::insert(tx, &made).await?;
    Ok(json!({"status": 200, "merge_id": job.merge_id, "task": task}))
}

/// Splits.
pub struct Split;

impl Handler<SplitTask> for Split {
    async fn run(&self, context: JobContext, job: SplitTask) -> Result<Done, JobError> {
        // Read before the transaction: it takes time, and what a mail says never changes.
        let mut session = context.db().read().await?;
        let stored = cases::contents_of(&mut session, &job.task_id, MOST_MAILS + 1).await?;
        let known = memory::stored(&mut session).await?;
        drop(session);
        let read = read_mail::read_again(stored, known).await;
        let mut tx = context.db().begin().await?;
        mail::lock_intake(&mut tx).await?;
        let source = tasks::lock(&mut tx, &job.task_id).await?;
        if cases::lookup(&mut tx, &job.split_id).await?.is_some() {
            let task = tasks::lookup(&mut tx, &job.new_task_id).await?;
            return Ok(Done::with(
                tx,
                json!({"status": 201, "split_id": job.split_id, "task": task, "source": source}),
            ));
        }
        let source = match live(source.as_ref(), job.expected_version) {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        let there = cases::emails_of(&mut tx, std::slice::from_ref(&job.task_id)).await?;
        if there.len() != read.len() {
            return Err(JobError::Retry("mail came to the task meanwhile".to_owned()));
        }
        if let Some(refusal) = unfit(&job, &there) {
            return Ok(Done::with(tx, json!({"status": 422, "detail": refusal})));
        }
        let result = split(&context, &mut tx, &job, source, read).await?;
        Ok(Done::with(tx, result))
    }
}

/// Why the mails cannot be split off.
fn unfit(job: &SplitTask, there: &[Moved]) -> Option<String> {
    if there.len() as i64 > MOST_MAILS {
        return Some(format!("the task has more than {MOST_MAILS} mails"));
    }
    let strange = job.emails.iter().find(|id| !there.iter().any(|mail| mail.id == **id));
    if let Some(id) = strange {
        return Some(format!("emails: {id} is not a mail of the task"));
    }
    (job.emails.len() == there.len()).then(|| "emails: at least one mail must stay with the task".to_owned())
}

async fn split(
    context: &JobContext,
    tx: &mut Tx,
    job: &SplitTask,
    source: &Task,
    read: Vec<(cases::StoredEmail, Option<Box<ReadMail>>)>,
) -> Result<Value, JobError> {
    let (now, rules) = (context.now(), sla::rules(tx).await?);
    let (going, staying): (Vec<_>, Vec<_>) = read.into_iter().partition(|(mail, _)| job.emails.contains(&mail.id));
    let mut readable = going.iter().filter_map(|(mail, read)| Some((mail, read.as_ref()?)));
    let Some((first, opening)) = readable.next() else {
        return Ok(json!({"status": 422, "detail": "emails: none of them can be read"}));
    };
    let origin = Origin {
        email_id: first.id.clone(),
        conversation_id: opening.envelope.message_id.clone().or_else(|| Some(first.id.clone())),
        mailbox: first.mailbox.clone(),
        batch_id: first.batch_id.clone(),
        received_at: opening.sent_at.unwrap_or(first.received_at),
    };
    // A person put it apart: it needs no further look.
    let mut change = intake::open(job.new_task_id.clone(), opening.reading.clone(), origin, None, 0.0, &rules, now);
    tasks::save(tx, std::slice::from_ref(&change)).await?;
    for (_, later) in readable {
        if let Some(next) = intake::follow_up(&change.task, &later.reading, &rules, now) {
            tasks::save(tx, std::slice::from_ref(&next)).await?;
            change = next;
        }
    }
    let (theirs, ours) = (numbers(&going), numbers(&staying));
    let new = regroup::taken_from(&change.task, &source.task_id, job.title.as_deref(), &rules, &job.actor, now);
    let alone = without(theirs, &ours);
    let given = regroup::give_away(source, &alone, &job.new_task_id, &rules, &job.actor, now);
    let trace = undo::trace(source, &given.task);
    let (task, source_after) = (new.task.clone(), given.task.clone());
    let changes = [new, given];
    tasks::save(tx, &changes).await?;
    assignment::ask(tx, &changes, now).await?;
    let moved = cases::move_emails(tx, &job.emails, &source.task_id, &job.new_task_id).await?;
    let made = Regrouping {
        id: job.split_id.clone(),
        kind: "split".to_owned(),
        task_id: source.task_id.clone(),
        others: vec![job.new_task_id.clone()],
        emails: moved.into_iter().map(|id| Moved { id, from: source.task_id.clone() }).collect(),
        comments: Vec::new(),
        reason: job.actor.reason.clone(),
        made_by: job.actor.principal.clone(),
        made_at: now,
        undone_by: None,
        undone_at: None,
        was: trace.was,
        became: trace.became,
    };
    cases::insert(tx, &made).await?;
    Ok(json!({"status": 201, "split_id": job.split_id, "task": task, "source": source_after}))
}

fn numbers(mails: &[(cases::StoredEmail, Option<Box<ReadMail>>)]) -> Entities {
    let mut all = Entities::default();
    for read in mails.iter().filter_map(|(_, read)| read.as_ref()) {
        all.merge(&read.reading.entities);
    }
    all
}

fn without(mut all: Entities, others: &Entities) -> Entities {
    let mut others = others.clone();
    for name in Entities::LISTS {
        let theirs = std::mem::take(others.list_mut(name).expect("a name of LISTS"));
        all.list_mut(name).expect("a name of LISTS").retain(|value| !theirs.contains(value));
    }
    all
}

/// Takes a merge or a split back.
pub struct Undo;

impl Handler<UndoRegrouping> for Undo {
    async fn run(&self, context: JobContext, job: UndoRegrouping) -> Result<Done, JobError> {
        let Some(mut tx) = in_turn(&context).await? else { return Ok(Done::Snooze(SOON)) };
        let Some(made) = cases::lookup(&mut tx, &job.id).await? else {
            return refuse(&context, tx, json!({"status": 404, "detail": "the merge or split does not exist"})).await;
        };
        let known = locked(&mut tx, made.others.iter().chain([&made.task_id])).await?;
        if let Some(at) = made.undone_at {
            let detail = format!("it was undone at {}", at.to_rfc3339());
            return refuse(&context, tx, json!({"status": 409, "detail": detail})).await;
        }
        let left = match live(find(&known, &made.task_id), None) {
            Ok(task) => task.clone(),
            Err(rejection) => return refuse(&context, tx, rejected(&rejection)).await,
        };
        let others: Vec<Task> = made.others.iter().filter_map(|id| find(&known, id).cloned()).collect();
        let result = if made.kind == "merge" {
            undo_merge(&context, &mut tx, &job, &made, &left, &others).await?
        } else {
            undo_split(&context, &mut tx, &job, &made, &left, &others).await?
        };
        jobs::settle_joint(&mut tx, context.job_id(), None).await?;
        Ok(Done::with(tx, result))
    }
}

/// The merged tasks are there again with their mails, as far as those are still where the merge put them.
async fn undo_merge(
    context: &JobContext,
    tx: &mut Tx,
    job: &UndoRegrouping,
    made: &Regrouping,
    left: &Task,
    others: &[Task],
) -> Result<Value, JobError> {
    let (now, rules) = (context.now(), sla::rules(tx).await?);
    let mut stayed: Vec<String> = Vec::new();
    for from in &made.others {
        let ids = of(&made.emails, from);
        let moved = cases::move_emails(tx, &ids, &left.task_id, from).await?;
        stayed.extend(ids.into_iter().filter(|id| !moved.contains(id)));
        cases::move_comments(tx, &of(&made.comments, from), &left.task_id, from).await?;
    }
    let reverted =
        regroup::revert(left, (&made.was, &made.became), (regroup::Kind::Merge, &made.others), &rules, &job.actor, now);
    let task = reverted.change.task.clone();
    let mut changes: Vec<Change> =
        others.iter().map(|task| regroup::restore(task, &left.task_id, &rules, &job.actor, now)).collect();
    changes.push(reverted.change);
    tasks::save(tx, &changes).await?;
    assignment::ask(tx, &changes, now).await?;
    cases::undo(tx, &made.id, &job.actor.principal, now).await?;
    Ok(json!({
        "status": 200, "task": task, "restored": made.others, "kept_fields": reverted.kept, "kept_emails": stayed,
    }))
}

/// The task that was split off ends in the one it came from, with all the mail that it has by now.
async fn undo_split(
    context: &JobContext,
    tx: &mut Tx,
    job: &UndoRegrouping,
    made: &Regrouping,
    left: &Task,
    others: &[Task],
) -> Result<Value, JobError> {
    let Some(off) = others.first().filter(|task| task.deleted_at.is_none()) else {
        return Ok(json!({"status": 409, "detail": "the task that was split off is gone"}));
    };
    let (now, rules) = (context.now(), sla::rules(tx).await?);
    let from = std::slice::from_ref(&off.task_id);
    let emails: Vec<String> = cases::emails_of(tx, from).await?.into_iter().map(|mail| mail.id).collect();
    let comments: Vec<String> = cases::comments_of(tx, from).await?.into_iter().map(|comment| comment.id).collect();
    cases::move_emails(tx, &emails, &off.task_id, &left.task_id).await?;
    cases::move_comments(tx, &comments, &off.task_id, &left.task_id).await?;
    let reverted =
        regroup::revert(left, (&made.was, &made.became), (regroup::Kind::Split, &made.others), &rules, &job.actor, now);
    let task = reverted.change.task.clone();
    let changes = [regroup::end_in(off, &left.task_id, &job.actor, now), reverted.change];
    tasks::save(tx, &changes).await?;
    assignment::ask(tx, &changes, now).await?;
    cases::undo(tx, &made.id, &job.actor.principal, now).await?;
    cases::end_in(tx, from, &left.task_id, &made.id).await?;
    Ok(json!({"status": 200, "task": task, "restored": [], "kept_fields": reverted.kept, "kept_emails": []}))
}

async fn locked<'a>(tx: &mut Tx, ids: impl Iterator<Item = &'a String>) -> Result<Vec<Task>, JobError> {
    let ids: Vec<&str> = ids.map(String::as_str).collect();
    Ok(tasks::lock_all(tx, &ids).await?)
}

fn find<'a>(known: &'a [Task], id: &str) -> Option<&'a Task> {
    known.iter().find(|task| task.task_id == id)
}

fn of(moved: &[Moved], from: &str) -> Vec<String> {
    moved.iter().filter(|item| item.from == from).map(|item| item.id.clone()).collect()
}

/// Ends a job about several tasks with an outcome that is not success.
async fn refuse(context: &JobContext, mut tx: Tx, result: Value) -> Result<Done, JobError> {
    jobs::settle_joint(&mut tx, context.job_id(), result["detail"].as_str()).await?;
    Ok(Done::with(tx, result))
}
