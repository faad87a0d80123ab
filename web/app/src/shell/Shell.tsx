import { Suspense, useEffect, useRef, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { EmptyState, ButtonLink, OfflineBanner, Page, PageHeader, Skeleton, Toasts } from '../ui';
import { PageBoundary } from './PageBoundary';
import { CommandPalette } from './CommandPalette';
import { Sidebar, TabBar } from './Navigation';
import { FOOT, MAIN, OPS, ROUTES } from './routes';
import styles from './Shell.module.css';
import { useShortcut } from './shortcuts';
import { ShortcutSheet } from './ShortcutSheet';
import { SubNavigation } from './SubNavigation';
import { TopBar } from './TopBar';

function NotFound() {
  return (
    <Page>
      <PageHeader title="Page not found" />
      <EmptyState icon="search" title="There is nothing at this address" action={<ButtonLink to="/">Go to the overview</ButtonLink>}>
        It may have been moved, or the link has a typing error.
      </EmptyState>
    </Page>
  );
}

function GoTo({ keys, to, label }: { keys: string; to: string; label: string }) {
  const [, navigate] = useLocation();
  useShortcut(keys, label, () => navigate(to), 'Go to');
  return null;
}

/** What is around every page. */
export function Shell() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useShortcut('mod+k', 'Search and commands', () => setPalette(true), 'Everywhere');
  useShortcut('/', 'Search and commands', () => setPalette(true), 'Everywhere');
  useShortcut('?', 'This list', () => setHelp(true), 'Everywhere');

  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // A new page is read from its beginning.
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip} data-screen-only>
        Skip to the content
      </a>
      {[...MAIN, ...FOOT, ...OPS].map(({ keys, to, label }) => keys && <GoTo key={keys} keys={keys} to={to} label={label} />)}
      <Sidebar />
      <div className={styles.column}>
        <TopBar onSearch={() => setPalette(true)} onHelp={() => setHelp(true)} />
        <OfflineBanner />
        <SubNavigation />
        <main id="main" ref={main} tabIndex={-1} className={styles.main}>
          <PageBoundary key={path}>
            <Suspense
              fallback={
                <Page>
                  <Skeleton label="Loading the page" rows={6} />
                </Page>
              }
            >
              <Switch>
                {ROUTES.map(({ path: pattern, Page: Content }) => (
                  <Route key={pattern} path={pattern} component={Content} />
                ))}
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </PageBoundary>
        </main>
      </div>
      <TabBar />
      <Toasts />
      {palette && <CommandPalette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />}
      <ShortcutSheet open={help} onClose={() => setHelp(false)} />
    </div>
  );
}
