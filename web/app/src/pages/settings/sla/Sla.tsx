import { useSearchParams } from 'wouter';
import { EmptyState, ButtonLink, ErrorState, Page, PageHeader, Skeleton } from '../../../ui';
import { useBook } from './book';
import { PolicyEditor } from './PolicyEditor';
import { PolicyList } from './PolicyList';

/** The address says which policy is open: `?policy=NAME`, or `?new`. */
export default function Sla() {
  const book = useBook();
  const [params, setParams] = useSearchParams();
  const name = params.get('policy');
  const done = () => setParams({});
  if (book.data) {
    const known = name !== null && book.data.book.policies?.some((policy) => policy.name === name);
    if (params.has('new') || known) return <PolicyEditor key={name} revision={book.data} name={known ? name : null} onDone={done} />;
    if (name === null) return <PolicyList revision={book.data} />;
  }
  return (
    <Page>
      <PageHeader title="SLA policies" />
      {book.error ? (
        <ErrorState error={book.error} title="The policies could not be loaded" onRetry={() => void book.refetch()} />
      ) : book.data ? (
        <EmptyState icon="search" title="There is no policy of this name" action={<ButtonLink to="/settings/sla">All policies</ButtonLink>}>
          It may have been renamed or removed.
        </EmptyState>
      ) : (
        <Skeleton label="Loading policies" rows={8} />
      )}
    </Page>
  );
}
