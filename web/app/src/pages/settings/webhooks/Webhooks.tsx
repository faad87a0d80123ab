import { Page, PageHeader } from '../../../ui';

export default function Webhooks() {
  return (
    <Page>
      <PageHeader title="Webhooks" />
    </Page>
  );
}
