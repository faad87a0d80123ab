import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react';
import { http, unwrap } from '../../../data/http';
import { serverNow } from '../../../data/live';
import { Card, ErrorState, Skeleton } from '../../../ui';
import { Form, FormProblem } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import { useSettled } from '../shared/use';
import type { Book, Policy, Preview } from './book';
import { exampleBody, ExampleFields, exampleFor, type ExampleTask } from './Example';
import { Instants } from './Instants';
import styles from './Sla.module.css';

/** What an example comes to; `policy` instead of the one that would match. */
export function usePreview(task: ExampleTask, book: Book | undefined, policy?: unknown, enabled = true) {
  const body = { ...exampleBody(task), ...(book && { book }), ...(policy !== undefined && { policy }) };
  return useQuery({
    queryKey: ['sla', 'preview', body],
    queryFn: ({ signal }) => unwrap(http.POST('/api/sla/preview', { body, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    enabled,
  });
}

interface PreviewCardProps {
  /** The book as it is edited; the present one without it. */
  book?: Book;
  /** The policy that is edited: its instants are shown, whichever policy would match. */
  policy?: Policy;
  /** The example at first. */
  first?: Policy | undefined;
  /** Called with the name of the policy that takes the example. */
  onMatch?: (policy: string | undefined) => void;
  note?: (matching: Preview | undefined) => ReactNode;
}

/** What becomes of an example task, as one edits. */
export function PreviewCard({ book, policy, first, onMatch, note }: PreviewCardProps) {
  const [task, setTask] = useState(() => exampleFor(first ?? policy, serverNow()));
  const asked = useSettled(JSON.stringify({ task, book, policy }));
  const settled = JSON.parse(asked) as { task: ExampleTask; book?: Book; policy?: Policy };
  const shown = usePreview(settled.task, settled.book, settled.policy);
  const matching = usePreview(settled.task, settled.book, undefined, policy !== undefined);
  const problem = shown.error;
  const tell = useEffectEvent((name: string | undefined) => onMatch?.(name));
  const matched = problem ? undefined : (policy ? matching : shown).data?.policy;
  useEffect(() => tell(matched), [matched]);
  return (
    <Card title="Preview" description="Of a task as the one below. Nothing is kept.">
      <div className={styles.stack}>
        <Form onSubmit={() => undefined}>
          <ExampleFields task={task} onChange={setTask} errors={(place) => faultIn(problem, place)} />
        </Form>
        <div aria-live="polite" className={styles.stack}>
          {problem && problem.status === 422 && !policy ? (
            // An order in which one policy takes all tasks of another, for one.
            <FormProblem problem={problem} shown={['/dollar_value', '/start', '/customers', '/mailbox']} />
          ) : problem && problem.status === 422 ? (
            <p className={styles.quiet}>The preview is shown again as soon as every field has a value that can be.</p>
          ) : problem ? (
            <ErrorState error={problem} title="The preview could not be made" onRetry={() => void shown.refetch()} />
          ) : shown.data ? (
            <>
              {note?.(policy ? matching.data : shown.data)}
              <Instants preview={shown.data} />
            </>
          ) : (
            <Skeleton label="Loading the preview" rows={5} />
          )}
        </div>
      </div>
    </Card>
  );
}
