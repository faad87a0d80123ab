import { useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { bytes, count, duration, number } from '../../data/format';
import { Button, Icon, IconButton, Progress } from '../../ui';
import { isWorking, useBatch, type Batch } from './data';
import styles from './Upload.module.css';
import { dismissUpload, retry, uploads, type Upload } from './uploads';

/** Rows shown; the others are counted. */
const SHOWN = 6;

/** What was uploaded from this tab, or put back, and how far it is. */
export function UploadList() {
  const all = useSyncExternalStore(uploads.subscribe, uploads.get);
  if (all.length === 0) return null;
  const shown = all.toReversed().slice(0, SHOWN);
  return (
    <ul aria-label="Uploads" className={styles.list}>
      {shown.map((upload) =>
        upload.batchId ? <BatchRow key={upload.id} upload={upload} batchId={upload.batchId} /> : <SendingRow key={upload.id} upload={upload} />,
      )}
      {all.length > SHOWN && <li className={styles.more}>And {count(all.length - SHOWN, 'earlier upload')}</li>}
    </ul>
  );
}

function SendingRow({ upload }: { upload: Upload }) {
  const { id, name, phase, problem } = upload;
  const failed = phase === 'refused';
  return (
    <li className={styles.row}>
      <span className={failed ? styles.bad : styles.busy}>
        <Icon name={failed ? 'error' : phase === 'sending' ? 'upload' : 'clock'} />
      </span>
      <div className={styles.what}>
        <p className={styles.name}>{name}</p>
        <p className={styles.state} role={failed ? 'alert' : undefined}>
          {failed && problem
            ? `Not uploaded. ${problem.message}${problem.requestId ? ` Request ${problem.requestId}.` : ''}`
            : phase === 'sending'
              ? `Sending ${bytes(upload.bytes)}`
              : 'Waiting for the upload before it'}
        </p>
        {phase === 'sending' && <Progress label={`Sending ${name}`} />}
      </div>
      {failed && (
        <div className={styles.actions}>
          <Button size="sm" icon="refresh" onClick={() => retry(id)}>
            Try again
          </Button>
          <IconButton size="sm" icon="close" label={`Dismiss ${name}`} onClick={() => dismissUpload(id)} />
        </div>
      )}
    </li>
  );
}

/** What a batch came to, the parts that are not none. */
export function outcomeWords(batch: Batch): string {
  const parts: [number, string][] = [
    [batch.tasks_created, 'opened a task'],
    [batch.tasks_updated, 'added to a task'],
    [batch.duplicates, 'duplicate'],
    [batch.noise, 'noise'],
    [batch.quarantined, 'quarantined'],
  ];
  return parts.filter(([n]) => n > 0).map(([n, word]) => `${number(n)} ${word}`).join(', ') || 'No mail';
}

function BatchRow({ upload, batchId }: { upload: Upload; batchId: string }) {
  const { data: batch, error } = useBatch(batchId);
  const working = !batch || isWorking(batch);
  const failed = !!error || batch?.state === 'failed';
  const took = batch?.finished_at && batch.started_at ? Date.parse(batch.finished_at) - Date.parse(batch.started_at) : undefined;
  return (
    <li className={styles.row}>
      <span className={failed ? styles.bad : working ? styles.busy : styles.good}>
        <Icon name={failed ? 'error' : working ? 'refresh' : 'check'} />
      </span>
      <div className={styles.what}>
        <p className={styles.name}>{upload.name}</p>
        <p className={styles.state} role="status">
          {error
            ? `How far it is could not be seen. ${error.message}`
            : !batch
              ? 'Accepted'
              : batch.state === 'failed'
                ? `Failed. ${batch.errors[0]?.reason ?? ''}`
                : working
                  ? `${number(batch.processed)} of ${count(batch.received, 'mail')} processed`
                  : `${outcomeWords(batch)}${took === undefined || upload.bytes === 0 ? '' : ` · in ${duration(took)}`}`}
        </p>
        {working && !error && (
          <Progress label={`Processing ${upload.name}`} value={batch?.processed} max={Math.max(1, batch?.received ?? 1)} />
        )}
      </div>
      <div className={styles.actions}>
        <Link href={`/mail/batches/${encodeURIComponent(batchId)}`} className={styles.open}>
          Open<span className="visually-hidden"> {upload.name}</span>
        </Link>
        {!working && <IconButton size="sm" icon="close" label={`Dismiss ${upload.name}`} onClick={() => dismissUpload(upload.id)} />}
      </div>
    </li>
  );
}
