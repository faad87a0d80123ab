import { useState, type ReactNode } from 'react';
import { serverNow } from '../../data/live';
import { Button, Field, Icon, Input, Select, usePopover } from '../../ui';
import styles from './FilterBar.module.css';
import { FLAG_LABELS, SLA_STATES, STATES, labelOf, type FilterName, type FlagName, type InstantName, type ListName, type ListQuery } from './filters';
import { dayEdge, toDay } from './instants';
import type { useNames } from './people';

type Change = (filters: Partial<Record<FilterName, unknown>>) => void;

interface MoreFiltersProps {
  query: ListQuery;
  names: ReturnType<typeof useNames>;
  list: (name: ListName, values: readonly string[]) => ReactNode;
  onChange: Change;
}

const HOUR = 3_600_000;
const DUE: readonly [label: string, hours: number | null][] = [
  ['Overdue', null],
  ['In 4 hours', 4],
  ['In 24 hours', 24],
  ['In 7 days', 168],
];

/** Every filter that the API knows and the bar has no room for. */
export function MoreFilters({ query, names, list, onChange }: MoreFiltersProps) {
  const { anchor, floating, open, show, close } = usePopover();
  const { filter } = query;
  const flag = (name: FlagName) => {
    const [label, yes, no] = FLAG_LABELS[name];
    const value = filter[name] === undefined ? '' : String(filter[name]);
    return (
      <Field label={label}>
        {(control) => (
          <Select
            {...control}
            value={value}
            choices={[
              { value: '', label: 'Any' },
              { value: 'true', label: yes },
              { value: 'false', label: no },
            ]}
            onChange={(chosen) => onChange({ [name]: chosen === '' ? undefined : chosen === 'true' })}
          />
        )}
      </Field>
    );
  };
  const due = (hours: number | null) => {
    const now = serverNow();
    const at = (ms: number) => new Date(ms).toISOString();
    onChange(hours === null ? { open: true, due_from: undefined, due_to: at(now) } : { open: true, due_from: at(now), due_to: at(now + hours * HOUR) });
  };
  return (
    <>
      <Button ref={anchor} icon="filter" aria-haspopup="dialog" aria-expanded={open} onClick={() => (open ? close() : show())}>
        More filters
        <Icon name="chevronDown" size={14} />
      </Button>
      <div ref={floating} popover="auto" role="dialog" aria-label="More filters" className={styles.panel}>
        {open && (
          <>
            <div className={styles.lists}>
              <span className={styles.phoneOnly}>
                {list('status', ['RED', 'YELLOW', 'GREEN', 'COMPLETED'])}
                {list('category', [])}
              </span>
              {list('state', STATES)}
              {list('sla_state', SLA_STATES)}
              {list('mailbox', names.mailboxes)}
              {list('tag', names.tags)}
              {list('watcher', names.owners)}
            </div>
            <Named filter={filter} onChange={onChange} />
            <div className={styles.pairs}>
              {flag('open')}
              {flag('unassigned')}
              {flag('has_deadline')}
              {flag('completed_in_time')}
              {flag('unaddressed')}
            </div>
            <fieldset className={styles.group}>
              <legend>Due</legend>
              <div className={styles.lists}>
                {DUE.map(([label, hours]) => (
                  <Button key={label} size="sm" onClick={() => due(hours)}>
                    {label}
                  </Button>
                ))}
              </div>
              <Days filter={filter} from="due_from" to="due_to" onChange={onChange} />
            </fieldset>
            <fieldset className={styles.group}>
              <legend>Created</legend>
              <Days filter={filter} from="created_from" to="created_to" onChange={onChange} />
            </fieldset>
            <fieldset className={styles.group}>
              <legend>Completed</legend>
              <Days filter={filter} from="completed_from" to="completed_to" onChange={onChange} />
            </fieldset>
            <fieldset className={styles.group}>
              <legend>Value in dollars</legend>
              <div className={styles.pairs}>
                <Amount label="At least" value={filter.min_value} onChange={(min_value) => onChange({ min_value })} />
                <Amount label="At most" value={filter.max_value} onChange={(max_value) => onChange({ max_value })} />
              </div>
            </fieldset>
          </>
        )}
      </div>
    </>
  );
}

interface DaysProps {
  filter: ListQuery['filter'];
  from: InstantName;
  to: InstantName;
  onChange: Change;
}

function Days({ filter, from, to, onChange }: DaysProps) {
  return (
    <div className={styles.pairs}>
      <Field label="From">
        {(control) => <Input {...control} type="date" value={toDay(filter[from])} onChange={(event) => onChange({ [from]: dayEdge(event.target.value, 'from') })} />}
      </Field>
      <Field label="Until">
        {(control) => <Input {...control} type="date" value={toDay(filter[to])} onChange={(event) => onChange({ [to]: dayEdge(event.target.value, 'to') })} />}
      </Field>
    </div>
  );
}

function Amount({ label, value, onChange }: { label: string; value: number | undefined; onChange: (value: number | undefined) => void }) {
  const [text, setText] = useState(value === undefined ? '' : String(value));
  const tell = () => {
    const amount = Number(text);
    const next = text.trim() === '' || !Number.isFinite(amount) ? undefined : amount;
    if (next !== value) onChange(next);
  };
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          inputMode="decimal"
          placeholder="Any"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={tell}
          onKeyDown={(event) => event.key === 'Enter' && tell()}
        />
      )}
    </Field>
  );
}

/** Lists whose values nobody can list: they are typed. */
const TYPED = ['tag', 'mailbox', 'owner', 'owner_email', 'watcher'] as const;

function Named({ filter, onChange }: { filter: ListQuery['filter']; onChange: Change }) {
  const [name, setName] = useState<(typeof TYPED)[number]>('tag');
  const [text, setText] = useState('');
  const add = () => {
    const value = text.trim();
    if (!value) return;
    onChange({ [name]: [...new Set([...(filter[name] ?? []), value])] });
    setText('');
  };
  return (
    <form
      className={styles.named}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Field label="By name">
        {(control) => <Select {...control} value={name} choices={TYPED.map((value) => ({ value, label: labelOf(value) }))} onChange={setName} />}
      </Field>
      <Field label={`${labelOf(name)} to add`}>{(control) => <Input {...control} value={text} onChange={(event) => setText(event.target.value)} />}</Field>
      <Button type="submit" icon="plus">
        Add
      </Button>
    </form>
  );
}
