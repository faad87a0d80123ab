import { useState } from 'react';
import { useNow } from '../data/clock';
import { durationWords } from '../data/format';
import { signOut, type Session } from '../data/session';
import { Avatar, Button, DateTime, DescriptionList, Tag, toastProblem, usePopover } from '../ui';
import styles from './AccountMenu.module.css';

/** Who is signed in, and the way out. */
export default function AccountMenu({ session: { principal, role, mailboxes, expires_at } }: { session: Session }) {
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await signOut();
    } catch (cause) {
      toastProblem(cause, 'You are still signed in');
      setBusy(false);
    }
  };
  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-label={`Account: ${principal}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        className={styles.button}
        onClick={() => (open ? close() : show())}
      >
        <Avatar name={principal} size={26} />
      </button>
      <div ref={floating} popover="auto" role="dialog" aria-label="Account" className={styles.panel}>
        {open && (
          <>
            <header className={styles.header}>
              <Avatar name={principal} withName size={32} />
              <Tag tone="accent">{role}</Tag>
            </header>
            <div className={styles.body}>
              <DescriptionList
                items={[
                  ['Mailboxes', mailboxes ? mailboxes.join(', ') : 'All'],
                  ['Session ends', expires_at && <Ends at={expires_at} />],
                ]}
              />
            </div>
            <footer className={styles.footer}>
              <Button busy={busy} onClick={() => void leave()}>
                Sign out
              </Button>
            </footer>
          </>
        )}
      </div>
    </>
  );
}

function Ends({ at }: { at: string }) {
  const left = Date.parse(at) - useNow();
  return (
    <>
      <DateTime at={at} />
      {left > 0 && <span className={styles.left}>in {durationWords(left)}</span>}
    </>
  );
}
