import { Page, PageHeader } from '../../../ui';

export default function Errors() {
  return (
    <Page>
      <PageHeader title="Errors" />
    </Page>
  );
}
