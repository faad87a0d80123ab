import { useEffect, useRef, useState, type RefObject } from 'react';
import { CATEGORIES } from '../../data/categories';
import { Button, MultiSelect, PRIORITIES, PriorityTag, SearchInput, STATUSES, StatusIcon, Toolbar, Avatar, Icon } from '../../ui';
import styles from './FilterBar.module.css';
import { chips, labelOf, valueLabel, withFilter, type FilterName, type ListName, type ListQuery } from './filters';
import { MoreFilters } from './MoreFilters';
import type { useNames } from './people';

/** Milliseconds after the last letter that the list is fetched. */
const DEBOUNCE = 250;

interface FilterBarProps {
  query: ListQuery;
  names: ReturnType<typeof useNames>;
  search: RefObject<HTMLInputElement | null>;
  onChange: (query: ListQuery) => void;
}

/** What the list is filtered by: the search, the filters used most, all others, and each as a chip to take away. */
export function FilterBar({ query, names, search, onChange }: FilterBarProps) {
  const change = (filters: Partial<Record<FilterName, unknown>>) => onChange(withFilter(query, filters));
  const list = (name: ListName, values: readonly string[], icon?: (value: string) => React.ReactNode) => {
    const selected: readonly string[] = query.filter[name] ?? [];
    const all = [...values, ...selected.filter((value) => !values.includes(value))];
    return (
      <MultiSelect
        label={labelOf(name)}
        choices={all.map((value) => ({ value, label: valueLabel(name, value), icon: icon?.(value) }))}
        selected={selected}
        onChange={(chosen) => change({ [name]: chosen })}
      />
    );
  };
  const shown = chips(query);
  return (
    <div className={styles.bar}>
      <Toolbar label="Filters">
        <Search value={query.filter.q ?? ''} input={search} onChange={(q) => change({ q: q.trim() })} />
        <span className={styles.often}>
          {list('status', STATUSES, (value) => (
            <StatusIcon status={value as (typeof STATUSES)[number]} />
          ))}
          {list('category', CATEGORIES)}
          {list('priority', PRIORITIES, (value) => (
            <PriorityTag priority={value as (typeof PRIORITIES)[number]} hideWord />
          ))}
          {list('owner', names.owners, (value) => (
            <span aria-hidden="true">
              <Avatar name={value} size={18} />
            </span>
          ))}
        </span>
        <MoreFilters query={query} names={names} list={list} onChange={change} />
      </Toolbar>
      {(shown.length > 0 || query.most !== undefined) && (
        <ul className={styles.chips} aria-label="Filters that are set">
          {shown.map((chip) => (
            <li key={chip.key}>
              <button
                type="button"
                className={styles.chip}
                aria-label={`Remove the filter ${chip.label}: ${chip.value}`}
                onClick={() => change(Object.fromEntries(chip.names.map((name) => [name, undefined])))}
              >
                <span className={styles.chipLabel}>{chip.label}</span>
                <span className={styles.chipValue}>{chip.value}</span>
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
          {query.most !== undefined && (
            <li>
              <button type="button" className={styles.chip} onClick={() => onChange({ ...query, most: undefined })} aria-label="Show all rows">
                <span className={styles.chipValue}>{query.most === 1 ? 'First row only' : `First ${query.most} rows`}</span>
                <Icon name="close" size={12} />
              </button>
            </li>
          )}
          <li>
            <Button variant="ghost" size="sm" onClick={() => onChange({ ...query, filter: {}, most: undefined })}>
              Clear all
            </Button>
          </li>
        </ul>
      )}
    </div>
  );
}

/** Takes letters at once and tells of them when there is a pause. */
function Search({ value, input, onChange }: { value: string; input: RefObject<HTMLInputElement | null>; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef(value);
  useEffect(() => {
    // The address was changed by something else: a view, the way back.
    if (value === told.current) return;
    told.current = value;
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const latest = useRef(onChange);
  latest.current = onChange;
  const tell = (q: string) => {
    clearTimeout(timer.current);
    told.current = q.trim();
    latest.current(q);
  };
  return (
    <SearchInput
      ref={input}
      label="Search tasks"
      className={styles.search}
      value={text}
      aria-keyshortcuts="/"
      onChange={(event) => {
        const q = event.target.value;
        setText(q);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => tell(q), DEBOUNCE);
      }}
      onKeyDown={(event) => event.key === 'Enter' && tell(text)}
    />
  );
}
