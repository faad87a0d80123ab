import { Page, PageHeader } from '../../ui';

export default function Notifications() {
  return (
    <Page>
      <PageHeader title="Notifications" />
    </Page>
  );
}
