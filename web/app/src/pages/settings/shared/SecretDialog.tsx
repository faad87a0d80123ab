import type { ReactNode } from 'react';
import { Button, Dialog, toast } from '../../../ui';
import styles from './SecretDialog.module.css';

interface SecretDialogProps {
  title: string;
  secret: string;
  /** What it is for. */
  children: ReactNode;
  onClose: () => void;
}

/** The only time a secret is shown. */
export function SecretDialog({ title, secret, children, onClose }: SecretDialogProps) {
  const copy = async () => {
    try {
      // Away from TLS and loopback names there is no clipboard.
      await navigator.clipboard.writeText(secret);
      toast({ kind: 'success', title: 'It is in the clipboard' });
    } catch {
      toast({ kind: 'error', title: 'It could not be copied', detail: 'Select it and copy it by hand.' });
    }
  };
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className={styles.stack}>
        <div className={styles.quiet}>{children}</div>
        <div className={styles.secret}>
          <code>{secret}</code>
          <Button icon="copy" onClick={() => void copy()}>
            Copy
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
