import { Page, PageHeader } from '../../../ui';

export default function Audit() {
  return (
    <Page>
      <PageHeader title="Audit" />
    </Page>
  );
}
