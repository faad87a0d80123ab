import { Page, PageHeader } from '../../../ui';

export default function Queues() {
  return (
    <Page>
      <PageHeader title="Queues" />
    </Page>
  );
}
