import { Page, PageHeader } from '../../../ui';

export default function Schedules() {
  return (
    <Page>
      <PageHeader title="Schedules" />
    </Page>
  );
}
