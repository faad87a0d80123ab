import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { bytes } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Button, ConfirmDialog, DateTime, DescriptionList, Dialog, ErrorState, Icon, Skeleton, toast, toastProblem } from '../../ui';
import { useEmail, type Email } from './data';
import { dismissMail, replayMail } from './decide';
import { Destination, nameOf, OutcomeTag } from './MailTable';
import styles from './MailPanel.module.css';
import { RAW_SHOWN, rawText } from './rawText';

interface MailPanelProps {
  id: string;
  onClose: () => void;
  /** Shows another mail instead. */
  onOpen: (id: string) => void;
}

/** One mail beside the list: what is known of it, its text as it came, and what can be done. */
export function MailPanel({ id, onClose, onOpen }: MailPanelProps) {
  const { data: email, error, refetch } = useEmail(id);
  return (
    <Dialog
      open
      look="side"
      size="lg"
      onClose={onClose}
      title={email ? nameOf(email) : 'Mail'}
      footer={email && <Actions email={email} onDone={onClose} />}
    >
      {error ? (
        <ErrorState error={error} title="The mail could not be loaded" onRetry={() => void refetch()} />
      ) : !email ? (
        <Skeleton label="Loading the mail" rows={8} />
      ) : (
        <div className={styles.panel}>
          <p className={styles.outcome}>
            <OutcomeTag outcome={email.outcome} />
            {email.reason && <span>{email.reason}</span>}
          </p>
          <DescriptionList
            items={[
              ['From', email.sender],
              ['To', email.recipients.length > 0 ? email.recipients.join(', ') : null],
              ['Sent', email.sent_at ? <DateTime at={email.sent_at} /> : null],
              ['Received', <DateTime at={email.received_at} />],
              ['Mailbox', email.mailbox],
              ['Task', <Destination email={email} onOpen={onOpen} />],
              ['Batch', <Link href={`/mail/batches/${encodeURIComponent(email.batch_id)}`}>Mail {email.position + 1} of its batch</Link>],
              ['Size', bytes(email.size)],
              ['File', email.source],
              ['Message-ID', email.message_id && <code>{email.message_id}</code>],
            ]}
          />
          <Raw key={email.id} email={email} />
        </div>
      )}
    </Dialog>
  );
}

function Raw({ email }: { email: Email }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['emails', 'raw', email.id],
    queryFn: async ({ signal }) => {
      const body = await unwrap(
        http.GET('/api/workflow/emails/{email_id}/raw', { params: { path: { email_id: email.id } }, parseAs: 'blob', signal }),
      );
      const blob: Blob = body as unknown as Blob;
      return { text: rawText(new Uint8Array(await blob.slice(0, RAW_SHOWN).arrayBuffer())), size: blob.size };
    },
    staleTime: Infinity,
  });
  return (
    <section className={styles.raw}>
      <h3>As received</h3>
      {error ? (
        <ErrorState error={error} title="The text could not be loaded" onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton label="Loading the text" rows={6} />
      ) : (
        <>
          {(data.size > RAW_SHOWN || data.size < email.size) && (
            <p className={styles.note}>
              <Icon name="info" size={14} />
              {data.size < email.size
                ? `Only the first ${bytes(data.size)} of ${bytes(email.size)} were kept.`
                : `The first ${bytes(RAW_SHOWN)} of ${bytes(data.size)}. Download it for the rest.`}
            </p>
          )}
          <pre tabIndex={0} aria-label="The mail as received" dir="ltr" className={styles.text}>
            {data.text}
          </pre>
        </>
      )}
    </section>
  );
}

function Actions({ email, onDone }: { email: Email; onDone: () => void }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [dismissing, setDismissing] = useState(false);
  const quarantined = email.outcome === 'quarantined';
  const replay = async () => {
    setBusy(true);
    try {
      await replayMail(queries, email);
      onDone();
    } catch (cause) {
      toastProblem(cause, 'The mail was not put back');
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <a href={`/api/workflow/emails/${encodeURIComponent(email.id)}/raw`} download={`${email.id}.eml`} className={styles.download}>
        <Icon name="download" />
        Download
      </a>
      {quarantined && (
        <>
          <Button icon="close" needs="operator" onClick={() => setDismissing(true)}>
            Dismiss
          </Button>
          <Button variant="primary" icon="refresh" needs="operator" busy={busy} onClick={() => void replay()}>
            Replay
          </Button>
          <ConfirmDialog
            open={dismissing}
            onClose={() => setDismissing(false)}
            title="Dismiss this mail"
            confirm="Dismiss the mail"
            danger
            reason="required"
            onConfirm={async (reason) => {
              await dismissMail(queries, email.id, reason ?? '');
              toast({ kind: 'success', title: 'Mail dismissed' });
              onDone();
            }}
          >
            It counts as noise from then on. Its bytes are kept.
          </ConfirmDialog>
        </>
      )}
    </>
  );
}
