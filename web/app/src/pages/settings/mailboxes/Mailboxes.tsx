import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { count, number, percent } from '../../../data/format';
import { useMay } from '../../../data/session';
import { Button, Card, ConfirmDialog, DataTable, EmptyState, ErrorState, Menu, Page, PageHeader, RelativeTime, Skeleton, Tag, toast, toastProblem } from '../../../ui';
import { MailboxForm } from './MailboxForm';
import styles from './Mailboxes.module.css';
import { sourceInWords, type Mailbox } from './source';

function StateTag({ mailbox }: { mailbox: Mailbox }) {
  if (!mailbox.enabled) return <Tag>Disabled</Tag>;
  if (mailbox.last_error) return <Tag tone="red">{count(mailbox.failures, 'failure')}</Tag>;
  return mailbox.source.kind === 'none' ? <Tag>By API</Tag> : <Tag tone="green">Fetched</Tag>;
}

export default function Mailboxes() {
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Mailbox | 'new'>();
  const [removed, setRemoved] = useState<Mailbox>();
  const mayEdit = useMay('admin');
  const mailboxes = useQuery({
    queryKey: ['mailboxes', 'list'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/mailboxes', { signal })),
    refetchInterval: 15_000,
  });
  const at = (mailbox: Mailbox) => ({ params: { path: { mailbox: mailbox.name } } });
  const fetchNow = async (mailbox: Mailbox) => {
    try {
      const { job_id } = await unwrap(http.POST('/api/mailboxes/{mailbox}/fetch', at(mailbox)));
      toast({ kind: 'success', title: `${mailbox.name} is being looked at`, detail: <a href={`/ops/jobs/${encodeURIComponent(job_id)}`}>Follow the job</a> });
    } catch (cause) {
      toastProblem(cause, 'The mail was not fetched');
    }
    void queries.invalidateQueries({ queryKey: ['mailboxes'] });
  };
  return (
    <Page>
      <PageHeader
        title="Mailboxes"
        description="Where mail comes from, and what becomes of it."
        actions={
          <Button variant="primary" icon="plus" needs="admin" onClick={() => setEdited('new')}>
            New mailbox
          </Button>
        }
      />
      {mailboxes.error ? (
        <ErrorState error={mailboxes.error} title="The mailboxes could not be loaded" onRetry={() => void mailboxes.refetch()} />
      ) : mailboxes.isPending ? (
        <Skeleton label="Loading mailboxes" rows={5} />
      ) : (
        <Card flush>
          <DataTable
            caption="Mailboxes"
            rows={mailboxes.data.mailboxes}
            rowKey={({ name }) => name}
            empty={
              <EmptyState icon="inbox" title="No mailboxes yet">
                Mail can be fetched from a folder or a mail server, or sent to the API.
              </EmptyState>
            }
            columns={[
              {
                key: 'name',
                header: 'Mailbox',
                rowHeader: true,
                cell: (mailbox) => (
                  <span className={styles.name}>
                    {mayEdit ? (
                      <button type="button" onClick={() => setEdited(mailbox)}>
                        {mailbox.display ?? mailbox.name}
                      </button>
                    ) : (
                      <span>{mailbox.display ?? mailbox.name}</span>
                    )}
                    <span className={styles.quiet}>{mailbox.display ? `${mailbox.name} · ` : ''}{sourceInWords(mailbox.source)}</span>
                  </span>
                ),
              },
              {
                key: 'state',
                header: 'State',
                cell: (mailbox) => (
                  <span>
                    <StateTag mailbox={mailbox} />
                    {mailbox.last_error && <span className={styles.error}>{mailbox.last_error}</span>}
                  </span>
                ),
              },
              { key: 'polled', header: 'Last fetched', cell: (mailbox) => <RelativeTime at={mailbox.last_success_at} /> },
              { key: 'fetched', header: 'Mails', align: 'end', cell: (mailbox) => number(mailbox.fetched) },
              { key: 'owner', header: 'Owner', optional: true, cell: (mailbox) => mailbox.default_owner ?? 'Given out' },
              { key: 'category', header: 'Category', optional: true, cell: (mailbox) => (mailbox.workflow_category ? `${mailbox.workflow_category}${mailbox.category_use === 'forced' ? ', for all' : ''}` : '–') },
              { key: 'review', header: 'Review below', align: 'end', optional: true, cell: (mailbox) => percent(mailbox.review_below * 100) },
              { key: 'flood', header: 'Flood limit', align: 'end', optional: true, cell: (mailbox) => (mailbox.flood_per_hour === 0 ? 'None' : `${number(mailbox.flood_per_hour)}/h`) },
              {
                key: 'actions',
                header: <span className="visually-hidden">Actions</span>,
                align: 'end',
                cell: (mailbox) => (
                  <Menu
                    label={`Actions for ${mailbox.name}`}
                    items={[
                      { label: 'Edit', icon: 'edit', needs: 'admin', onSelect: () => setEdited(mailbox) },
                      { label: 'Fetch now', icon: 'download', needs: 'admin', disabled: !mailbox.enabled || mailbox.source.kind === 'none', onSelect: () => void fetchNow(mailbox) },
                      null,
                      { label: 'Remove', icon: 'trash', danger: true, needs: 'admin', onSelect: () => setRemoved(mailbox) },
                    ]}
                  />
                ),
              },
            ]}
          />
        </Card>
      )}
      {edited && <MailboxForm mailbox={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
      {removed && (
        <ConfirmDialog
          open
          onClose={() => setRemoved(undefined)}
          title={`Remove ${removed.name}?`}
          confirm="Remove the mailbox"
          danger
          onConfirm={() => unwrap(http.DELETE('/api/mailboxes/{mailbox}', at(removed))).then(() => queries.invalidateQueries({ queryKey: ['mailboxes'] }))}
        >
          Its mail and its tasks stay; nothing is fetched any more.
        </ConfirmDialog>
      )}
    </Page>
  );
}
