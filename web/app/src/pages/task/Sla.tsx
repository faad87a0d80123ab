import { useQuery } from '@tanstack/react-query';
import { useNow } from '../../data/clock';
import { dateTime, duration, number, words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Card, Countdown, EmptyState, ErrorState, Icon, Skeleton, Tag } from '../../ui';
import styles from './Sla.module.css';
import { SlaChart } from './SlaChart';
import { timelineOf } from './slaPoints';
import type { SlaExplanation, Task } from './types';

/** The deadline: how it came about, what happened on the way, and what comes next. */
export function Sla({ task }: { task: Task }) {
  const sla = useQuery({
    queryKey: ['task', task.task_id, 'sla'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/sla/{task_id}', { params: { path: { task_id: task.task_id } }, signal })),
  });
  return (
    <Card title="Deadline" actions={<Countdown deadline={task.sla_deadline} state={task.sla_state} />}>
      {sla.error ? (
        <ErrorState error={sla.error} title="The deadline could not be explained" onRetry={() => void sla.refetch()} />
      ) : sla.isPending ? (
        <Skeleton label="Loading the deadline" height="8rem" />
      ) : (
        <Explained sla={sla.data} task={task} />
      )}
    </Card>
  );
}

const SOURCES: Record<string, string> = {
  hours: 'Hours were given for this task',
  instant: 'A deadline was given for this task',
  none: 'No deadline',
};

function Explained({ sla, task }: { sla: SlaExplanation; task: Task }) {
  const now = useNow(30);
  const timeline = timelineOf(sla, task, now);
  const next = sla.next_at && sla.next && task.task_status !== 'COMPLETED' ? `Next, ${dateTime(sla.next_at)}: ${sla.next}.` : undefined;
  if (!sla.deadline && sla.source === 'none' && timeline.points.length <= 1) {
    return (
      <EmptyState icon="clock" title="No deadline">
        {sentence(sla.summary)}
      </EmptyState>
    );
  }
  return (
    <div className={styles.stack}>
      <SlaChart timeline={timeline} now={now} />
      <ol className={styles.points} aria-label="Instants of the deadline">
        {timeline.points.map((point, at) => (
          <li key={`${point.kind}-${at}`} className={styles.point} data-past={point.past || undefined}>
            <span className={styles[point.kind]} aria-hidden="true" />
            <span>{point.label}</span>
            <span className={styles.at}>{dateTime(point.at, now)}</span>
          </li>
        ))}
        {sla.pauses.map(({ from, to }) => (
          <li key={from} className={styles.point}>
            <span className={styles.pause} aria-hidden="true" />
            <span>Paused for {duration((to ? Date.parse(to) : now) - Date.parse(from))}</span>
            <span className={styles.at}>
              {dateTime(from, now)} – {to ? dateTime(to, now) : 'now'}
            </span>
          </li>
        ))}
      </ol>
      <div className={styles.words}>
        <p>
          {sla.source !== 'policy' && <strong>{SOURCES[sla.source]}. </strong>}
          {sentence(sla.summary)}{' '}
          {sla.target_hours !== null && sla.calendar && `${number(sla.target_hours)} open hours of the calendar ${sla.calendar}${sla.zone ? `, ${sla.zone}` : ''}. `}
          {next}
        </p>
        {sla.current && (
          <p className={styles.otherwise}>
            <Icon name="info" size={14} />
            Today&apos;s policies would give {sla.current.deadline ? dateTime(sla.current.deadline) : 'no deadline'} ({sla.current.policy ?? 'no policy'}).
          </p>
        )}
        {sla.tried.length > 0 && (
          <details className={styles.tried}>
            <summary>Why this policy</summary>
            <ol>
              {sla.tried.map(({ policy, matched, conditions }) => (
                <li key={policy}>
                  <p>
                    <span className={styles.policy}>{policy}</span> {matched ? <Tag tone="green">Matched</Tag> : <Tag>Passed over</Tag>}
                  </p>
                  {conditions.length === 0 ? (
                    <p className={styles.condition}>It is for every task.</p>
                  ) : (
                    <ul>
                      {conditions.map(({ met, reason }) => (
                        <li key={reason} className={styles.condition}>
                          <Icon name={met ? 'check' : 'close'} size={14} />
                          <span className="visually-hidden">{met ? 'Met: ' : 'Not met: '}</span>
                          {reason}
                        </li>
                      ))}
                    </ul>
                  )}
                </li>
              ))}
            </ol>
          </details>
        )}
        {sla.breach_reason && <p>Reason of the breach: {words(sla.breach_reason)}.</p>}
      </div>
    </div>
  );
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
