import { Page, PageHeader } from '../../../ui';

export default function Sla() {
  return (
    <Page>
      <PageHeader title="SLA policies" />
    </Page>
  );
}
