import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { bytes } from '../../data/format';
import { Card, Checkbox, DataTable, DateTime, Icon, LoadMore, Tag, type Column } from '../../ui';
import { OUTCOMES, type Email, type Outcome } from './data';
import styles from './Mail.module.css';

/** Rows shown at first, and with each wish for more. */
const STEP = 100;

export function OutcomeTag({ outcome }: { outcome: Outcome }) {
  const { label, icon, tone } = OUTCOMES[outcome];
  return (
    <Tag tone={tone}>
      <Icon name={icon} size={12} />
      {label}
    </Tag>
  );
}

/** The task or the mail that it led to. */
export function Destination({ email, onOpen }: { email: Email; onOpen?: (id: string) => void }) {
  const { task_id: task, duplicate_of: original } = email;
  if (task) {
    return (
      <Link href={`/tasks/${encodeURIComponent(task)}`} className={styles.task}>
        {task}
      </Link>
    );
  }
  if (original && onOpen) {
    return (
      <button type="button" className={styles.subject} onClick={() => onOpen(original)}>
        See the original
      </button>
    );
  }
  return <span className={styles.quiet}>None</span>;
}

export function nameOf({ subject, source, id }: Email): string {
  return subject?.trim() || source || id;
}

interface MailTableProps {
  caption: string;
  emails: readonly Email[];
  /** Opens a mail beside the list. */
  onOpen: (id: string) => void;
  opened?: string | undefined;
  empty: ReactNode;
  /** Boxes to check. */
  selection?: { chosen: ReadonlySet<string>; onChange: (chosen: Set<string>) => void };
  hideMailbox?: boolean;
  /** Where all have the same outcome and no task. */
  onlyReason?: boolean;
}

export function MailTable({ caption, emails, onOpen, opened, empty, selection, hideMailbox, onlyReason }: MailTableProps) {
  const [limit, setLimit] = useState(STEP);
  const rows = emails.slice(0, limit);
  const outcome: Column<Email>[] = [
    {
      key: 'outcome',
      header: 'Outcome',
      cell: (email) => (
        <span className={styles.outcome}>
          <OutcomeTag outcome={email.outcome} />
          {email.reason && <span className={styles.reason}>{email.reason}</span>}
        </span>
      ),
    },
    { key: 'task', header: 'Task', cell: (email) => <Destination email={email} onOpen={onOpen} /> },
  ];
  const reason: Column<Email> = { key: 'reason', header: 'Reason', cell: (email) => <span className={styles.reason}>{email.reason ?? 'No reason given'}</span> };
  const columns: Column<Email>[] = [
    {
      key: 'subject',
      header: 'Mail',
      rowHeader: true,
      cell: (email) => (
        <div className={styles.wide}>
          <button type="button" className={styles.subject} onClick={() => onOpen(email.id)}>
            {nameOf(email)}
          </button>
          <span className={styles.sender}>{email.sender ?? 'Sender not known'}</span>
        </div>
      ),
    },
    ...(onlyReason ? [reason] : outcome),
    { key: 'size', header: 'Size', align: 'end', optional: true, cell: (email) => <span className={styles.quiet}>{bytes(email.size)}</span> },
    { key: 'received', header: 'Received', align: 'end', optional: true, cell: (email) => <DateTime at={email.received_at} /> },
  ];
  if (!hideMailbox) columns.splice(-2, 0, { key: 'mailbox', header: 'Mailbox', optional: true, cell: (email) => <span className={styles.box}>{email.mailbox}</span> });
  if (selection) {
    const { chosen, onChange } = selection;
    const all = rows.length > 0 && rows.every(({ id }) => chosen.has(id));
    columns.unshift({
      key: 'chosen',
      width: '2.5rem',
      header: (
        <Checkbox
          hideLabel
          label="Choose all"
          checked={all}
          indeterminate={!all && rows.some(({ id }) => chosen.has(id))}
          onChange={(on) => onChange(new Set(on ? rows.map(({ id }) => id) : []))}
        />
      ),
      cell: (email) => (
        <Checkbox
          hideLabel
          label={`Choose ${nameOf(email)}`}
          checked={chosen.has(email.id)}
          onChange={(on) => {
            const next = new Set(chosen);
            if (on) next.add(email.id);
            else next.delete(email.id);
            onChange(next);
          }}
        />
      ),
    });
  }
  if (rows.length === 0) return <Card flush>{empty}</Card>;
  return (
    <>
      <Card flush>
        <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ id }) => id} selected={({ id }) => id === opened} />
      </Card>
      <LoadMore
        shown={rows.length}
        total={emails.length}
        one="mail"
        hasMore={emails.length > rows.length}
        loading={false}
        onMore={() => setLimit(limit + STEP)}
      />
    </>
  );
}
