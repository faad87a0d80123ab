import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';

/** Which field's words are marked in the mail now. */
interface Highlight {
  active: string | null;
  /** Grows when the words are asked for, and not only pointed at. */
  asked: number;
  point: (field: string | null) => void;
  reveal: (field: string) => void;
}

const HighlightContext = createContext<Highlight>({ active: null, asked: 0, point: () => undefined, reveal: () => undefined });

export function HighlightProvider({ children }: { children: ReactNode }) {
  const [pointed, setPointed] = useState<string | null>(null);
  // What was asked for stays marked when the pointer goes, until it comes to another field.
  const [revealed, setRevealed] = useState<string | null>(null);
  const [asked, setAsked] = useState(0);
  const active = pointed ?? revealed;
  const value = useMemo(
    () => ({
      active,
      asked,
      point: (field: string | null) => {
        setPointed(field);
        if (field !== null) setRevealed((was) => (was === field ? was : null));
      },
      reveal: (field: string) => {
        setPointed(null);
        setRevealed(field);
        setAsked((n) => n + 1);
      },
    }),
    [active, asked],
  );
  return <HighlightContext value={value}>{children}</HighlightContext>;
}

export const useHighlight = () => useContext(HighlightContext);

/** Handlers of whatever stands for a field: pointing at it or being in it marks its words. */
export function usePointing(field: string) {
  const { point } = useHighlight();
  return { onPointerEnter: () => point(field), onPointerLeave: () => point(null), onFocus: () => point(field), onBlur: () => point(null) };
}

export type Family = 'meaning' | 'value' | 'number' | 'name';

/** What kind of field it is, which decides how its words look. */
export function familyOf(field: string): Family {
  if (field === 'dollar_value') return 'value';
  if (field === 'customers') return 'name';
  return field.endsWith('_numbers') ? 'number' : 'meaning';
}
