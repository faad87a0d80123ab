import { useQuery } from '@tanstack/react-query';
import { Problem, UNREACHABLE } from '../../data/problem';
import { EmptyState, ErrorState, Skeleton } from '../../ui';
import styles from './Mail.module.css';

/**
 * The mail's HTML as the server has cleaned it, in a frame in which nothing runs. The frame says nothing about a
 * refusal, so it is asked for first whether there is anything to show. With `none` it is known that there is not.
 */
export function Original({ emailId, subject, none }: { emailId: string; subject: string; none: boolean }) {
  const url = `/api/workflow/emails/${encodeURIComponent(emailId)}/html`;
  const there = useQuery({
    queryKey: ['emails', 'html', emailId],
    enabled: !none,
    queryFn: async ({ signal }) => {
      const response = await fetch(url, { signal }).catch((cause: unknown) => {
        if (cause instanceof TypeError) throw new Problem(UNREACHABLE, { detail: 'The server could not be reached.' });
        throw cause;
      });
      if (response.status === 404) return false;
      if (!response.ok) throw new Problem(response.status, (await response.json().catch(() => ({}))) as object, response.headers.get('x-request-id') ?? undefined);
      return response.headers.get('content-type')?.startsWith('text/html') ?? false;
    },
    staleTime: Number.POSITIVE_INFINITY,
    meta: { live: 'patch' },
  });
  if (there.error) return <ErrorState error={there.error} title="The original could not be loaded" onRetry={() => void there.refetch()} />;
  if (there.isPending && !none) return <Skeleton label="Loading the original" rows={4} />;
  if (!there.data) {
    return (
      <EmptyState icon="mail" title="No formatting">
        This mail has no HTML part: its text is all there is.
      </EmptyState>
    );
  }
  return <iframe className={styles.frame} sandbox="" referrerPolicy="no-referrer" src={url} title={`Original formatting of ${subject}`} />;
}
