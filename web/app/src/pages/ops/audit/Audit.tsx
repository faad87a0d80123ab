import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useEffect, useState, type ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { withParams } from '../../../data/address';
import { dateTime } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Button, Card, EmptyState, ErrorState, Field, Input, LoadMore, Page, PageHeader, RelativeTime, Skeleton, Tag, Toolbar } from '../../../ui';
import { Freshness, Json, Mono } from '../common/parts';
import parts from '../common/parts.module.css';
import { PERIOD } from '../common/queries';
import styles from './Audit.module.css';

type Entry = components['schemas']['AuditEntry'];

const FILTERS = [
  { key: 'action', label: 'Action', placeholder: 'queue.pause' },
  { key: 'principal', label: 'Who', placeholder: 'local' },
  { key: 'object', label: 'Object', placeholder: 'email' },
] as const;

/** What is looked for most. Others can be typed. */
const ACTIONS = [
  ...['cancel', 'delete', 'edit', 'retry', 'run', 'bulk-cancel', 'bulk-delete', 'bulk-retry', 'bulk-run'].map((verb) => `job.${verb}`),
  ...['limit', 'pause', 'resume'].map((verb) => `queue.${verb}`),
  ...['edit', 'pause', 'resume', 'run'].map((verb) => `schedule.${verb}`),
  'worker.concurrency',
  'metrics.reconcile',
  ...['create', 'delete', 'disable', 'enable', 'retry', 'rotate', 'test', 'update'].map((verb) => `webhook.${verb}`),
  ...['save', 'delete', 'fetch'].map((verb) => `mailbox.${verb}`),
];

export default function Audit() {
  const [params, setParams] = useSearchParams();
  const filter = Object.fromEntries(FILTERS.map(({ key }) => [key, params.get(key)?.trim()]).filter(([, value]) => value)) as Partial<Record<(typeof FILTERS)[number]['key'], string>>;
  const filtered = Object.keys(filter).length > 0;
  const query = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(http.GET('/api/audit', { params: { query: { ...filter, limit: 50, ...(pageParam && { cursor: Number(pageParam) }) } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // What is deeper than a page is being read, and stays where it is.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : 2 * PERIOD),
    staleTime: 0,
  });
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  const set = (key: string, value: string) => setParams((old) => withParams(old, { [key]: value }), { replace: true });
  const clear = () => setParams({}, { replace: true });

  return (
    <Page>
      <PageHeader
        title="Audit"
        description="What operators did, newest first."
        actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} period={query.data && query.data.pages.length > 1 ? Number.POSITIVE_INFINITY : 2 * PERIOD} onRefresh={() => void query.refetch()} />}
      />
      <Toolbar label="Filters">
        {FILTERS.map(({ key, label, placeholder }) => (
          <TextFilter key={key} label={label} placeholder={placeholder} value={filter[key] ?? ''} choices={key === 'action' ? ACTIONS : []} onChange={(value) => set(key, value)} />
        ))}
        {filtered && (
          <Button variant="ghost" icon="close" onClick={clear}>
            Clear
          </Button>
        )}
      </Toolbar>
      {query.error && entries.length === 0 ? (
        <ErrorState error={query.error} title="The audit trail could not be loaded" onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton label="Loading the audit trail" rows={10} />
      ) : entries.length === 0 ? (
        <Card flush>
          {filtered ? (
            <EmptyState icon="filter" title="No entry matches" action={<Button onClick={clear}>Clear the filters</Button>}>
              Names have to be whole, such as queue.pause.
            </EmptyState>
          ) : (
            <EmptyState icon="audit" title="Nothing was done yet">
              What somebody does to jobs, queues, schedules and settings is kept here.
            </EmptyState>
          )}
        </Card>
      ) : (
        <>
          <Card flush>
            <ol className={styles.entries} aria-label="Audit trail">
              {entries.map((entry) => (
                <EntryRow key={entry.id} entry={entry} />
              ))}
            </ol>
          </Card>
          <LoadMore
            shown={entries.length}
            one="action"
            hasMore={query.hasNextPage}
            loading={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
          />
        </>
      )}
    </Page>
  );
}

function TextFilter({ label, placeholder, value, choices, onChange }: { label: string; placeholder: string; value: string; choices: readonly string[]; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), 400);
    return () => clearTimeout(timer);
    // Only what is typed starts it.
  }, [text]);
  const list = `audit-${label.toLowerCase()}`;
  return (
    <div className={styles.filter}>
      <Field label={label} hideLabel>
        {(field) => (
          <Input {...field} placeholder={`${label}, such as ${placeholder}`} value={text} onChange={(event) => setText(event.target.value)} {...(choices.length > 0 && { list })} />
        )}
      </Field>
      {choices.length > 0 && (
        <datalist id={list}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </div>
  );
}

/** Where what was changed can be seen. */
function objectLink(action: string, object: string): string | null {
  const name = encodeURIComponent(object);
  if (action.startsWith('job.') || action === 'sla.recompute') return /^\d+$/.test(object) ? `/ops/jobs/${object}` : null;
  if (action.startsWith('queue.')) return `/ops/queues?queue=${name}`;
  if (action.startsWith('schedule.')) return '/ops/schedules';
  if (action.startsWith('worker.')) return '/ops/workers';
  return null;
}

function EntryRow({ entry }: { entry: Entry }) {
  const { reason, ...detail } = (typeof entry.detail === 'object' && entry.detail !== null ? entry.detail : {}) as Record<string, unknown>;
  const to = objectLink(entry.action, entry.object);
  const rest = Object.entries(detail).filter(([, value]) => value !== null);
  return (
    <li className={styles.entry}>
      <div className={styles.when}>
        <RelativeTime at={entry.at} />
        <span className={parts.small}>{dateTime(entry.at)}</span>
      </div>
      <div className={styles.what}>
        <p>
          <span className={styles.who}>{entry.principal}</span> <Tag>{entry.action}</Tag>{' '}
          <ObjectName to={to}>{entry.object}</ObjectName>
        </p>
        {typeof reason === 'string' && <p className={styles.reason}>“{reason}”</p>}
        {rest.length > 0 && (
          <details className={styles.detail}>
            <summary>Details of entry {entry.id}</summary>
            <Json value={Object.fromEntries(rest)} label={`Details of entry ${entry.id}`} />
          </details>
        )}
      </div>
    </li>
  );
}

function ObjectName({ to, children }: { to: string | null; children: ReactNode }) {
  return <Mono>{to ? <Link href={to}>{children}</Link> : children}</Mono>;
}
