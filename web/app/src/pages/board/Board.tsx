import { Page, PageHeader } from '../../ui';

export default function Board() {
  return (
    <Page>
      <PageHeader title="Board" />
    </Page>
  );
}
