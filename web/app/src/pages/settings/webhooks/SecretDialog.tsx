import { Button, Dialog, toast } from '../../../ui';
import styles from './Webhooks.module.css';

/** The only time a secret is shown. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard?.writeText(secret).then(
      () => toast({ kind: 'success', title: 'The secret is in the clipboard' }),
      () => toast({ kind: 'error', title: 'The secret could not be copied', detail: 'Select it and copy it by hand.' }),
    );
  return (
    <Dialog
      open
      title="The webhook's secret"
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className={styles.stack}>
        <p className={styles.quiet}>Messages are signed with it. It is shown now and never again; who loses it gives the webhook a new one.</p>
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
