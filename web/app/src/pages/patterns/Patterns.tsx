import { Page, PageHeader } from '../../ui';

export default function Patterns() {
  return (
    <Page>
      <PageHeader title="Patterns" />
    </Page>
  );
}
