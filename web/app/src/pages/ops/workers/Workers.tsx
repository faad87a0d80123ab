import { Page, PageHeader } from '../../../ui';

export default function Workers() {
  return (
    <Page>
      <PageHeader title="Workers" />
    </Page>
  );
}
