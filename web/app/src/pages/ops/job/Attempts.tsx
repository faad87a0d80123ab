import { duration, exactTime } from '../../../data/format';
import { Card, Icon, RelativeTime, type IconName } from '../../../ui';
import { splitError, type Job } from '../common/jobs';
import { Code } from '../common/parts';
import parts from '../common/parts.module.css';
import styles from './JobPage.module.css';

interface Moment {
  key: string;
  icon: IconName;
  tone: 'plain' | 'bad' | 'good' | 'now';
  title: string;
  at: string | null | undefined;
  /** Behind the time. */
  note?: string | undefined;
  error?: string | null | undefined;
}

/** What happened to the job, oldest first. */
export function timeline(job: Job): Moment[] {
  const moments: Moment[] = [{ key: 'accepted', icon: 'plus', tone: 'plain', title: `Accepted from ${job.principal}`, at: job.created_at }];
  for (const attempt of job.attempts) {
    const took = attempt.started_at && attempt.finished_at ? Date.parse(attempt.finished_at) - Date.parse(attempt.started_at) : undefined;
    const running = !attempt.finished_at;
    moments.push({
      key: `attempt-${attempt.number}-${attempt.started_at}`,
      icon: attempt.error != null ? 'error' : running ? 'play' : 'check',
      tone: attempt.error != null ? 'bad' : running ? 'now' : 'good',
      title: `Attempt ${attempt.number} ${attempt.error != null ? 'failed' : running ? 'runs' : 'succeeded'}`,
      at: attempt.started_at ?? attempt.finished_at,
      note: [took !== undefined && `took ${duration(took)}`, attempt.worker && `on ${attempt.worker}`].filter(Boolean).join(', '),
      error: attempt.error,
    });
  }
  if (job.state === 'cancelled') moments.push({ key: 'end', icon: 'stop', tone: 'plain', title: 'Cancelled', at: job.finished_at });
  if (job.state === 'discarded') moments.push({ key: 'end', icon: 'error', tone: 'bad', title: 'Discarded: it is not tried again by itself', at: job.finished_at });
  if (job.state === 'retryable') moments.push({ key: 'next', icon: 'refresh', tone: 'plain', title: `Attempt ${job.attempt + 1} of ${job.max_attempts} is due`, at: job.run_at });
  if (job.state === 'scheduled') moments.push({ key: 'next', icon: 'clock', tone: 'plain', title: 'Due', at: job.run_at });
  return moments;
}

export function Attempts({ job }: { job: Job }) {
  const moments = timeline(job);
  return (
    <Card title="Timeline" description={`${job.attempts.length} of at most ${job.max_attempts} attempts`}>
      <ol className={styles.timeline}>
        {moments.map((moment) => (
          <li key={moment.key} className={styles.moment}>
            <span className={styles[moment.tone]}>
              <Icon name={moment.icon} size={14} />
            </span>
            <div className={styles.what}>
              <p className={styles.title}>
                {moment.title}
                {moment.at && (
                  <span className={styles.time}>
                    <RelativeTime at={moment.at} /> · {exactTime(moment.at)}
                  </span>
                )}
              </p>
              {moment.note && <p className={parts.note}>{moment.note}</p>}
              {moment.error && <ErrorText error={moment.error} number={moment.title} />}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function ErrorText({ error, number }: { error: string; number: string }) {
  const { headline, rest } = splitError(error);
  return (
    <>
      <p className={styles.headline}>{headline}</p>
      {rest && (
        <details className={styles.stackTrace}>
          <summary>Stack, {rest.split('\n').length} lines</summary>
          <Code label={`Stack of ${number.toLowerCase()}`}>{rest}</Code>
        </details>
      )}
    </>
  );
}
