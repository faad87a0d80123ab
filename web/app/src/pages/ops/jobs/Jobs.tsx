import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { withParams } from '../../../data/address';
import { count, number } from '../../../data/format';
import { useMay } from '../../../data/session';
import { Button, Card, EmptyState, ErrorState, LoadMore, Menu, Page, PageHeader, Skeleton, Spring, Tabs } from '../../../ui';
import { useShortcut } from '../../../shell/shortcuts';
import { BulkDialog, type BulkWish } from '../common/BulkDialog';
import { filterWords, isNarrowed, jobsLink, readFilter } from '../common/filters';
import { ACTIONS, ALL_ACTIONS, allows, narrow, STATE_LOOKS, STATES, type BulkAction, type JobFilter } from '../common/jobs';
import { Freshness } from '../common/parts';
import { JobFilters } from './JobFilters';
import { JobTable } from './JobTable';
import styles from './Jobs.module.css';
import { JobChanges, useJobCounts, useJobList } from './useJobs';

const NONE: ReadonlySet<string> = new Set();

export default function Jobs() {
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const { state, ...rest } = filter;
  const [live, setLive] = useState(true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NONE);
  const [wish, setWish] = useState<BulkWish>();
  const list = useJobList(filter);
  const counts = useJobCounts(filter, live);
  // One chooses jobs to do something to all of them.
  const mayChoose = useMay('admin');
  const jobs = list.data?.pages.flatMap((page) => page.jobs) ?? [];
  const counted = (states: readonly (keyof typeof STATE_LOOKS)[]) =>
    counts.data && states.reduce<number>((total, each) => total + (counts.data[each] ?? 0), 0);
  const total = counted(state ?? STATES);
  const picked = jobs.filter((job) => chosen.has(job.id));

  useShortcut('p', live ? 'Pause the live list' : 'Resume the live list', () => setLive(!live));
  useShortcut('r', 'Refresh', () => void list.refetch());

  const change = (changes: Partial<Record<keyof JobFilter, string | readonly string[]>>) => {
    setChosen(NONE);
    setParams((old) => withParams(old, changes), { replace: true });
  };
  const clear = () => setParams(state ? new URLSearchParams(state.map((each) => ['state', each])) : {}, { replace: true });

  const forChosen = (action: BulkAction) => setWish({ action, filter: { ids: picked.map((job) => job.id) }, which: 'that you have chosen' });
  // All of one condition at least, as the API asks for: without any, every state is named.
  const forAll = (action: BulkAction) =>
    setWish({ action, filter, which: isNarrowed(filter) || state ? `that match: ${filterWords({ ...filter, ...narrow(action, filter) })}` : 'in all queues' });

  return (
    <Page>
      {live && <JobChanges filter={filter} />}
      <PageHeader
        title="Jobs"
        actions={
          <>
            <Freshness at={list.dataUpdatedAt} busy={list.isFetching} period={20_000} onRefresh={() => void list.refetch()} />
            <Button icon={live ? 'pause' : 'play'} aria-pressed={!live} onClick={() => setLive(!live)}>
              {live ? 'Pause updates' : 'Resume updates'}
            </Button>
          </>
        }
      />
      <Tabs
        label="States"
        current={jobsLink(filter)}
        tabs={[
          { to: jobsLink(rest), label: 'All', count: counted(STATES) },
          ...STATES.map((each) => ({ to: jobsLink({ ...rest, state: [each] }), label: STATE_LOOKS[each].label, count: counts.data?.[each] })),
        ]}
      />
      <JobFilters filter={filter} onChange={change} onClear={clear} />
      {list.error && jobs.length === 0 ? (
        <ErrorState error={list.error} title="The jobs could not be loaded" onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton label="Loading jobs" rows={12} />
      ) : jobs.length === 0 ? (
        <Card flush>
          <Nothing filter={filter} onClear={() => setParams({}, { replace: true })} />
        </Card>
      ) : (
        <>
          <Card flush>
            {picked.length > 0 ? (
              <div className={`${styles.bar} ${styles.chosen}`} role="group" aria-label="Chosen jobs">
                <span className={styles.many} role="status">
                  {number(picked.length)} chosen
                </span>
                {ALL_ACTIONS.filter((action) => picked.some((job) => allows(action, job.state))).map((action) => (
                  <Button key={action} size="sm" needs="admin" icon={ACTIONS[action].icon} variant={ACTIONS[action].danger ? 'danger' : 'secondary'} onClick={() => forChosen(action)}>
                    {action === 'run' ? 'Run now' : ACTIONS[action].verb}
                  </Button>
                ))}
                <Spring />
                <Button size="sm" variant="ghost" onClick={() => setChosen(NONE)}>
                  Choose none
                </Button>
              </div>
            ) : (
              <div className={styles.bar}>
                <span>{total === undefined ? 'Newest first' : `${count(total, 'job')}, newest first`}</span>
                {state && state.length > 1 && <span className="visually-hidden">in the states {state.join(', ')}</span>}
                <Spring />
                <BulkMenu filter={filter} counted={counted} onSelect={forAll} />
              </div>
            )}
            <JobTable jobs={jobs} chosen={chosen} onChoose={mayChoose ? setChosen : undefined} />
          </Card>
          <LoadMore
            shown={jobs.length}
            total={total}
            one="job"
            hasMore={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        </>
      )}
      {wish && <BulkDialog wish={wish} onClose={() => setWish(undefined)} onAccepted={() => setChosen(NONE)} />}
    </Page>
  );
}

interface BulkMenuProps {
  filter: JobFilter;
  counted: (states: readonly (keyof typeof STATE_LOOKS)[]) => number | undefined;
  onSelect: (action: BulkAction) => void;
}

/** One thing for all that match; what is likely wanted is a button of its own. */
function BulkMenu({ filter, counted, onSelect }: BulkMenuProps) {
  const possible = ALL_ACTIONS.map((action) => ({ action, states: narrow(action, filter)?.state ?? [] })).filter(({ states }) => states.length > 0);
  const label = (action: BulkAction, states: readonly (keyof typeof STATE_LOOKS)[]) => {
    const n = counted(states);
    return `${action === 'run' ? 'Run now' : ACTIONS[action].verb}${n === undefined ? '' : ` ${count(n, 'job')}`}…`;
  };
  return (
    <Menu
      label="Do to all that match"
      showLabel
      icon="jobs"
      items={possible.map(({ action, states }) => ({
        label: label(action, states),
        icon: ACTIONS[action].icon,
        danger: ACTIONS[action].danger,
        needs: 'admin' as const,
        disabled: counted(states) === 0,
        onSelect: () => onSelect(action),
      }))}
    />
  );
}

function Nothing({ filter, onClear }: { filter: JobFilter; onClear: () => void }) {
  if (isNarrowed(filter)) {
    return (
      <EmptyState icon="filter" title="No job matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        There is no job {filterWords(filter)}.
      </EmptyState>
    );
  }
  const one = filter.state?.length === 1 ? filter.state[0] : undefined;
  return (
    <EmptyState icon={one === 'discarded' ? 'check' : 'jobs'} title={one ? `No ${one} jobs` : filter.state ? 'No jobs in these states' : 'No jobs yet'}>
      {one ? STATE_LOOKS[one].meaning : 'Everything the product does is a job.'}
    </EmptyState>
  );
}
