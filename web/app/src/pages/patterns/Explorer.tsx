import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { CATEGORIES } from '../../data/categories';
import { duration, number, percent } from '../../data/format';
import {
  Button,
  Card,
  DataTable,
  EmptyState,
  ErrorState,
  LoadMore,
  Money,
  MultiSelect,
  RelativeTime,
  Select,
  Skeleton,
  Toolbar,
  type Column,
  type Sort,
} from '../../ui';
import { isCategory, SORTS, sorted, usePatterns, type Pattern } from './data';
import { PatternPanel } from './PatternPanel';
import styles from './Patterns.module.css';
import { Signature, Trend } from './SignatureView';

const SUPPORTS = ['0', '3', '5', '10', '25', '50', '100'];
const STEP = 100;

/** Hours as people say them; 0 is what took less than one can see. */
export function hours(value: number | null): string {
  if (value === null) return '–';
  return value * 60 < 1 ? 'under 1m' : duration(value * 3_600_000);
}

export function successWords(rate: number | null): string {
  return rate === null ? '–' : percent(Math.round(rate * 1000) / 10);
}

function columns(open: (id: string) => void, most: number): Column<Pattern>[] {
  return [
    {
      key: 'signature',
      header: 'Pattern',
      rowHeader: true,
      cell: (pattern) => (
        <button type="button" className={styles.open} onClick={() => open(pattern.id)}>
          <Signature signature={pattern.signature} category={pattern.workflow_category} />
          <span className={styles.category}>{pattern.workflow_category}</span>
        </button>
      ),
    },
    {
      key: 'support',
      header: 'Mails',
      align: 'end',
      sortable: true,
      cell: (pattern) => (
        <span className={styles.support}>
          <span className={styles.bar} aria-hidden="true">
            <span style={{ width: `${(100 * pattern.support) / most}%` }} />
          </span>
          {number(pattern.support)}
        </span>
      ),
    },
    { key: 'lift', header: 'Lift', align: 'end', sortable: true, cell: (pattern) => `${number(Math.round(pattern.lift * 10) / 10)}×` },
    { key: 'trend', header: 'Trend', sortable: true, cell: (pattern) => <Trend trend={pattern.trend} /> },
    { key: 'total_value', header: 'Value', align: 'end', sortable: true, cell: (pattern) => <Money value={pattern.total_value} compact /> },
    { key: 'success_rate', header: 'In time', align: 'end', sortable: true, cell: (pattern) => successWords(pattern.success_rate) },
    {
      key: 'average_completion_hours',
      header: 'Done in',
      align: 'end',
      sortable: true,
      optional: true,
      cell: (pattern) => <span className={styles.quiet}>{hours(pattern.average_completion_hours)}</span>,
    },
    { key: 'last_seen', header: 'Last seen', align: 'end', sortable: true, optional: true, cell: (pattern) => <RelativeTime at={pattern.last_seen} /> },
  ];
}

export function Explorer() {
  const [params, setParams] = useSearchParams();
  const [limit, setLimit] = useState(STEP);
  const category = params.getAll('category').filter(isCategory);
  const support = SUPPORTS.find((value) => value === params.get('support')) ?? '0';
  const sort: Sort = {
    key: SORTS.find((key) => key === params.get('sort')) ?? 'support',
    direction: params.get('direction') === 'asc' ? 'asc' : 'desc',
  };
  const patterns = usePatterns(category, Number(support));
  const change = (edit: (params: URLSearchParams) => void, replace = true) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        edit(next);
        return next;
      },
      { replace },
    );
  const filtered = category.length > 0 || support !== '0';
  const clear = () =>
    change((next) => {
      next.delete('category');
      next.delete('support');
    });
  const open = (id: string | undefined) => change((next) => (id ? next.set('pattern', id) : next.delete('pattern')), id === undefined);
  const all = sorted(patterns.data?.pages.flatMap((page) => page.patterns) ?? [], sort);
  const rows = all.slice(0, limit);
  const opened = params.get('pattern');
  const pattern = all.find(({ id }) => id === opened);
  const more = () => {
    setLimit(limit + STEP);
    if (patterns.hasNextPage) void patterns.fetchNextPage();
  };

  return (
    <>
      <Toolbar label="Filters">
        <MultiSelect
          label="Category"
          choices={CATEGORIES.map((value) => ({ value, label: value }))}
          selected={category}
          onChange={(chosen) =>
            change((next) => {
              next.delete('category');
              for (const value of chosen) next.append('category', value);
            })
          }
        />
        <Select
          aria-label="Found in at least"
          value={support}
          choices={SUPPORTS.map((value) => ({ value, label: value === '0' ? 'Any number of mails' : `At least ${value} mails` }))}
          onChange={(value) => change((next) => (value === '0' ? next.delete('support') : next.set('support', value)))}
        />
        {filtered && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
        <p className={styles.legend}>
          Always the same, <span className={styles.varies}>varies</span>
        </p>
      </Toolbar>
      {patterns.error ? (
        <ErrorState error={patterns.error} title="The patterns could not be loaded" onRetry={() => void patterns.refetch()} />
      ) : patterns.isPending ? (
        <Skeleton label="Loading patterns" rows={10} />
      ) : (
        <>
          <Card flush>
            <DataTable
              caption="Patterns"
              columns={columns(open, Math.max(1, ...all.map(({ support: mails }) => mails)))}
              rows={rows}
              rowKey={({ id }) => id}
              sort={sort}
              onSort={({ key, direction }) =>
                change((next) => {
                  next.set('sort', key);
                  next.set('direction', direction);
                })
              }
              selected={({ id }) => id === opened}
              empty={
                filtered ? (
                  <EmptyState icon="filter" title="No pattern matches" action={<Button onClick={clear}>Clear the filters</Button>} />
                ) : (
                  <EmptyState icon="patterns" title="No patterns yet">
                    They are found once enough mails are alike, and looked for every quarter of an hour.
                  </EmptyState>
                )
              }
            />
          </Card>
          {rows.length > 0 && (
            <LoadMore
              shown={rows.length}
              total={patterns.hasNextPage ? undefined : all.length}
              one="pattern"
              hasMore={all.length > rows.length || patterns.hasNextPage}
              loading={patterns.isFetchingNextPage}
              onMore={more}
            />
          )}
        </>
      )}
      {pattern && <PatternPanel pattern={pattern} onClose={() => open(undefined)} />}
    </>
  );
}
