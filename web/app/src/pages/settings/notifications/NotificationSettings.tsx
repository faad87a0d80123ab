import { Page, PageHeader } from '../../../ui';

export default function NotificationSettings() {
  return (
    <Page>
      <PageHeader title="Notifications" />
    </Page>
  );
}
