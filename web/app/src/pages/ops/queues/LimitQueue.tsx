import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Field, Input, toast } from '../../../ui';
import { FormDialog } from '../common/FormDialog';
import type { Queue } from '../common/jobs';
import parts from '../common/parts.module.css';

type Limits = Queue['limits'];
type Key = keyof Limits;

const FIELDS: readonly (readonly [Key, string])[] = [
  ['concurrency', 'At once'],
  ['rate', 'Starts'],
  ['rate_seconds', 'In seconds'],
  ['key_concurrency', 'At once, per key'],
  ['key_rate', 'Starts, per key'],
  ['key_rate_seconds', 'In seconds, per key'],
];

/** 10 at once, 5 a second; per key 2 at once. */
export function limitWords(limits: Limits): string {
  const rate = (n: number | null | undefined, seconds: number | null | undefined) =>
    n == null ? null : `${n} ${(seconds ?? 1) === 1 ? 'a second' : `in ${seconds} s`}`;
  const of = (concurrency: number | null | undefined, said: string | null) => [concurrency == null ? null : `${concurrency} at once`, said].filter(Boolean).join(', ');
  const queue = of(limits.concurrency, rate(limits.rate, limits.rate_seconds));
  const key = of(limits.key_concurrency, rate(limits.key_rate, limits.key_rate_seconds));
  return [queue && `Limit ${queue}`, key && `per key ${key}`].filter(Boolean).join('; ') || 'No limits';
}

/** What differs; an empty field takes the limit away. */
export function limitChanges(limits: Limits, texts: Record<Key, string>): Partial<Record<Key, number | null>> {
  const changes: Partial<Record<Key, number | null>> = {};
  for (const [key] of FIELDS) {
    const value = texts[key].trim() === '' ? null : Number(texts[key]);
    if (value !== (limits[key] ?? null)) changes[key] = value;
  }
  return changes;
}

export function LimitQueue({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const queries = useQueryClient();
  const { name, limits } = queue;
  const [texts, setTexts] = useState(() => Object.fromEntries(FIELDS.map(([key]) => [key, limits[key] == null ? '' : String(limits[key])])) as Record<Key, string>);
  const changes = limitChanges(limits, texts);
  const wrong = (key: Key) => texts[key].trim() !== '' && !(Number.isInteger(Number(texts[key])) && Number(texts[key]) >= 1);
  return (
    <FormDialog
      title={`Limits of ${name}`}
      submit="Save the limits"
      onClose={onClose}
      ready={Object.keys(changes).length > 0 && !FIELDS.some(([key]) => wrong(key))}
      onSubmit={async (reason) => {
        await unwrap(http.PATCH('/api/queues/{name}', { params: { path: { name } }, body: { ...changes, ...(reason && { reason }) } }));
        await queries.invalidateQueries({ queryKey: ['queues'] });
        toast({ kind: 'success', title: `The limits of ${name} were changed` });
      }}
    >
      <p>They hold over all workers and take effect at once. An empty field is no limit.</p>
      <div className={parts.row}>
        {FIELDS.map(([key, label]) => (
          <Field key={key} label={label} error={wrong(key) ? 'A whole number from 1.' : undefined}>
            {(field) => (
              <Input {...field} inputMode="numeric" placeholder="None" value={texts[key]} onChange={(event) => setTexts({ ...texts, [key]: event.target.value })} />
            )}
          </Field>
        ))}
      </div>
    </FormDialog>
  );
}
