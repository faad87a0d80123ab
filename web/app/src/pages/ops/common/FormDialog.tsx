import { useState, type ReactNode } from 'react';
import { Problem } from '../../../data/problem';
import { Button, Dialog, Field, Textarea } from '../../../ui';
import styles from './parts.module.css';

interface FormDialogProps {
  title: string;
  /** Says what happens: `Pause email`. */
  submit: string;
  onClose: () => void;
  /** Closes the dialog when it is done; what it throws is shown. */
  onSubmit: (reason: string | undefined) => Promise<unknown>;
  ready?: boolean;
  danger?: boolean;
  children?: ReactNode;
  /** The reason comes first: for what others will wonder about. */
  reasonFirst?: boolean;
}

/** A few fields, the reason, and what is wrong with them. Ctrl+Enter submits from anywhere. */
export function FormDialog({ title, submit, onClose, onSubmit, ready = true, danger, children, reasonFirst }: FormDialogProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const run = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSubmit(reason.trim() || undefined);
      onClose();
    } catch (cause) {
      setProblem(Problem.of(cause));
      setBusy(false);
    }
  };

  const why = (
    <Field label="Reason (optional)" hint="Kept in the audit trail.">
      {(field) => <Textarea {...field} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />}
    </Field>
  );
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
            {submit}
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
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
        }}
      >
        {reasonFirst && why}
        {children}
        {!reasonFirst && why}
        {/* Enter in a field submits only where there is a button for it. */}
        <button type="submit" hidden />
        {problem && (
          <div role="alert" className={styles.problem}>
            {problem.errors.length > 0 ? problem.errors.map(({ pointer, detail }) => <p key={pointer + detail}>{`${pointer.slice(1)} ${detail}`}</p>) : <p>{problem.message}</p>}
            {problem.requestId && <p>Request {problem.requestId}</p>}
          </div>
        )}
      </form>
    </Dialog>
  );
}
