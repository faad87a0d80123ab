import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { duration, number } from '../../../data/format';
import { Button, Card, DataTable, EmptyState, ErrorState, LoadMore, RelativeTime, Select, Skeleton, Tag, toast, toastProblem, type Tone } from '../../../ui';
import { act, type Delivery, type State } from './hooks';
import styles from './Webhooks.module.css';

const TONES: Record<State, Tone> = { pending: 'yellow', delivered: 'green', dead: 'red' };
const NAMES: Record<State, string> = { pending: 'Waiting', delivered: 'Delivered', dead: 'Given up' };

interface DeliveriesProps {
  webhook: string;
  enabled: boolean;
  state: State | '';
  onState: (state: State | '') => void;
}

/** What was sent to a webhook and what it answered. */
export function Deliveries({ webhook, enabled, state, onState }: DeliveriesProps) {
  const queries = useQueryClient();
  const [retrying, setRetrying] = useState<string>();
  const list = useInfiniteQuery({
    queryKey: ['webhooks', 'deliveries', webhook, state],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        http.GET('/api/webhooks/{webhook_id}/deliveries', {
          params: { path: { webhook_id: webhook }, query: { limit: 50, ...(state && { state }), ...(pageParam && { cursor: Number(pageParam) }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 5000,
  });
  const rows = list.data?.pages.flatMap((page) => page.deliveries) ?? [];
  const retry = async (delivery: Delivery) => {
    setRetrying(delivery.id);
    try {
      await act.retry(webhook, delivery.id);
      toast({ kind: 'success', title: 'The message is sent again' });
    } catch (cause) {
      toastProblem(cause, 'The message was not sent again');
    } finally {
      setRetrying(undefined);
      void queries.invalidateQueries({ queryKey: ['webhooks'] });
    }
  };
  return (
    <Card
      flush
      title="Deliveries"
      description="Delivered messages are kept for 7 days, those that were given up for 30."
      actions={
        <Select<State | ''>
          aria-label="Which deliveries"
          value={state}
          choices={[{ value: '', label: 'All' }, ...(['pending', 'delivered', 'dead'] as const).map((value) => ({ value, label: NAMES[value] }))]}
          onChange={onState}
        />
      }
    >
      {list.error ? (
        <ErrorState error={list.error} title="The deliveries could not be loaded" onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton label="Loading deliveries" rows={4} />
      ) : (
        <>
          <DataTable
            caption="Deliveries"
            rows={rows}
            rowKey={({ id }) => id}
            empty={
              state ? (
                <EmptyState icon="filter" title="No message stands there" action={<Button onClick={() => onState('')}>Show all</Button>} />
              ) : (
                <EmptyState icon="webhook" title="Nothing was sent yet">
                  A test message shows whether the receiver answers.
                </EmptyState>
              )
            }
            columns={[
              { key: 'event', header: 'Event', rowHeader: true, cell: (row) => <code>{row.event}</code> },
              { key: 'state', header: 'State', cell: (row) => <Tag tone={TONES[row.state]}>{NAMES[row.state]}</Tag> },
              { key: 'attempts', header: 'Attempts', align: 'end', cell: (row) => number(row.attempts) },
              {
                key: 'answer',
                header: 'Answer',
                cell: (row) => (row.last_error ? <span className={styles.error}>{row.last_error}</span> : row.last_status ? `${row.last_status} in ${duration(row.last_took_ms ?? 0)}` : '–'),
              },
              { key: 'created', header: 'Written', cell: (row) => <RelativeTime at={row.created_at} /> },
              { key: 'next', header: 'Next attempt', optional: true, cell: (row) => (row.next_attempt_at ? <RelativeTime at={row.next_attempt_at} /> : '–') },
              {
                key: 'retry',
                header: <span className="visually-hidden">Retry</span>,
                align: 'end',
                cell: (row) =>
                  enabled && (
                    <Button size="sm" variant="ghost" icon="refresh" busy={retrying === row.id} onClick={() => void retry(row)}>
                      Retry<span className="visually-hidden"> message {row.id}</span>
                    </Button>
                  ),
              },
            ]}
          />
          {list.hasNextPage && <LoadMore shown={rows.length} total={undefined} one="delivery" hasMore loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
        </>
      )}
    </Card>
  );
}
