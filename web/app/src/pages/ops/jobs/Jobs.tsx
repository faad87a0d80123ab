import { Page, PageHeader } from '../../../ui';

export default function Jobs() {
  return (
    <Page>
      <PageHeader title="Jobs" />
    </Page>
  );
}
