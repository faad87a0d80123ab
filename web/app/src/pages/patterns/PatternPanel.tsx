import { useQueries } from '@tanstack/react-query';
import { Link } from 'wouter';
import { count, number } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { DateTime, DescriptionList, Dialog, Money, Skeleton, Tag } from '../../ui';
import type { Pattern } from './data';
import { hours, successWords } from './Explorer';
import styles from './Patterns.module.css';
import { Signature, Trend } from './SignatureView';
import { trendWords } from './signature';

/** A trend in full: the share of all mail, then and lately. */
function trendSentence(trend: number): string {
  const { word } = trendWords(trend);
  const sign = trend > 0 ? '+' : '';
  return `${word} (${sign}${number(Math.round(trend * 100) / 100)} on a scale from -1 to 1)`;
}

/** A pattern with its figures and the mails it was found in. */
export function PatternPanel({ pattern, onClose }: { pattern: Pattern; onClose: () => void }) {
  return (
    <Dialog open look="side" onClose={onClose} title="Pattern">
      <div className={styles.panel}>
        <div className={styles.hero}>
          <Tag>{pattern.workflow_category}</Tag>
          <Signature signature={pattern.signature} category={pattern.workflow_category} />
          <Trend trend={pattern.trend} />
        </div>
        <DescriptionList
          items={[
            ['Found in', count(pattern.support, 'mail')],
            ['Lift', `${number(Math.round(pattern.lift * 100) / 100)} times as often in this category as in all mail`],
            ['Trend', trendSentence(pattern.trend)],
            ['Value', <Money value={pattern.total_value} />],
            ['Done in time', pattern.success_rate === null ? 'None is completed' : `${successWords(pattern.success_rate)} of its completed tasks`],
            ['Done in', pattern.average_completion_hours === null ? 'None is completed' : `${hours(pattern.average_completion_hours)} on average`],
            ['First seen', <DateTime at={pattern.first_seen} />],
            ['Last seen', <DateTime at={pattern.last_seen} />],
          ]}
        />
        <section>
          <h3 className={styles.heading}>Examples</h3>
          <Examples ids={pattern.examples} />
        </section>
        <details className={styles.details}>
          <summary>As the API spells it</summary>
          <code>{pattern.signature}</code>
        </details>
      </div>
    </Dialog>
  );
}

function Examples({ ids }: { ids: readonly string[] }) {
  const mails = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['emails', 'one', id] as const,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        unwrap(http.GET('/api/workflow/emails/{email_id}', { params: { path: { email_id: id } }, signal })),
    })),
  });
  if (ids.length === 0) return <p className={styles.quiet}>None are kept.</p>;
  return (
    <ul className={styles.examples}>
      {mails.map(({ data: mail, error }, at) => {
        const id = ids[at]!;
        return (
          <li key={id}>
            {error ? (
              <span className={styles.quiet}>{error.missing ? 'This mail is no longer kept.' : error.message}</span>
            ) : !mail ? (
              <Skeleton label="Loading an example" rows={1} />
            ) : (
              <>
                <Link href={`/mail/messages?mail=${encodeURIComponent(id)}`} className={styles.example}>
                  {mail.subject ?? mail.source ?? id}
                </Link>
                <span className={styles.quiet}>
                  {mail.sender ?? 'Sender not known'}
                  {mail.task_id && (
                    <>
                      {' · '}
                      <Link href={`/tasks/${encodeURIComponent(mail.task_id)}`}>Open its task</Link>
                    </>
                  )}
                </span>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
