import { Page, PageHeader } from '../../../ui';

export default function Calendars() {
  return (
    <Page>
      <PageHeader title="Calendars" />
    </Page>
  );
}
