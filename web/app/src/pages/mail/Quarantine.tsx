import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { withParams } from '../../data/address';
import { count } from '../../data/format';
import { useMay } from '../../data/session';
import { Button, ConfirmDialog, EmptyState, ErrorState, SearchInput, Select, Skeleton, Spring, toast, Toolbar } from '../../ui';
import { find, MOST_EMAILS, reasonKind, reasonsOf, useEmails } from './data';
import { dismissMail, type Filter } from './decide';
import { MailTable } from './MailTable';
import styles from './Mail.module.css';
import { ReplayDialog } from './ReplayDialog';
import { UploadList } from './UploadList';
import { useMailPanel } from './useMailPanel';

const ALL = '';

/** Mail that was kept apart: why, and what to do with it. */
export function Quarantine() {
  const queries = useQueryClient();
  const [params, setParams] = useSearchParams();
  const reason = params.get('reason') ?? '';
  const mailbox = params.get('mailbox') ?? '';
  const q = params.get('q') ?? '';
  const { data, error, refetch } = useEmails({ outcome: 'quarantined' });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [replaying, setReplaying] = useState<Filter>();
  const [dismissing, setDismissing] = useState(false);
  const mayDecide = useMay('operator');
  const { opened, open, panel } = useMailPanel();

  if (error) return <ErrorState error={error} title="The quarantine could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton label="Loading the quarantine" rows={8} />;

  const put = (key: string, value: string) => setParams((old) => withParams(old, { [key]: value }), { replace: true });
  const clear = () => setParams({}, { replace: true });
  const filtered = reason !== '' || mailbox !== '' || q !== '';
  const mailboxes = [...new Set(data.emails.map((email) => email.mailbox))].sort();
  const found = find(data.emails, q).filter((email) => (!reason || reasonKind(email.reason) === reason) && (!mailbox || email.mailbox === mailbox));
  // What was put back or dismissed meanwhile is no longer chosen.
  const ids = found.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  // A search happens here, so the mails it found are named one by one.
  const all: Filter = filtered ? { ids: found.slice(0, 500).map(({ id }) => id) } : {};

  const dismissAll = async (why: string | undefined) => {
    for (const id of ids) await dismissMail(queries, id, why ?? '');
    setChosen(new Set());
    toast({ kind: 'success', title: `${count(ids.length, 'mail')} dismissed` });
  };

  return (
    <>
      <UploadList />
      {data.emails.length > 0 && (
        <>
          <div role="group" aria-label="Reasons" className={styles.chips}>
            {reasonsOf(data.emails).map((kind) => (
              <button key={kind.reason} type="button" className={styles.chip} aria-pressed={reason === kind.reason} onClick={() => put('reason', reason === kind.reason ? '' : kind.reason)}>
                {kind.reason}
                <span>{kind.count}</span>
              </button>
            ))}
          </div>
          <Toolbar label="Filters and actions">
            <SearchInput label="Find in quarantine" value={q} onChange={(event) => put('q', event.target.value)} />
            {mailboxes.length > 1 && (
              <Select
                aria-label="Mailbox"
                value={mailbox}
                choices={[{ value: ALL, label: 'All mailboxes' }, ...mailboxes.map((name) => ({ value: name, label: name }))]}
                onChange={(value) => put('mailbox', value)}
              />
            )}
            {filtered && (
              <Button variant="ghost" onClick={clear}>
                Clear
              </Button>
            )}
            <Spring />
            {ids.length > 0 ? (
              <>
                <span role="status" className={styles.quiet}>
                  {ids.length} chosen
                </span>
                <Button icon="close" needs="operator" onClick={() => setDismissing(true)}>
                  Dismiss
                </Button>
                <Button variant="primary" icon="refresh" needs="operator of all" onClick={() => setReplaying({ ids: ids.slice(0, 500) })}>
                  Replay {ids.length}
                </Button>
              </>
            ) : (
              <Button icon="refresh" needs="operator of all" disabled={found.length === 0} onClick={() => setReplaying(all)}>
                {filtered ? `Replay these ${found.length}` : 'Replay all'}
              </Button>
            )}
          </Toolbar>
          {data.emails.length === MOST_EMAILS && <p className={styles.quiet}>These are the oldest {MOST_EMAILS}. More may follow once they are decided.</p>}
        </>
      )}
      <MailTable
        caption="Mail in quarantine"
        onlyReason
        emails={found}
        onOpen={open}
        opened={opened}
        {...(mayDecide && { selection: { chosen, onChange: setChosen } })}
        empty={
          filtered ? (
            <EmptyState icon="filter" title="No mail in quarantine matches" action={<Button onClick={clear}>Clear the filters</Button>} />
          ) : (
            <EmptyState icon="check" title="Nothing in quarantine">
              Mail that cannot be read, is too large or comes as a flood is kept here.
            </EmptyState>
          )
        }
      />
      {panel}
      {replaying && <ReplayDialog filter={replaying} onClose={() => setReplaying(undefined)} onDone={() => setChosen(new Set())} />}
      <ConfirmDialog
        open={dismissing}
        onClose={() => setDismissing(false)}
        title={`Dismiss ${count(ids.length, 'mail')}`}
        confirm={`Dismiss ${count(ids.length, 'mail')}`}
        danger
        reason="required"
        onConfirm={dismissAll}
      >
        They count as noise from then on. Their bytes are kept.
      </ConfirmDialog>
    </>
  );
}
