import { useSearchParams } from 'wouter';
import { count, number } from '../../data/format';
import { Button, Card, DateTime, EmptyState, ErrorState, Grid, Page, PageHeader, Skeleton, StatCard } from '../../ui';
import { BatchState, took } from './Batches';
import { find, isOutcome, OUTCOMES, useBatch, useEmails, type Batch, type Outcome } from './data';
import { MailTable } from './MailTable';
import styles from './Mail.module.css';
import { useMailPanel } from './useMailPanel';

const SHOWN: readonly [Outcome, (batch: Batch) => number][] = [
  ['created', (batch) => batch.tasks_created],
  ['updated', (batch) => batch.tasks_updated],
  ['duplicate', (batch) => batch.duplicates],
  ['noise', (batch) => batch.noise],
  ['quarantined', (batch) => batch.quarantined],
];

/** One batch: its account, what went wrong, and its mails. */
export function BatchPage({ id }: { id: string }) {
  const { data: batch, error, refetch } = useBatch(id);
  const back = { to: '/mail', label: 'Batches' };
  if (error || !batch) {
    return (
      <Page>
        <PageHeader title="Batch" back={back} />
        {error ? (
          <ErrorState error={error} title={error.missing ? 'There is no such batch' : 'The batch could not be loaded'} onRetry={() => void refetch()} />
        ) : (
          <Skeleton label="Loading the batch" rows={8} />
        )}
      </Page>
    );
  }
  const time = took(batch);
  return (
    <Page>
      <PageHeader
        title={`${count(batch.received, 'mail')} to ${batch.mailbox ?? 'no mailbox'}`}
        badge={<BatchState batch={batch} />}
        back={back}
        description={
          <>
            Accepted <DateTime at={batch.created_at} />
            {batch.finished_at && (
              <>
                , finished <DateTime at={batch.finished_at} />
              </>
            )}
            {time && <> after {time}</>}
          </>
        }
      />
      <Grid min="9rem">
        {SHOWN.map(([outcome, value]) => (
          <StatCard
            key={outcome}
            label={OUTCOMES[outcome].label}
            value={number(value(batch))}
            to={`/mail/batches/${encodeURIComponent(id)}?outcome=${outcome}`}
          />
        ))}
      </Grid>
      {batch.errors.length > 0 && (
        <Card title="What went wrong" description={batch.quarantined > 0 ? 'These mails are in quarantine, where they can be replayed.' : undefined}>
          <ul className={styles.errors}>
            {batch.errors.slice(0, 20).map(({ email, reason }, at) => (
              <li key={at}>
                {email}
                <span>{reason}</span>
              </li>
            ))}
            {batch.errors.length > 20 && <li>And {number(batch.errors.length - 20)} more</li>}
          </ul>
        </Card>
      )}
      <BatchMails id={id} />
    </Page>
  );
}

function BatchMails({ id }: { id: string }) {
  const [params, setParams] = useSearchParams();
  const asked = params.get('outcome');
  const outcome = isOutcome(asked) ? asked : undefined;
  const { data, error, refetch } = useEmails({ batch_id: id, outcome });
  const { opened, open, panel } = useMailPanel();
  if (error) return <ErrorState error={error} title="The mails could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton label="Loading mails" rows={6} />;
  const clear = () => setParams({}, { replace: true });
  return (
    <>
      {outcome && (
        <div className={styles.selection}>
          <span>
            Showing: <strong>{OUTCOMES[outcome].label}</strong>
          </span>
          <Button variant="ghost" size="sm" icon="close" onClick={clear}>
            Show all
          </Button>
        </div>
      )}
      <MailTable
        caption="Mails of this batch"
        hideMailbox
        emails={find(data.emails, '').toReversed()}
        onOpen={open}
        opened={opened}
        empty={
          <EmptyState icon="filter" title={outcome ? 'No mail of this batch matches' : 'No mail'} action={outcome && <Button onClick={clear}>Show all</Button>} />
        }
      />
      {panel}
    </>
  );
}
