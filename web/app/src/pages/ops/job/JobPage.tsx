import { Page, PageHeader } from '../../../ui';

export default function JobPage() {
  return (
    <Page>
      <PageHeader title="Job" />
    </Page>
  );
}
