import { Page, PageHeader } from '../../../ui';

export default function People() {
  return (
    <Page>
      <PageHeader title="People" />
    </Page>
  );
}
