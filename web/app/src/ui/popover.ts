import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

export type Placement = 'bottom-start' | 'bottom-end' | 'top';

/** Distance to the anchor and to the edge of the window. */
const GAP = 6;
const EDGE = 8;

/** Puts a floating element at its anchor, inside the window. */
export function place(anchor: HTMLElement, floating: HTMLElement, placement: Placement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const left =
    placement === 'bottom-start' ? at.left : placement === 'bottom-end' ? at.right - width : at.left + (at.width - width) / 2;
  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const fits = placement === 'top' ? above >= EDGE : below + height > innerHeight - EDGE && above >= EDGE;
  floating.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  floating.style.top = `${fits ? above : Math.max(EDGE, Math.min(below, innerHeight - EDGE - height))}px`;
}

export interface Popover {
  anchor: RefObject<HTMLButtonElement | null>;
  /** Goes on the element with `popover="auto"`: the browser closes it by Escape or a click elsewhere. */
  floating: RefObject<HTMLDivElement | null>;
  open: boolean;
  show: () => void;
  close: () => void;
}

/** Opens an element above everything else, at a button. Focus returns to the button. */
export function usePopover(placement: Placement = 'bottom-start'): Popover {
  const anchor = useRef<HTMLButtonElement>(null);
  const floating = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const element = floating.current;
    if (!element) return;
    const toggled = (event: Event) => setOpen((event as ToggleEvent).newState === 'open');
    element.addEventListener('toggle', toggled);
    return () => element.removeEventListener('toggle', toggled);
  }, []);

  const show = useCallback(() => {
    if (!floating.current || !anchor.current) return;
    floating.current.showPopover?.();
    place(anchor.current, floating.current, placement);
    setOpen(true);
  }, [placement]);
  const close = useCallback(() => {
    floating.current?.hidePopover?.();
    setOpen(false);
  }, []);

  useEffect(() => {
    if (!open) return;
    const again = () => anchor.current && floating.current && place(anchor.current, floating.current, placement);
    addEventListener('resize', again);
    addEventListener('scroll', again, { capture: true, passive: true });
    return () => {
      removeEventListener('resize', again);
      removeEventListener('scroll', again, { capture: true });
    };
  }, [open, placement]);

  return { anchor, floating, open, show, close };
}
