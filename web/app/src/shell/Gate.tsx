import { lazy, Suspense } from 'react';
import { useAccess } from '../data/session';
import { PageBoundary } from './PageBoundary';
import { Shell } from './Shell';

const SignIn = lazy(() => import('./SignIn'));

/** The pages, or the way in to them. The address stays, so whoever signs in is where they wanted to be. */
export function Gate() {
  const { state } = useAccess();
  if (state === 'waiting') return null;
  if (state === 'open') return <Shell />;
  return (
    <PageBoundary>
      <Suspense>
        <SignIn />
      </Suspense>
    </PageBoundary>
  );
}
