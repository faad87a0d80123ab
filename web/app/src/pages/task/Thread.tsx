import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { http, unwrap } from '../../data/http';
import { count } from '../../data/format';
import { Button, Card, EmptyState, ErrorState, Skeleton } from '../../ui';
import { familyOf, type Family } from './highlight';
import { Mail } from './Mail';
import styles from './Mail.module.css';
import { locate, type Place, type Searched } from './mailText';
import { readMail, type ReadMail } from './mime';
import { SplitDialog } from './Regroup';
import type { Email, Task } from './types';

/** Larger ones are read when somebody asks. */
const READ_AT_ONCE = 2_000_000;

function bodyQuery(email: Email) {
  return {
    queryKey: ['emails', 'body', email.id] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<ReadMail> => {
      const bytes = await unwrap(
        http.GET('/api/workflow/emails/{email_id}/raw', { params: { path: { email_id: email.id } }, parseAs: 'arrayBuffer', signal }),
      );
      return readMail(new Uint8Array(bytes as unknown as ArrayBuffer));
    },
    // A mail never changes.
    staleTime: Number.POSITIVE_INFINITY,
    meta: { live: 'patch' as const },
  };
}

/** The mails of a task, their words, and where in them its fields were read. */
export function useThread(task: Task) {
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const emails = useQuery({
    queryKey: ['task', task.task_id, 'emails'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/emails', { params: { query: { task_id: task.task_id, limit: 500 } }, signal })),
  });
  const attachments = useQuery({
    queryKey: ['task', task.task_id, 'attachments'],
    queryFn: ({ signal }) =>
      unwrap(http.GET('/api/workflow/attachments/{task_id}', { params: { path: { task_id: task.task_id }, query: { limit: 200 } }, signal })),
  });
  const list = emails.data?.emails ?? [];
  const bodies = useQueries({
    queries: list.map((email) => ({ ...bodyQuery(email), enabled: email.size <= READ_AT_ONCE || asked.has(email.id) })),
    combine: (results) => results.map(({ data, error, refetch }) => ({ data, error, refetch })),
  });
  const places = useMemo(() => {
    const order = list.map((_, at) => at).sort((a, b) => Number(list[b]!.id === task.email_id) - Number(list[a]!.id === task.email_id) || a - b);
    const texts: Searched[] = order.flatMap((at) => [
      { key: `${list[at]!.id}/body`, text: bodies[at]?.data?.text ?? '' },
      { key: `${list[at]!.id}/subject`, text: list[at]!.subject ?? '' },
    ]);
    return locate(texts, task.analysis);
  }, [list, bodies, task.analysis, task.email_id]);
  const found = useMemo(() => new Set([...places.values()].flat().map(({ field }) => field)), [places]);
  const ask = (id: string) => setAsked((old) => new Set([...old, id]));
  return { emails, attachments, list, bodies, places, found, ask };
}

export type ThreadData = ReturnType<typeof useThread>;

const NONE: readonly Place[] = [];
const FAMILIES: readonly [Family, string][] = [
  ['meaning', 'Category, state, status, priority'],
  ['value', 'Value'],
  ['number', 'Numbers'],
  ['name', 'Names'],
];

export function Thread({ task, thread }: { task: Task; thread: ThreadData }) {
  const { emails, attachments, list, bodies, places, found, ask } = thread;
  const [splitting, setSplitting] = useState(false);
  const [all, setAll] = useState<boolean>();
  const families = new Set([...found].map(familyOf));
  return (
    <Card
      title="Mail"
      {...(list.length > 0 && { description: count(list.length, 'mail') })}
      actions={
        list.length > 1 && (
          <>
            <Button size="sm" variant="ghost" onClick={() => setAll((open) => !open)}>
              {all ? 'Fold all' : 'Unfold all'}
            </Button>
            <Button size="sm" variant="ghost" icon="split" needs="operator of all" onClick={() => setSplitting(true)}>
              Split off
            </Button>
          </>
        )
      }
    >
      {emails.error ? (
        <ErrorState error={emails.error} title="The mail could not be loaded" onRetry={() => void emails.refetch()} />
      ) : emails.isPending ? (
        <Skeleton label="Loading mail" rows={6} />
      ) : list.length === 0 ? (
        <EmptyState icon="mail" title="No mail">
          This task was not opened by mail.
        </EmptyState>
      ) : (
        <>
          {families.size > 0 && (
            <ul className={styles.legend} aria-label="What the marks in the text are" data-screen-only>
              {FAMILIES.filter(([family]) => families.has(family)).map(([family, label]) => (
                <li key={family}>
                  <mark className={`${styles.mark} ${styles[family]}`}>Aa</mark> {label}
                </li>
              ))}
            </ul>
          )}
          <ol className={styles.thread}>
            {list.map((email, at) => (
              <Mail
                key={`${email.id}-${String(all)}`}
                email={email}
                body={bodies[at]?.data}
                error={bodies[at]?.error ?? null}
                onRetry={() => void bodies[at]?.refetch()}
                onRead={email.size > READ_AT_ONCE ? () => ask(email.id) : undefined}
                bodyPlaces={places.get(`${email.id}/body`) ?? NONE}
                subjectPlaces={places.get(`${email.id}/subject`) ?? NONE}
                attachments={attachments.data?.attachments.filter(({ email_id }) => email_id === email.id) ?? []}
                opensTask={email.id === task.email_id}
                initiallyOpen={all ?? (at === list.length - 1 || email.id === task.email_id)}
              />
            ))}
          </ol>
        </>
      )}
      {splitting && <SplitDialog task={task} emails={list} onClose={() => setSplitting(false)} />}
    </Card>
  );
}
