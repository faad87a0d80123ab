import { useEffect, useRef, type ReactNode } from 'react';
import { KeyHint } from './KeyHint';
import { place } from './popover';
import styles from './Tooltip.module.css';

/** Milliseconds a pointer has to rest. */
const DELAY = 400;

/**
 * Words that appear while the one child is pointed at or has the focus. They only add: the child has its own name.
 * Escape hides them.
 */
export function Tooltip({ text, shortcut, children }: { text: ReactNode; shortcut?: string | undefined; children: ReactNode }) {
  const around = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const hide = () => {
    clearTimeout(timer.current);
    if (bubble.current?.matches(':popover-open')) bubble.current.hidePopover();
  };
  const show = (delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const child = around.current?.firstElementChild;
      if (!bubble.current?.isConnected || !(child instanceof HTMLElement)) return;
      bubble.current.showPopover?.();
      place(child, bubble.current, 'top');
    }, delay);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <>
      <span
        ref={around}
        className={styles.around}
        onPointerEnter={(event) => event.pointerType === 'mouse' && show(DELAY)}
        onPointerLeave={hide}
        onPointerDown={hide}
        onFocus={(event) => event.target.matches(':focus-visible') && show(0)}
        onBlur={hide}
        onKeyDown={(event) => event.key === 'Escape' && hide()}
      >
        {children}
      </span>
      <span ref={bubble} popover="manual" className={styles.bubble} role="tooltip" data-screen-only>
        {text}
        {shortcut && <KeyHint keys={shortcut} />}
      </span>
    </>
  );
}
