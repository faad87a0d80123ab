import { Button, IconButton, Input } from '../../../ui';
import { inDay, type Span } from './calendar';
import styles from './Calendars.module.css';

interface SpansProps {
  /** Whose hours: a day of the week or a date. */
  name: string;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
  error: string | undefined;
}

/** The open hours of a day, and where they lie in it. */
export function Spans({ name, spans, onChange, error }: SpansProps) {
  const change = (at: number, span: Partial<Span>) => onChange(spans.map((old, other) => (other === at ? { ...old, ...span } : old)));
  const add = () => onChange([...spans, spans.length === 0 ? { from: '09:00', to: '17:00' } : { from: spans.at(-1)!.to, to: '24:00' }]);
  const invalid = error ? true : undefined;
  return (
    <div role="group" aria-label={`Hours of ${name}`} className={styles.dayBody}>
      <div className={styles.spans}>
        {spans.length === 0 && <span className={styles.closed}>Closed</span>}
        {spans.map((span, at) => (
          <span key={at} className={styles.span}>
            <Input className={styles.time} aria-label={`${name}, span ${at + 1}: from`} aria-invalid={invalid} placeholder="09:00" maxLength={5} value={span.from} onChange={(event) => change(at, { from: event.target.value })} />
            <span aria-hidden="true">–</span>
            <Input className={styles.time} aria-label={`${name}, span ${at + 1}: to`} aria-invalid={invalid} placeholder="24:00" maxLength={5} value={span.to} onChange={(event) => change(at, { to: event.target.value })} />
            <IconButton size="sm" icon="close" label={`Remove span ${at + 1} of ${name}`} onClick={() => onChange(spans.filter((_, other) => other !== at))} />
          </span>
        ))}
        <Button size="sm" variant="ghost" icon="plus" onClick={add}>
          Hours<span className="visually-hidden"> of {name}</span>
        </Button>
      </div>
      <div className={styles.track} aria-hidden="true">
        {spans.map((span, at) => {
          const placed = inDay(span);
          return placed && <span key={at} className={styles.open} style={{ left: `${placed.left}%`, width: `${placed.width}%` }} />;
        })}
      </div>
      {error && <p className={styles.error}>{error}</p>}
    </div>
  );
}
