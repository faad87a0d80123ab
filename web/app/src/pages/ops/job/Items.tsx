import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { http, unwrap } from '../../../data/http';
import { Card, DataTable, ErrorState, LoadMore, Select, Tag, type Tone } from '../../../ui';
import { isOver, type Job } from '../common/jobs';
import { PERIOD } from '../common/queries';

const OUTCOMES = { changed: 'green', skipped: 'yellow', unchanged: 'neutral', failed: 'red', pending: 'blue' } as const satisfies Record<string, Tone>;
type Outcome = keyof typeof OUTCOMES;

const CHOICES = [{ value: '', label: 'Every outcome' }, ...(Object.keys(OUTCOMES) as Outcome[]).map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))] as const;

/** What a job over many things did to each; nothing for other jobs. */
export function Items({ job }: { job: Job }) {
  const [outcome, setOutcome] = useState<Outcome | ''>('');
  const items = useInfiniteQuery({
    queryKey: ['jobs', 'items', job.id, outcome],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        http.GET('/api/jobs/{job_id}/items', {
          params: { path: { job_id: job.id }, query: { limit: 100, ...(outcome && { outcome }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: isOver(job.state) ? false : PERIOD,
  });
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.error) return <ErrorState error={items.error} title="What it did to each could not be loaded" onRetry={() => void items.refetch()} />;
  if (rows.length === 0 && !outcome) return null;
  const to = (item: string) => (job.kind === 'bulk-jobs' ? `/ops/jobs/${item}` : item.startsWith('TASK-') ? `/tasks/${encodeURIComponent(item)}` : null);
  return (
    <Card title="What became of each" flush actions={<Select aria-label="Outcome" value={outcome} choices={CHOICES} onChange={setOutcome} />}>
      <DataTable
        caption="What became of each"
        rows={rows}
        rowKey={(row) => row.item}
        empty={<LoadMore shown={0} one="item" hasMore={false} loading={false} onMore={() => undefined} />}
        columns={[
          {
            key: 'item',
            header: job.kind === 'bulk-jobs' ? 'Job' : 'Item',
            rowHeader: true,
            cell: (row) => {
              const href = to(row.item);
              return href ? <Link href={href}>{row.item}</Link> : row.item;
            },
          },
          { key: 'outcome', header: 'Outcome', cell: (row) => <Tag tone={OUTCOMES[row.outcome as Outcome] ?? 'neutral'}>{row.outcome}</Tag> },
          { key: 'detail', header: 'Why', cell: (row) => row.detail ?? '–' },
        ]}
      />
      {rows.length > 0 && (
        <LoadMore shown={rows.length} one="item" hasMore={items.hasNextPage} loading={items.isFetchingNextPage} onMore={() => void items.fetchNextPage()} />
      )}
    </Card>
  );
}
