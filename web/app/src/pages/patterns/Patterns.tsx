import { Route, Switch } from 'wouter';
import { ButtonLink, EmptyState, Page, PageHeader, Tabs } from '../../ui';
import { useFindings } from './data';
import { Explorer } from './Explorer';
import { Findings } from './Findings';

function Sections() {
  const open = useFindings('open', undefined);
  const n = open.data?.pages.reduce((sum, page) => sum + page.findings.length, 0);
  return (
    <Tabs
      label="Patterns"
      tabs={[
        { to: '/patterns', label: 'Explorer', icon: 'patterns' },
        { to: '/patterns/findings', label: 'Findings', icon: 'alert', count: n },
      ]}
    />
  );
}

/** What recurs in mail, and what does not fit together. */
export default function Patterns() {
  return (
    <Switch>
      <Route path="/patterns">
        <Page>
          <PageHeader title="Patterns" description="What recurs in mail. Looked for every quarter of an hour." />
          <Sections />
          <Explorer />
        </Page>
      </Route>
      <Route path="/patterns/findings">
        <Page>
          <PageHeader title="Findings" description="Orders that came twice, and purchase order numbers that do not fit together." />
          <Sections />
          <Findings />
        </Page>
      </Route>
      <Route>
        <Page>
          <PageHeader title="Page not found" />
          <EmptyState icon="search" title="There is nothing at this address" action={<ButtonLink to="/patterns">Go to patterns</ButtonLink>} />
        </Page>
      </Route>
    </Switch>
  );
}
