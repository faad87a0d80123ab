import { Page, PageHeader } from '../../../ui';

export default function Mailboxes() {
  return (
    <Page>
      <PageHeader title="Mailboxes" />
    </Page>
  );
}
