import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { withParams } from '../../../data/address';
import { count, number } from '../../../data/format';
import type { components } from '@workflow-intelligence/client';
import { Button, Card, EmptyState, ErrorState, Menu, MultiSelect, Page, PageHeader, RelativeTime, Skeleton, Tag, Toolbar } from '../../../ui';
import { BulkDialog, type BulkWish } from '../common/BulkDialog';
import { jobsLink } from '../common/filters';
import { searchOf, splitError, type BulkAction, type JobFilter } from '../common/jobs';
import { Code, Freshness } from '../common/parts';
import parts from '../common/parts.module.css';
import { PERIOD, useErrorGroups } from '../common/queries';
import styles from './Errors.module.css';

type Group = components['schemas']['JobErrorGroup'];

/** The jobs of a group, as closely as filters can tell. */
export function filterOf(group: Group): JobFilter {
  const error = searchOf(group.kind, group.fingerprint);
  return { state: ['discarded'], kind: [group.kind], queue: [group.queue], ...(error && { error }) };
}

export default function Errors() {
  const query = useErrorGroups();
  const [params, setParams] = useSearchParams();
  const [wish, setWish] = useState<BulkWish>();
  const groups = query.data?.groups ?? [];
  const chosen = { queue: params.getAll('queue'), kind: params.getAll('kind') };
  const shown = groups.filter(
    (group) => (chosen.queue.length === 0 || chosen.queue.includes(group.queue)) && (chosen.kind.length === 0 || chosen.kind.includes(group.kind)),
  );
  const jobs = shown.reduce((total, group) => total + group.count, 0);
  const filtered = chosen.queue.length + chosen.kind.length > 0;
  const choices = (key: 'queue' | 'kind') => [...new Set([...groups.map((group) => group[key]), ...chosen[key]])].sort().map((value) => ({ value, label: value }));
  const set = (key: string, values: readonly string[]) => setParams((old) => withParams(old, { [key]: values }), { replace: true });
  const clear = () => setParams({}, { replace: true });
  const all: JobFilter = { state: ['discarded'], ...(chosen.queue.length > 0 && { queue: chosen.queue }), ...(chosen.kind.length > 0 && { kind: chosen.kind }) };

  return (
    <Page>
      <PageHeader
        title="Errors"
        description="Discarded jobs by what they died of, numbers aside; of the newest 10,000."
        actions={
          <>
            <Freshness at={query.dataUpdatedAt} busy={query.isFetching} period={2 * PERIOD} onRefresh={() => void query.refetch()} />
            {jobs > 0 && (
              <Button icon="refresh" needs="admin" onClick={() => setWish({ action: 'retry', filter: all, which: filtered ? 'that are discarded, of what is shown' : 'that are discarded, whatever the error' })}>
                Retry all discarded
              </Button>
            )}
          </>
        }
      />
      {groups.length > 0 && (
        <Toolbar label="Filters">
          <MultiSelect label="Queue" choices={choices('queue')} selected={chosen.queue} onChange={(values) => set('queue', values)} />
          <MultiSelect label="Kind" choices={choices('kind')} selected={chosen.kind} onChange={(values) => set('kind', values)} />
          {filtered && (
            <Button variant="ghost" icon="close" onClick={clear}>
              Clear
            </Button>
          )}
          <span className={parts.note} role="status">
            {count(shown.length, 'error')}, {count(jobs, 'job')}
          </span>
        </Toolbar>
      )}
      {query.error && !query.data ? (
        <ErrorState error={query.error} title="The errors could not be loaded" onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton label="Loading errors" rows={8} />
      ) : shown.length === 0 ? (
        <Card flush>
          {filtered ? (
            <EmptyState icon="filter" title="No error matches" action={<Button onClick={clear}>Clear the filters</Button>} />
          ) : (
            <EmptyState icon="check" title="No discarded jobs">
              No job has failed for good. Those that will be tried again are <Link href={jobsLink({ state: ['retryable'] })}>retryable</Link>.
            </EmptyState>
          )}
        </Card>
      ) : (
        <ul className={styles.groups} aria-label="Errors">
          {shown.map((group) => (
            <GroupCard
              key={`${group.queue}/${group.fingerprint}`}
              group={group}
              onAct={(action) => setWish({ action, filter: filterOf(group), which: `of kind ${group.kind} that died of this error`, expected: group.count })}
            />
          ))}
        </ul>
      )}
      {wish && <BulkDialog wish={wish} onClose={() => setWish(undefined)} />}
    </Page>
  );
}

function GroupCard({ group, onAct }: { group: Group; onAct: (action: BulkAction) => void }) {
  const { headline, rest } = splitError(group.error);
  return (
    <li className={styles.group}>
      <p className={styles.count}>
        {number(group.count)}
        <span className="visually-hidden"> {group.count === 1 ? 'job' : 'jobs'}</span>
      </p>
      <div className={styles.what}>
        <h2 className={styles.error}>{headline}</h2>
        {rest && (
          <details className={styles.stack}>
            <summary>Stack, {rest.split('\n').length} lines</summary>
            <Code label="Stack">{rest}</Code>
          </details>
        )}
        <p className={styles.meta}>
          <Tag>{group.kind}</Tag>
          <span>on {group.queue}</span>
          <span>
            last <RelativeTime at={group.last_at} />
          </span>
          {group.count > 1 && (
            <span>
              first <RelativeTime at={group.first_at} />
            </span>
          )}
          <Link href={`/ops/jobs/${group.sample_job_id}`}>Newest: job {group.sample_job_id}</Link>
        </p>
      </div>
      <div className={styles.actions}>
        <Button icon="refresh" needs="admin" onClick={() => onAct('retry')} aria-label={`Retry all of this error: ${headline}`}>
          Retry all
        </Button>
        <Menu
          label="More for this error"
          items={[
            { label: 'Show the jobs', icon: 'jobs', to: jobsLink(filterOf(group)) },
            null,
            { label: 'Delete all…', icon: 'trash', danger: true, needs: 'admin', onSelect: () => onAct('delete') },
          ]}
        />
      </div>
    </li>
  );
}
