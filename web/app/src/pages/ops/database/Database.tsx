import { Page, PageHeader } from '../../../ui';

export default function Database() {
  return (
    <Page>
      <PageHeader title="Database" />
    </Page>
  );
}
