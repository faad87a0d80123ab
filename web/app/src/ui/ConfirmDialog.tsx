import { useState, type ReactNode } from 'react';
import { Problem } from '../data/problem';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field, Textarea } from './Field';
import styles from './Field.module.css';

interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children?: ReactNode;
  /** Says what happens: `Cancel 12 jobs`, not `OK`. */
  confirm: string;
  danger?: boolean;
  /** Ask why. */
  reason?: 'optional' | 'required';
  /** What has to be typed first, for what concerns many. */
  phrase?: string;
  /** Closes the dialog when it is done; shows what it throws. */
  onConfirm: (reason: string | undefined) => Promise<unknown> | void;
}

/** Asks before something is done, and stays until it is. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  // What was typed is gone with the dialog.
  return props.open ? <Confirm {...props} /> : null;
}

function Confirm({ onClose, title, children, confirm, danger, reason, phrase, onConfirm }: ConfirmDialogProps) {
  const [why, setWhy] = useState('');
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const ready = (reason !== 'required' || why.trim() !== '') && (!phrase || typed === phrase);

  const run = async () => {
    if (!ready || busy) return;
    setBusy(true);
    try {
      await onConfirm(why.trim() || undefined);
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
      title={title}
      size="sm"
      footer={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button variant={danger ? 'danger' : 'primary'} disabled={!ready} busy={busy} onClick={() => void run()}>
            {confirm}
          </Button>
        </>
      }
    >
      <form
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {children && <div>{children}</div>}
        {reason && (
          <Field label={reason === 'required' ? 'Reason' : 'Reason (optional)'} hint="Kept in the history.">
            {(field) => <Textarea {...field} rows={2} value={why} onChange={(event) => setWhy(event.target.value)} />}
          </Field>
        )}
        {phrase && (
          <Field label={`Type ${phrase} to go on`}>
            {(field) => (
              <input {...field} className={styles.input} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
            )}
          </Field>
        )}
        {problem && (
          <p role="alert" className={styles.error}>
            {problem.message}
            {problem.requestId && <> Request {problem.requestId}.</>}
          </p>
        )}
      </form>
    </Dialog>
  );
}
