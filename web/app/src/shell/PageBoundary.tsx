import { Component, type ReactNode } from 'react';
import { Button, EmptyState, ErrorState, Page } from '../ui';

/** The code of a page that is no longer there: the product was updated while this tab was open. */
function isMissingChunk(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|importing a module|Unable to preload/i.test(error.message);
}

/** Keeps what goes wrong in a page inside it. */
export class PageBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Page>
        {isMissingChunk(error) ? (
          <div role="alert">
            <EmptyState
              icon="refresh"
              title="This page could not be loaded"
              action={
                <Button variant="primary" icon="refresh" onClick={() => location.reload()}>
                  Reload
                </Button>
              }
            >
              The connection may be down, or there is a new version. Reloading gets it.
            </EmptyState>
          </div>
        ) : (
          <ErrorState error={error} title="This page went wrong" onRetry={() => this.setState({ error: undefined })} />
        )}
      </Page>
    );
  }
}
