import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { count } from '../../data/format';
import { Problem } from '../../data/problem';
import { Button, Dialog, ErrorState, Skeleton } from '../../ui';
import { previewReplay, replayMany, type Filter } from './decide';
import { useEmails } from './data';
import { nameOf } from './MailTable';
import styles from './Mail.module.css';

interface ReplayDialogProps {
  filter: Filter;
  onClose: () => void;
  onDone: () => void;
}

/** Shows what a replay would do, as the server counts it, before it is done. */
export function ReplayDialog({ filter, onClose, onDone }: ReplayDialogProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const names = useEmails({ outcome: 'quarantined' });
  const { data, error, refetch } = useQuery({
    queryKey: ['emails', 'replay', filter],
    queryFn: ({ signal }) => previewReplay(filter, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const able = data ? data.matched - data.incomplete : 0;
  const run = async () => {
    setBusy(true);
    try {
      await replayMany(queries, filter);
      onDone();
      onClose();
    } catch (cause) {
      setProblem(Problem.of(cause));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Replay mail"
      footer={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button variant="primary" icon="refresh" busy={busy} disabled={able === 0} onClick={() => void run()}>
            {able > 0 ? `Replay ${count(able, 'mail')}` : 'Replay'}
          </Button>
        </>
      }
    >
      {error ? (
        <ErrorState error={error} title="The preview could not be made" onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton label="Loading the preview" rows={3} />
      ) : (
        <div className={styles.errors}>
          <p>
            {able > 0 ? `${count(able, 'mail')} will be put back into ${able === 1 ? 'its batch' : 'their batches'} and read again.` : 'None of these can be read again.'}
            {data.incomplete > 0 && ` ${count(data.incomplete, 'mail')} of which only the first part was kept ${data.incomplete === 1 ? 'stays' : 'stay'}.`}
            {able > 0 && ' What still cannot be read comes back here.'}
          </p>
          {data.sample.length > 0 && (
            <ul className={styles.errors} aria-label="Some of these mails">
              {data.sample.slice(0, 5).map(({ id, reason }) => {
                const email = names.data?.emails.find((one) => one.id === id);
                return (
                  <li key={id}>
                    {email ? nameOf(email) : id}
                    <span>{reason}</span>
                  </li>
                );
              })}
              {data.matched > 5 && <li>And {count(data.matched - 5, 'more', 'more')}</li>}
            </ul>
          )}
          {problem && (
            <p role="alert">
              {problem.message}
              {problem.requestId && ` Request ${problem.requestId}.`}
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}
