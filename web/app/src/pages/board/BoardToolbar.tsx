import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Button, classes, MultiSelect, PRIORITIES, SearchInput, Select, Spring, Toolbar, type Choice } from '../../ui';
import styles from './Board.module.css';
import { isFiltered, type Due, type View } from './filters';
import type { Grouping, SortKey } from './model';

const GROUPS: readonly Choice<Grouping>[] = [
  { value: 'status', label: 'Status' },
  { value: 'state', label: 'State' },
  { value: 'owner', label: 'Owner' },
];
const DUES: readonly Choice<Due | ''>[] = [
  { value: '', label: 'Due any time' },
  { value: 'overdue', label: 'Overdue' },
  { value: '4h', label: 'Due within 4 hours' },
  { value: '24h', label: 'Due within 24 hours' },
  { value: '7d', label: 'Due within 7 days' },
];
const ORDERS: readonly Choice<SortKey>[] = [
  { value: 'sla_deadline', label: 'Deadline first' },
  { value: 'priority', label: 'Priority first' },
  { value: 'dollar_value', label: 'Value first' },
  { value: 'updated_at', label: 'Last changed first' },
  { value: 'created_at', label: 'Newest first' },
];
/** Milliseconds without a key before a text is looked for. */
const TYPING = 250;

interface BoardToolbarProps {
  view: View;
  categories: readonly string[];
  owners: readonly string[];
  /** The address with these parameters instead. */
  address: (change: Record<string, string | readonly string[]>) => string;
  onChange: (change: Record<string, string | readonly string[]>) => void;
  onClear: () => void;
}

export function BoardToolbar({ view: { by, sort, filters }, categories, owners, address, onChange, onClear }: BoardToolbarProps) {
  const mailboxes = useMailboxes();
  const [open, setOpen] = useState(false);
  const named = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  return (
    <Toolbar label="View and filters">
      <nav aria-label="Columns by" className={styles.groups}>
        {GROUPS.map(({ value, label }) => (
          <Link key={value} href={address({ by: value === 'status' ? '' : value, column: '', collapsed: [] })} aria-current={value === by ? 'page' : undefined} className={styles.group!}>
            {label}
          </Link>
        ))}
      </nav>
      <Search q={filters.q} onChange={(q) => onChange({ q })} />
      <Button icon="filter" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
        Filters
      </Button>
      <div className={classes(styles.filters, open && styles.open)}>
        <MultiSelect label="Category" choices={named(categories)} selected={filters.category} onChange={(category) => onChange({ category })} />
        <MultiSelect label="Priority" choices={PRIORITIES.map((value) => ({ value, label: words(value) }))} selected={filters.priority} onChange={(priority) => onChange({ priority })} />
        <MultiSelect label="Owner" choices={named(owners)} selected={filters.owner} onChange={(owner) => onChange({ owner })} />
        <MultiSelect label="Mailbox" choices={named(mailboxes)} selected={filters.mailbox} onChange={(mailbox) => onChange({ mailbox })} />
        <Select aria-label="Due" value={filters.due} choices={DUES} onChange={(due) => onChange({ due })} />
        {isFiltered(filters) && (
          <Button variant="ghost" onClick={onClear}>
            Clear
          </Button>
        )}
        <Spring />
        <Select aria-label="Order" value={sort} choices={ORDERS} onChange={(order) => onChange({ sort: order === 'sla_deadline' ? '' : order })} />
      </div>
    </Toolbar>
  );
}

function Search({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => onChange(text.trim()), TYPING);
    return () => clearTimeout(timer);
  }, [text]);
  return <SearchInput label="Search tasks" value={text} onChange={(event) => setText(event.target.value)} />;
}

/** Those that are set up, and those that mail has come from. */
function useMailboxes(): string[] {
  const configured = useQuery({
    queryKey: ['mailboxes'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/mailboxes', { signal })),
  });
  const batches = useQuery({
    queryKey: ['batches', 'mailboxes'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/batches', { signal })),
  });
  const names = [...(configured.data?.mailboxes ?? []).map(({ name }) => name), ...(batches.data?.batches ?? []).map(({ mailbox }) => mailbox)];
  return [...new Set(names.filter((name) => typeof name === 'string' && name !== ''))].sort() as string[];
}
