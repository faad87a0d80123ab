import { useEffect, useState } from 'react';
import { Button, Field, Icon, Input, MultiSelect, SearchInput, Tag, Toolbar } from '../../../ui';
import { fromLocal, toLocal } from '../../../data/local';
import type { Single } from '../common/filters';
import type { JobFilter } from '../common/jobs';
import { useQueues, useWorkers } from '../common/queries';
import styles from './Jobs.module.css';

/** Milliseconds after the last key. */
const TYPING = 300;

interface JobFiltersProps {
  filter: JobFilter;
  onChange: (change: Partial<Record<keyof JobFilter, string | readonly string[]>>) => void;
  onClear: () => void;
}

/** Filters that come from links, each with its name. */
const CHIPS: readonly (readonly [Single, string])[] = [
  ['error', 'Error'],
  ['worker', 'Worker'],
  ['schedule', 'Schedule'],
];

export function JobFilters({ filter, onChange, onClear }: JobFiltersProps) {
  const queues = useQueues();
  const workers = useWorkers();
  const names = [...new Set([...(queues.data?.queues.map((queue) => queue.name) ?? []), ...(filter.queue ?? [])])];
  const kinds = [...new Set([...(workers.data?.workers.flatMap((worker) => worker.kinds) ?? []), ...(filter.kind ?? [])])].sort();
  const [more, setMore] = useState(Boolean(filter.from || filter.to || filter.task_id));
  const { state: _, ...others } = filter;
  return (
    <div className={styles.filters}>
      <Toolbar label="Filters">
        <Typed label="Search arguments" value={filter.q ?? ''} onChange={(q) => onChange({ q })} />
        <MultiSelect label="Queue" choices={names.map((value) => ({ value, label: value }))} selected={filter.queue ?? []} onChange={(queue) => onChange({ queue })} />
        <MultiSelect label="Kind" choices={kinds.map((value) => ({ value, label: value }))} selected={filter.kind ?? []} onChange={(kind) => onChange({ kind })} />
        <Button icon="filter" variant="ghost" aria-expanded={more} onClick={() => setMore(!more)}>
          Task and time
        </Button>
        {CHIPS.map(
          ([key, label]) =>
            filter[key] && (
              <button key={key} type="button" className={styles.chip} onClick={() => onChange({ [key]: '' })} aria-label={`Remove the filter ${label}: ${filter[key]}`}>
                <Tag tone="accent">
                  <span className={styles.chipText}>
                    {label}: {filter[key]}
                  </span>
                  <Icon name="close" size={12} />
                </Tag>
              </button>
            ),
        )}
        {Object.keys(others).length > 0 && (
          <Button variant="ghost" icon="close" onClick={onClear}>
            Clear
          </Button>
        )}
      </Toolbar>
      {more && (
        <div className={styles.more}>
          <TaskField value={filter.task_id ?? ''} onChange={(task_id) => onChange({ task_id })} />
          <Field label="Accepted from">
            {(field) => <Input {...field} type="datetime-local" value={toLocal(filter.from)} onChange={(event) => onChange({ from: fromLocal(event.target.value) ?? '' })} />}
          </Field>
          <Field label="Accepted until">
            {(field) => <Input {...field} type="datetime-local" value={toLocal(filter.to)} onChange={(event) => onChange({ to: fromLocal(event.target.value) ?? '' })} />}
          </Field>
        </div>
      )}
    </div>
  );
}

/** What is typed, told once the typing rests. */
function useTyped(value: string, onChange: (value: string) => void): [string, (value: string) => void] {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), TYPING);
    return () => clearTimeout(timer);
    // Only what is typed starts it.
  }, [text]);
  return [text, setText];
}

function Typed({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useTyped(value, onChange);
  return <SearchInput label={label} value={text} maxLength={200} onChange={(event) => setText(event.target.value)} />;
}

function TaskField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useTyped(value, onChange);
  return <Field label="Task">{(field) => <Input {...field} placeholder="TASK-…" maxLength={100} value={text} onChange={(event) => setText(event.target.value)} />}</Field>;
}
