import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { http, unwrap } from '../../data/http';
import {
  Avatar,
  Button,
  Card,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadMore,
  Money,
  RelativeTime,
  Select,
  Skeleton,
  StatusBadge,
  Tag,
  toast,
  Toolbar,
} from '../../ui';
import { KINDS, STATES, useFindings, type Finding, type FindingKind, type State } from './data';
import styles from './Patterns.module.css';

const ALL = 'all';

function kindOf(kind: string): FindingKind | undefined {
  return kind in KINDS ? (kind as FindingKind) : undefined;
}

/** Orders that came twice and numbers that two orders claim. */
export function Findings() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('state') ?? 'open';
  const state = STATES.find(({ value }) => value === asked)?.value;
  const kind = kindOf(params.get('kind') ?? '');
  const findings = useFindings(state, kind);
  const [dismissing, setDismissing] = useState<Finding>();
  const queries = useQueryClient();
  const put = (key: string, value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        next.set(key, value);
        return next;
      },
      { replace: true },
    );
  const clear = () => setParams({}, { replace: true });
  const filtered = asked !== 'open' || kind !== undefined;
  const rows = findings.data?.pages.flatMap((page) => page.findings) ?? [];

  const dismiss = async (reason: string | undefined) => {
    if (!dismissing) return;
    await unwrap(http.POST('/api/workflow/findings/{id}/dismiss', { params: { path: { id: dismissing.id } }, body: { reason: reason ?? '' } }));
    toast({ kind: 'success', title: 'Finding dismissed', detail: 'It is not found again while its tasks are about the same.' });
    await queries.invalidateQueries({ queryKey: ['findings'] });
  };

  return (
    <>
      <Toolbar label="Filters">
        <Select<State | typeof ALL>
          aria-label="State"
          value={state ?? ALL}
          choices={[...STATES, { value: ALL, label: 'All states' }]}
          onChange={(value) => put('state', value)}
        />
        <Select
          aria-label="Kind"
          value={kind ?? ALL}
          choices={[{ value: ALL, label: 'All kinds' }, ...(Object.keys(KINDS) as FindingKind[]).map((value) => ({ value, label: KINDS[value] }))]}
          onChange={(value) => put('kind', value)}
        />
        {filtered && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
      </Toolbar>
      {findings.error ? (
        <ErrorState error={findings.error} title="The findings could not be loaded" onRetry={() => void findings.refetch()} />
      ) : findings.isPending ? (
        <Skeleton label="Loading findings" rows={6} />
      ) : rows.length === 0 ? (
        <Card flush>
          {filtered ? (
            <EmptyState icon="filter" title="No finding matches" action={<Button onClick={clear}>Clear the filters</Button>} />
          ) : (
            <EmptyState icon="check" title="Nothing found">
              Orders that come twice, and purchase order numbers with two customers or totals, appear here.
            </EmptyState>
          )}
        </Card>
      ) : (
        <>
          <ul className={styles.findings} aria-label="Findings">
            {rows.map((finding) => (
              <li key={finding.id}>
                <FindingCard finding={finding} onDismiss={() => setDismissing(finding)} />
              </li>
            ))}
          </ul>
          <LoadMore
            shown={rows.length}
            one="finding"
            hasMore={findings.hasNextPage}
            loading={findings.isFetchingNextPage}
            onMore={() => void findings.fetchNextPage()}
          />
        </>
      )}
      <ConfirmDialog
        open={dismissing !== undefined}
        onClose={() => setDismissing(undefined)}
        title="Dismiss this finding"
        confirm="Dismiss the finding"
        reason="required"
        onConfirm={dismiss}
      >
        {dismissing?.detail}
      </ConfirmDialog>
    </>
  );
}

const TONES = { open: 'yellow', dismissed: 'neutral', resolved: 'green' } as const;

function FindingCard({ finding, onDismiss }: { finding: Finding; onDismiss: () => void }) {
  const kind = kindOf(finding.kind);
  const state = STATES.find(({ value }) => value === finding.state);
  return (
    <article className={styles.finding} data-card>
      <header className={styles.findingHeader}>
        <div className={styles.findingTitle}>
          <h2>{kind ? KINDS[kind] : finding.kind}</h2>
          <Tag tone={state ? TONES[state.value] : 'neutral'}>{state?.label ?? finding.state}</Tag>
          <span className={styles.quiet}>
            found <RelativeTime at={finding.found_at} />
          </span>
        </div>
        {finding.state === 'open' && (
          <Button size="sm" icon="close" needs="operator of all" onClick={onDismiss}>
            Dismiss<span className="visually-hidden">: {finding.detail}</span>
          </Button>
        )}
      </header>
      <p className={styles.detail}>{finding.detail}</p>
      <ul className={styles.pair} aria-label="Its tasks">
        {finding.task_ids.map((id) => (
          <li key={id}>
            <TaskCard id={id} />
          </li>
        ))}
      </ul>
      {finding.state === 'dismissed' && (
        <p className={styles.quiet}>
          Dismissed by {finding.dismissed_by ?? 'somebody'}
          {finding.dismissed_at && (
            <>
              {' '}
              <RelativeTime at={finding.dismissed_at} />
            </>
          )}
          {finding.reason && `: ${finding.reason}`}
        </p>
      )}
    </article>
  );
}

function TaskCard({ id }: { id: string }) {
  const { data, error } = useQuery({
    queryKey: ['task', id, 'card'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: id } }, signal })),
  });
  const task = data?.task;
  return (
    <div className={styles.task}>
      <Link href={`/tasks/${encodeURIComponent(id)}`} className={styles.taskTitle}>
        {task?.title ?? id}
      </Link>
      {task ? (
        <div className={styles.taskMeta}>
          <StatusBadge status={task.task_status} look="plain" />
          <Money value={task.dollar_value} />
          <Avatar name={task.current_owner ?? null} withName />
        </div>
      ) : (
        error && <p className={styles.quiet}>{error.missing ? 'This task is no longer there.' : error.message}</p>
      )}
    </div>
  );
}
