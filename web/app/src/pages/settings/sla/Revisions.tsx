import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { number } from '../../../data/format';
import { Button, Card, DataTable, EmptyState, ErrorState, RelativeTime, Skeleton, Tag, toastProblem } from '../../../ui';
import { useRevisions, type Revision } from './book';
import { SaveDialog } from './SaveDialog';

/** What the book was, who changed it and why; an earlier one can be put back. */
export function Revisions({ current }: { current: Revision }) {
  const revisions = useRevisions();
  const [restored, setRestored] = useState<{ from: Revision; onto: number } | null>(null);
  const [loading, setLoading] = useState<number>();
  const restore = async (revision: number) => {
    setLoading(revision);
    try {
      const from = await unwrap(http.GET('/api/sla/revisions/{revision}', { params: { path: { revision: String(revision) } } }));
      setRestored({ from, onto: current.revision });
    } catch (cause) {
      toastProblem(cause, 'The revision could not be loaded');
    } finally {
      setLoading(undefined);
    }
  };
  return (
    <Card title="Revisions" description="Every change of policies and calendars. Revisions are never changed." flush>
      {revisions.error ? (
        <ErrorState error={revisions.error} title="The revisions could not be loaded" onRetry={() => void revisions.refetch()} />
      ) : revisions.isPending ? (
        <Skeleton label="Loading revisions" rows={3} />
      ) : (
        <DataTable
          caption="Revisions of the book"
          rows={revisions.data.revisions}
          rowKey={({ revision }) => String(revision)}
          empty={
            <EmptyState icon="clock" title="No revision yet">
              The first change makes one.
            </EmptyState>
          }
          columns={[
            {
              key: 'revision',
              header: 'Revision',
              rowHeader: true,
              cell: (row) => (
                <>
                  {row.revision} {row.revision === current.revision && <Tag tone="accent">Present</Tag>}
                </>
              ),
            },
            { key: 'when', header: 'Saved', cell: (row) => <RelativeTime at={row.created_at} /> },
            { key: 'who', header: 'By', optional: true, cell: (row) => row.created_by },
            { key: 'why', header: 'Reason', cell: (row) => row.reason ?? '–' },
            { key: 'policies', header: 'Policies', align: 'end', optional: true, cell: (row) => number(row.policies) },
            { key: 'calendars', header: 'Calendars', align: 'end', optional: true, cell: (row) => number(row.calendars) },
            {
              key: 'restore',
              header: <span className="visually-hidden">Put back</span>,
              align: 'end',
              cell: (row) =>
                row.revision !== current.revision && (
                  <Button size="sm" variant="ghost" icon="undo" needs="admin" busy={loading === row.revision} onClick={() => void restore(row.revision)}>
                    Put back<span className="visually-hidden"> revision {row.revision}</span>
                  </Button>
                ),
            },
          ]}
        />
      )}
      {restored && (
        <SaveDialog
          title={`Put back revision ${restored.from.revision}`}
          confirm="Put it back"
          book={restored.from.book}
          revision={restored.onto}
          onClose={() => setRestored(null)}
          onSaved={() => setRestored(null)}
          onNewest={(newest) => setRestored({ ...restored, onto: newest.revision })}
        />
      )}
    </Card>
  );
}
