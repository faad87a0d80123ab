import { useSearchParams } from 'wouter';
import { withParams } from '../../data/address';
import { useNow } from '../../data/clock';
import { dateTime } from '../../data/format';
import { useConnection } from '../../data/live';
import { ButtonLink, EmptyState, ErrorState, IconButton, Page, PageHeader, Segments, Skeleton, Tooltip } from '../../ui';
import { Categories, categorySort } from './Categories';
import { Colours } from './Colours';
import { PERIODS } from './figures';
import { Flow } from './Flow';
import { Forecast } from './Forecast';
import { Hero } from './Hero';
import { Next, type Order } from './Next';
import styles from './Overview.module.css';
import { Owners } from './Owners';
import { useFigures, useNext, usePast } from './queries';
import { PastBanner, TimeTravel } from './TimeTravel';

/** What is at risk, whether it gets worse, and who must act. */
export default function Overview() {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string | undefined) => setParams((old) => withParams(old, { [name]: value }), { replace: name !== 'as_of' });
  const period = PERIODS.find((known) => known === params.get('period')) ?? 'week';
  const order: Order = params.get('order') === 'loss' ? 'loss' : 'deadline';
  const asked = Date.parse(params.get('as_of') ?? '');
  const asOf = Number.isNaN(asked) ? undefined : asked;

  const { data, error, refetch } = useFigures(asOf);
  const past = usePast(period, asOf);
  const goLive = () => set('as_of', undefined);

  return (
    <Page>
      <PageHeader
        title="Overview"
        description={data && asOf === undefined && <AsOf at={data.calculated_at} />}
        actions={
          <>
            <Segments
              label="Compare with and show the last"
              value={period}
              choices={[
                { value: 'day', label: 'Day' },
                { value: 'week', label: 'Week' },
                { value: 'month', label: 'Month' },
              ]}
              onChange={(value) => set('period', value === 'week' ? undefined : value)}
            />
            <TimeTravel asOf={asOf} onChange={(at) => set('as_of', at === undefined ? undefined : new Date(at).toISOString())} />
            <span className={styles.print}>
              <IconButton icon="print" label="Print" onClick={() => window.print()} data-screen-only />
            </span>
          </>
        }
      />
      <PrintHead asOf={asOf} />
      {asOf !== undefined && <PastBanner asOf={asOf} onLive={goLive} />}
      {error && !data && (
        <ErrorState
          error={error}
          title={asOf === undefined ? 'The figures could not be loaded' : 'There are no figures of this instant'}
          onRetry={() => void refetch()}
        />
      )}
      {!data && !error && <Skeleton label="Loading the figures" height="34rem" />}
      {data && data.total_tasks === 0 && (
        <EmptyState title={asOf === undefined ? 'No tasks yet' : 'There were no tasks'} action={asOf === undefined && <ButtonLink to="/mail">Bring in mail</ButtonLink>}>
          {asOf === undefined && 'The figures appear with the first mail or task.'}
        </EmptyState>
      )}
      {data && data.total_tasks > 0 && (
        <>
          {asOf === undefined ? <LiveHero figures={data} past={past} period={period} /> : <Hero figures={data} past={past} period={period} next={undefined} />}
          <Colours figures={data} past={past} />
          <div className={asOf === undefined ? styles.wide : undefined}>
            {asOf === undefined && <Next figures={data} order={order} onOrder={(value) => set('order', value === 'loss' ? value : undefined)} />}
            <Owners figures={data} past={asOf !== undefined} />
          </div>
          {asOf === undefined && (
            <div className={styles.wide}>
              <Flow period={period} />
              <Forecast />
            </div>
          )}
          <Categories figures={data} sort={categorySort(params.get('by'))} onSort={(by) => set('by', by)} />
        </>
      )}
    </Page>
  );
}

/** The hero with the deadline that comes next, which only the list of now has. */
function LiveHero(props: Omit<Parameters<typeof Hero>[0], 'next'>) {
  const first = useNext(6).data?.tasks[0];
  const next = first?.sla_deadline
    ? { title: first.title, address: `/tasks/${encodeURIComponent(first.task_id)}`, deadline: first.sla_deadline, state: first.sla_state }
    : undefined;
  return <Hero {...props} next={next} />;
}

function AsOf({ at }: { at: string }) {
  const live = useConnection() === 'live';
  return (
    <Tooltip text={live ? 'The figures change as the tasks do' : 'The connection is lost: they may be out of date'}>
      <span>
        As of <time dateTime={at}>{new Date(at).toLocaleTimeString('en-GB')}</time>
      </span>
    </Tooltip>
  );
}

/** On paper only: of when this is. */
function PrintHead({ asOf }: { asOf: number | undefined }) {
  const now = useNow(60);
  const at = asOf ?? now;
  return (
    <p className={styles.printed}>
      Workflow Intelligence, figures of {dateTime(at)} ({Intl.DateTimeFormat().resolvedOptions().timeZone})
      {asOf !== undefined && `, printed ${dateTime(now)}`}
    </p>
  );
}
