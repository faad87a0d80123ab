import { useEffect, useRef } from 'react';
import { classes } from '../../ui';
import { familyOf, useHighlight } from './highlight';
import { pieces, type Place } from './mailText';
import styles from './Mail.module.css';
import { FIELD_NAMES } from './types';

interface MarkedTextProps {
  text: string;
  places: readonly Place[];
  start?: number;
  end?: number;
}

/** Text with the words marked from which fields were read. It is text: React escapes whatever it holds. */
export function MarkedText({ text, places, start = 0, end = text.length }: MarkedTextProps) {
  return pieces(text, places, start, end).map((piece, at) =>
    piece.fields.length > 0 ? <Marked key={at} text={piece.text} fields={piece.fields} /> : piece.text,
  );
}

function Marked({ text, fields }: { text: string; fields: readonly string[] }) {
  const { active, asked } = useHighlight();
  const mark = useRef<HTMLElement>(null);
  const on = active !== null && fields.includes(active);
  const seen = useRef(asked);
  useEffect(() => {
    if (!on) return;
    const wanted = seen.current !== asked;
    seen.current = asked;
    // Beside a narrow screen's fields there is no mail to scroll; there it takes the button.
    if (!wanted && !matchMedia('(min-width: 1100px)').matches) return;
    const timer = setTimeout(() => mark.current?.scrollIntoView({ block: wanted ? 'center' : 'nearest', behavior: 'smooth' }), wanted ? 0 : 250);
    return () => clearTimeout(timer);
  }, [on, asked]);
  const names = fields.map((field) => FIELD_NAMES[field] ?? field).join(', ');
  return (
    <mark ref={mark} className={classes(styles.mark, styles[familyOf(fields[0]!)])} data-fields={fields.join(' ')} data-on={on || undefined} title={names}>
      {text}
    </mark>
  );
}
