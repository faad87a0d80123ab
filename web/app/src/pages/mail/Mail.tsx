import { Page, PageHeader } from '../../ui';

export default function Mail() {
  return (
    <Page>
      <PageHeader title="Mail" />
    </Page>
  );
}
