import { Page, PageHeader } from '../../../ui';

export default function OpsOverview() {
  return (
    <Page>
      <PageHeader title="Operations" />
    </Page>
  );
}
