import { Redirect, Route, Switch } from 'wouter';
import { ButtonLink, EmptyState, Page, PageHeader, Tabs } from '../../ui';
import { BatchPage } from './BatchPage';
import { Batches } from './Batches';
import { useEmails } from './data';
import { Messages } from './Messages';
import { Quarantine } from './Quarantine';

function Sections() {
  const quarantined = useEmails({ outcome: 'quarantined' });
  return (
    <Tabs
      label="Mail"
      tabs={[
        { to: '/mail', label: 'Batches', icon: 'inbox' },
        { to: '/mail/messages', label: 'Messages', icon: 'mail' },
        { to: '/mail/quarantine', label: 'Quarantine', icon: 'alert', count: quarantined.data?.emails.length },
      ]}
    />
  );
}

/** Mail as it comes in: its batches, the mails themselves, and what could not be read. */
export default function Mail() {
  return (
    <Switch>
      <Route path="/mail">
        <Page>
          <PageHeader title="Mail" description="Mail becomes tasks. Add some here, or let mailboxes be fetched." />
          <Sections />
          <Batches />
        </Page>
      </Route>
      <Route path="/mail/batches">
        <Redirect to="/mail" replace />
      </Route>
      <Route path="/mail/batches/:id">{({ id }) => <BatchPage id={id} />}</Route>
      <Route path="/mail/messages">
        <Page>
          <PageHeader title="Messages" description="Every mail that came in, and where it went." />
          <Sections />
          <Messages />
        </Page>
      </Route>
      <Route path="/mail/quarantine">
        <Page>
          <PageHeader title="Quarantine" description="Mail that could not be processed. It is kept as it came until somebody decides." />
          <Sections />
          <Quarantine />
        </Page>
      </Route>
      <Route>
        <Page>
          <PageHeader title="Page not found" />
          <EmptyState icon="search" title="There is nothing at this address" action={<ButtonLink to="/mail">Go to mail</ButtonLink>} />
        </Page>
      </Route>
    </Switch>
  );
}
