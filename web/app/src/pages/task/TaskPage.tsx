import { Page, PageHeader } from '../../ui';

export default function TaskPage() {
  return (
    <Page>
      <PageHeader title="Task" />
    </Page>
  );
}
