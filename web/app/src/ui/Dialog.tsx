import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './Button';
import { classes } from './classes';
import styles from './Dialog.module.css';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Buttons, the one that does it last. */
  footer?: ReactNode;
  /** `side`: a panel at the right edge. */
  look?: 'center' | 'side';
  size?: 'sm' | 'md' | 'lg';
}

/** Modal: the rest of the page waits. Escape and a click beside it close it; focus returns to where it was. */
export function Dialog({ open, onClose, title, children, footer, look = 'center', size = 'md' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (!open) return;
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      className={classes(styles.dialog, styles[look], styles[size])}
      onCancel={(event) => {
        // A cancelled file choice bubbles up here too.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.frame}>
        <header className={styles.header}>
          <h2 id={heading} className={styles.title}>
            {title}
          </h2>
          <IconButton icon="close" label="Close" size="sm" onClick={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
