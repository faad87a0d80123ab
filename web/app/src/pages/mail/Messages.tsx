import { useSearchParams } from 'wouter';
import { withParams } from '../../data/address';
import { dateTime, number } from '../../data/format';
import { Button, EmptyState, ErrorState, SearchInput, Select, Skeleton, Toolbar } from '../../ui';
import { find, isOutcome, MOST_EMAILS, OUTCOMES, useBatches, useEmails, type Outcome } from './data';
import { MailTable } from './MailTable';
import styles from './Mail.module.css';
import { useMailPanel } from './useMailPanel';

const ALL = '';

/** Every mail, by where it went, in which batch and by its words. */
export function Messages() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('outcome');
  const outcome = isOutcome(asked) ? asked : undefined;
  const batch = params.get('batch') ?? undefined;
  const q = params.get('q') ?? '';
  const { data, error, refetch, isPlaceholderData } = useEmails({ outcome, batch_id: batch });
  const batches = useBatches();
  const { opened, open, panel } = useMailPanel();

  const put = (key: string, value: string | undefined) => setParams((old) => withParams(old, { [key]: value }), { replace: true });
  const filtered = outcome !== undefined || batch !== undefined || q !== '';
  const clear = () => setParams({}, { replace: true });
  const known = batches.data?.batches ?? [];
  const choices = known.map(({ id, mailbox, created_at, received }) => ({
    value: id,
    label: `${dateTime(created_at)} · ${mailbox ?? 'no mailbox'} · ${number(received)}`,
  }));
  if (batch && !known.some(({ id }) => id === batch)) choices.unshift({ value: batch, label: batch });
  const emails = data?.emails ?? [];
  const found = find(emails, q);

  return (
    <>
      <Toolbar label="Filters">
        <SearchInput label="Find in these mails" value={q} onChange={(event) => put('q', event.target.value)} />
        <Select
          aria-label="Outcome"
          value={outcome ?? ALL}
          choices={[{ value: ALL, label: 'All outcomes' }, ...(Object.keys(OUTCOMES) as Outcome[]).map((value) => ({ value, label: OUTCOMES[value].label }))]}
          onChange={(value) => put('outcome', value)}
        />
        <Select aria-label="Batch" value={batch ?? ALL} choices={[{ value: ALL, label: 'All batches' }, ...choices]} onChange={(value) => put('batch', value)} />
        {filtered && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
      </Toolbar>
      {error ? (
        <ErrorState error={error} title="The mails could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton label="Loading mails" rows={10} />
      ) : (
        <div aria-busy={isPlaceholderData} style={{ display: 'grid', gap: 'var(--space-3)' }}>
          {emails.length === MOST_EMAILS && (
            <p className={styles.quiet}>These are the oldest {MOST_EMAILS}: more are not listed at once. Choose a batch to see its mails.</p>
          )}
          {outcome === 'noise' && emails.length > 0 && (
            <p className={styles.quiet}>Noise makes no task. If a mail should have made one, open it and read it, then create the task by hand.</p>
          )}
          <MailTable
            caption="Mails"
            emails={found}
            onOpen={open}
            opened={opened}
            empty={
              filtered ? (
                <EmptyState icon="filter" title="No mail matches" action={<Button onClick={clear}>Clear the filters</Button>} />
              ) : (
                <EmptyState icon="mail" title="No mail yet">
                  Mail appears here as it comes in.
                </EmptyState>
              )
            }
          />
        </div>
      )}
      {panel}
    </>
  );
}
