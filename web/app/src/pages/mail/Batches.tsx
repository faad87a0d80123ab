import { Link } from 'wouter';
import { count, duration, number } from '../../data/format';
import { useMay } from '../../data/session';
import { Card, DataTable, DateTime, EmptyState, ErrorState, Icon, Progress, RelativeTime, Skeleton, type Column } from '../../ui';
import { isWorking, useBatches, type Batch, type Outcome } from './data';
import styles from './Mail.module.css';
import { UploadArea } from './UploadArea';

/** A figure of a batch, which leads to exactly these mails. */
export function OutcomeCount({ batch, outcome, value }: { batch: string; outcome: Outcome; value: number }) {
  if (value === 0) return <span className={styles.zero}>0</span>;
  return (
    <Link href={`/mail/messages?batch=${encodeURIComponent(batch)}&outcome=${outcome}`} className={outcome === 'quarantined' ? styles.alarming : styles.figure}>
      {number(value)}
    </Link>
  );
}

export function BatchState({ batch }: { batch: Batch }) {
  if (isWorking(batch)) {
    return (
      <span className={styles.working}>
        <Progress label={`${number(batch.processed)} of ${number(batch.received)} processed`} value={batch.processed} max={Math.max(1, batch.received)} />
        <span className={styles.quiet}>
          {number(batch.processed)} of {number(batch.received)}
        </span>
      </span>
    );
  }
  const failed = batch.state === 'failed';
  return (
    <span className={failed ? styles.failed : styles.done}>
      <Icon name={failed ? 'error' : 'check'} size={14} />
      {failed ? 'Failed' : 'Completed'}
    </span>
  );
}

/** How long the work on a batch took; null while it goes on. */
export function took({ started_at, finished_at }: Batch): string | null {
  return started_at && finished_at ? duration(Date.parse(finished_at) - Date.parse(started_at)) : null;
}

const outcome = (key: Outcome, header: string, value: (batch: Batch) => number): Column<Batch> => ({
  key,
  header,
  align: 'end',
  cell: (batch) => <OutcomeCount batch={batch.id} outcome={key} value={value(batch)} />,
});

const COLUMNS: readonly Column<Batch>[] = [
  {
    key: 'accepted',
    header: 'Received',
    rowHeader: true,
    cell: (batch) => (
      <Link href={`/mail/batches/${encodeURIComponent(batch.id)}`} className={styles.subject}>
        <DateTime at={batch.created_at} />
      </Link>
    ),
  },
  { key: 'mailbox', header: 'Mailbox', cell: (batch) => <span className={styles.box}>{batch.mailbox ?? 'None'}</span> },
  { key: 'state', header: 'State', width: '9rem', cell: (batch) => <BatchState batch={batch} /> },
  { key: 'received', header: 'Mails', align: 'end', cell: (batch) => number(batch.received) },
  outcome('created', 'Opened', (batch) => batch.tasks_created),
  outcome('updated', 'Added', (batch) => batch.tasks_updated),
  outcome('duplicate', 'Duplicates', (batch) => batch.duplicates),
  outcome('noise', 'Noise', (batch) => batch.noise),
  outcome('quarantined', 'Quarantined', (batch) => batch.quarantined),
  { key: 'took', header: 'Took', align: 'end', optional: true, cell: (batch) => <span className={styles.quiet}>{took(batch) ?? '–'}</span> },
];

export function Batches() {
  const { data, error, refetch } = useBatches();
  const mayUpload = useMay('operator');
  const batches = data?.batches ?? [];
  return (
    <>
      {mayUpload && <UploadArea />}
      {error ? (
        <ErrorState error={error} title="The batches could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton label="Loading batches" rows={8} />
      ) : (
        <Card
          flush
          title="Batches"
          description={
            batches[0] ? (
              <>
                {batches.length === 200 ? 'The newest 200' : count(batches.length, 'batch', 'batches')}, the last <RelativeTime at={batches[0].created_at} />
              </>
            ) : undefined
          }
        >
          <DataTable
            caption="Batches"
            columns={COLUMNS}
            rows={batches}
            rowKey={({ id }) => id}
            empty={
              <EmptyState icon="inbox" title="No mail yet">
                {mayUpload && 'Drop some above, or set up a mailbox in the settings. '}Every upload and every fetch is a batch.
              </EmptyState>
            }
          />
        </Card>
      )}
    </>
  );
}
