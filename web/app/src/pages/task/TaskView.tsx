import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { duration, percent } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { serverNow } from '../../data/live';
import { useShortcut } from '../../shell/shortcuts';
import { Card, ConfirmDialog, Page, toast, usePageTitle, type MenuItem } from '../../ui';
import { Comments } from './Comments';
import { ConflictNotice } from './ConflictNotice';
import { CorrectDialog } from './Correct';
import { Entities } from './Entities';
import { Fields, type Open } from './Fields';
import { Forecast } from './Forecast';
import { History } from './History';
import { findNeighbours } from './neighbours';
import { Related, Regroupings } from './Related';
import { Review } from './Review';
import { Sla } from './Sla';
import styles from './Task.module.css';
import { TaskHeader } from './TaskHeader';
import { Thread, useThread } from './Thread';
import { REVIEW, type Change } from './types';
import { useEditing } from './useTask';
import { useWide } from './useWide';
import { Watchers } from './Watchers';

type Pattern = components['schemas']['Pattern'];
const HOUR = 3_600_000;

/** All of a task that is there. */
export function TaskView({ patterns }: { patterns: readonly Pattern[] }) {
  const { task, save } = useEditing();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<Open>(null);
  const [dialog, setDialog] = useState<'correct' | 'delete'>();
  const [neighbours] = useState(() => findNeighbours(queries, task.task_id));
  const comment = useRef<HTMLTextAreaElement>(null);
  const thread = useThread(task);
  const wide = useWide();
  usePageTitle(task.title);
  useEffect(() => void scrollTo(0, 0), []);

  const go = (id: string | undefined) => id && navigate(`/tasks/${encodeURIComponent(id)}`);
  const complete = async () => {
    if (task.task_status === 'COMPLETED') return;
    const before: Change = { task_status: task.manual_status, workflow_state: task.workflow_state };
    if (await save({ task_status: 'COMPLETED' })) {
      toast({ kind: 'success', title: 'Completed', detail: task.title, action: { label: 'Undo', onSelect: () => void reopen(before) } });
    }
  };
  // Undo is chosen later, so it is not to compare with the task as it was then.
  const reopen = async (change: Change) => {
    const now = await unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: task.task_id } } }));
    await save(change, now.task);
  };
  const snooze = (hours: number) => void save({ snoozed_until: new Date(serverNow() + hours * HOUR).toISOString() });
  const menu: MenuItem[] = [
    { label: 'Copy the link', icon: 'link', onSelect: () => void navigator.clipboard?.writeText(location.href).then(() => toast({ title: 'The link is copied' })) },
    { label: 'Print', icon: 'print', onSelect: () => print() },
    ...(task.email_id ? [{ label: 'Correct what was read', icon: 'edit' as const, needs: 'operator of all' as const, onSelect: () => setDialog('correct') }] : []),
    ...(task.task_status === 'COMPLETED'
      ? []
      : task.snoozed_until
        ? [{ label: 'Wake it now', icon: 'play' as const, needs: 'operator' as const, onSelect: () => void save({ snoozed_until: null }) }]
        : [
            { label: 'Snooze for 4 hours', icon: 'pause' as const, needs: 'operator' as const, onSelect: () => snooze(4) },
            { label: 'Snooze for a day', icon: 'pause' as const, needs: 'operator' as const, onSelect: () => snooze(24) },
            { label: 'Snooze for a week', icon: 'pause' as const, needs: 'operator' as const, onSelect: () => snooze(168) },
          ]),
    null,
    { label: 'Delete', icon: 'trash', danger: true, needs: 'operator', onSelect: () => setDialog('delete') },
  ];

  const group = 'This task';
  const edit = (field: Open) => () => setOpen(field);
  useShortcut('c', 'Complete', () => void complete(), group, 'operator');
  useShortcut('e', 'Edit the title', edit('title'), group, 'operator');
  useShortcut('a', 'Assign', edit('current_owner'), group, 'operator');
  useShortcut('d', 'Change the deadline', edit('sla_deadline'), group, 'operator');
  useShortcut('v', 'Change the value', edit('dollar_value'), group, 'operator');
  useShortcut('l', 'Change the labels', edit('tags'), group, 'operator');
  useShortcut('s', 'Change the status', () => pick('task_status'), group, 'operator');
  useShortcut('p', 'Change the priority', () => pick('priority'), group, 'operator');
  useShortcut('m', 'Write a comment', () => comment.current?.focus(), group, 'operator');
  useShortcut('j', 'Next task of the list', () => go(neighbours?.next), group);
  useShortcut('k', 'Previous task of the list', () => go(neighbours?.previous), group);

  // One order for eyes and keyboard: beside the mail where there is room, before and after it where there is not.
  const correcting = () => setDialog('correct');
  const fields = <Fields open={open} onOpen={setOpen} found={thread.found} />;
  const entities = <Entities found={thread.found} onCorrect={correcting} />;
  const sla = <Sla task={task} />;
  const mail = (
    <>
      {task.description && !task.email_id && (
        <Card title="Description">
          <p className={styles.description} dir="auto">
            {task.description}
          </p>
        </Card>
      )}
      <Thread task={task} thread={thread} />
    </>
  );
  const talk = (
    <>
      <Comments task={task} input={comment} />
      <Related task={task} />
      <Regroupings taskId={task.task_id} />
      <History taskId={task.task_id} />
    </>
  );
  const rest = (
    <>
      <Forecast task={task} />
      <Watchers taskId={task.task_id} />
      {patterns.length > 0 && <Patterns patterns={patterns} />}
    </>
  );

  return (
    <Page>
      <TaskHeader
        open={open}
        onOpen={setOpen}
        neighbours={neighbours}
        onGo={go}
        onComplete={() => void complete()}
        onReopen={() => void save({ task_status: 'GREEN', workflow_state: 'IN_PROGRESS' })}
        menu={menu}
      />
      <ConflictNotice />
      {task.tags.includes(REVIEW) && <Review onCorrect={correcting} />}
      {wide ? (
        <div className={styles.columns}>
          <div className={styles.main}>
            {sla}
            {mail}
            {talk}
          </div>
          <div className={styles.side}>
            {fields}
            {entities}
            {rest}
          </div>
        </div>
      ) : (
        <div className={styles.main}>
          {fields}
          {sla}
          {mail}
          {entities}
          {talk}
          {rest}
        </div>
      )}
      {dialog === 'correct' && <CorrectDialog emails={thread.list} onClose={() => setDialog(undefined)} />}
      <ConfirmDialog
        open={dialog === 'delete'}
        onClose={() => setDialog(undefined)}
        title="Delete this task?"
        confirm="Delete task"
        danger
        onConfirm={async () => {
          await unwrap<unknown>(
            http.DELETE('/api/workflow/delete/{task_id}', {
              params: { path: { task_id: task.task_id }, header: { 'If-Match': `"${task.version}"`, Prefer: 'wait=10' } },
            }),
          );
          toast({ kind: 'success', title: 'The task is deleted', detail: task.title });
          void queries.invalidateQueries({ queryKey: ['tasks'] });
          navigate('/tasks');
        }}
      >
        “{task.title}” leaves every list and figure. Its history stays, and this cannot be undone.
      </ConfirmDialog>
    </Page>
  );
}

/** Opens the list of a field. */
function pick(field: string) {
  const select = document.querySelector<HTMLSelectElement>(`[data-row="${field}"] select`);
  select?.focus();
  try {
    select?.showPicker();
  } catch {
    // The focus is enough where a browser opens no list by itself.
  }
}

function Patterns({ patterns }: { patterns: readonly Pattern[] }) {
  return (
    <Card title="Seen before" description="Patterns that its mails bear">
      <ul className={styles.patterns}>
        {patterns.map((pattern) => (
          <li key={pattern.id}>
            <code className={styles.signature}>{pattern.signature}</code>
            <p className={styles.quiet}>
              {pattern.support} mails
              {pattern.average_completion_hours !== null && `, done in ${duration(pattern.average_completion_hours * HOUR)} on average`}
              {pattern.success_rate !== null && `, ${percent(Math.round(pattern.success_rate * 1000) / 10)} in time`}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
