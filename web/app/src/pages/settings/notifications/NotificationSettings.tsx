import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Button, Card, ConfirmDialog, DataTable, EmptyState, ErrorState, Menu, Page, PageHeader, Skeleton, Tag, toast, toastProblem } from '../../../ui';
import { NOTICES, RecipientForm, requestOf, type Recipient } from './RecipientForm';

export default function NotificationSettings() {
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Recipient | 'new'>();
  const [removed, setRemoved] = useState<Recipient>();
  const recipients = useQuery({ queryKey: ['notifications', 'recipients'], queryFn: ({ signal }) => unwrap(http.GET('/api/notifications', { signal })) });
  const at = (recipient: Recipient) => ({ params: { path: { recipient_id: recipient.id } } });
  const refresh = () => queries.invalidateQueries({ queryKey: ['notifications'] });
  const pause = async (recipient: Recipient) => {
    try {
      await unwrap(http.PUT('/api/notifications/{recipient_id}', { ...at(recipient), body: { ...requestOf(recipient), paused: !recipient.paused } }));
      toast({ kind: 'success', title: recipient.paused ? 'They are told again' : 'They are told nothing for now' });
    } catch (cause) {
      toastProblem(cause, 'The recipient was not changed');
    }
    void refresh();
  };
  return (
    <Page>
      <PageHeader
        title="Notifications by mail"
        description="Who is told of deadlines by mail, at once or in digests."
        actions={
          <Button variant="primary" icon="plus" needs="admin" onClick={() => setEdited('new')}>
            New recipient
          </Button>
        }
      />
      {recipients.error ? (
        <ErrorState error={recipients.error} title="The recipients could not be loaded" onRetry={() => void recipients.refetch()} />
      ) : recipients.isPending ? (
        <Skeleton label="Loading recipients" rows={5} />
      ) : (
        <Card flush>
          <DataTable
            caption="Recipients"
            rows={recipients.data.recipients}
            rowKey={({ id }) => id}
            empty={
              <EmptyState icon="bell" title="Nobody is told by mail">
                Recipients hear of warnings, missed deadlines, alerts and escalations.
              </EmptyState>
            }
            columns={[
              { key: 'who', header: 'Recipient', rowHeader: true, cell: (row) => (row.name ? `${row.name} · ${row.address}` : row.address) },
              { key: 'events', header: 'Told of', cell: (row) => (row.events.length === NOTICES.length ? 'Everything' : NOTICES.filter(({ value }) => row.events.includes(value)).map(({ label }) => label).join(', ')) },
              { key: 'when', header: 'When', cell: (row) => (row.mode === 'digest' ? `Digest, ${row.cron ?? ''} ${row.tz ?? 'UTC'}` : 'At once') },
              { key: 'quiet', header: 'Quiet hours', cell: (row) => (row.quiet_hours ? `${row.quiet_hours.from}–${row.quiet_hours.to} ${row.quiet_hours.tz}` : '–') },
              { key: 'only', header: 'Only for', optional: true, cell: (row) => [...row.owners, ...row.categories, ...row.mailboxes].join(', ') || 'All tasks' },
              { key: 'state', header: 'State', cell: (row) => (row.paused ? <Tag>Paused</Tag> : <Tag tone="green">Active</Tag>) },
              {
                key: 'actions',
                header: <span className="visually-hidden">Actions</span>,
                align: 'end',
                cell: (row) => (
                  <Menu
                    label={`Actions for ${row.name ?? row.address}`}
                    items={[
                      { label: 'Edit', icon: 'edit', needs: 'admin', onSelect: () => setEdited(row) },
                      { label: row.paused ? 'Tell them again' : 'Pause', icon: row.paused ? 'play' : 'pause', needs: 'admin', onSelect: () => void pause(row) },
                      null,
                      { label: 'Remove', icon: 'trash', danger: true, needs: 'admin', onSelect: () => setRemoved(row) },
                    ]}
                  />
                ),
              },
            ]}
          />
        </Card>
      )}
      {edited && <RecipientForm recipient={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
      {removed && (
        <ConfirmDialog
          open
          onClose={() => setRemoved(undefined)}
          title={`Tell ${removed.name ?? removed.address} nothing any more?`}
          confirm="Remove the recipient"
          danger
          onConfirm={() => unwrap(http.DELETE('/api/notifications/{recipient_id}', at(removed))).then(refresh)}
        >
          What waits for them is not sent.
        </ConfirmDialog>
      )}
    </Page>
  );
}
