import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { number } from '../../../data/format';
import { Button, Card, ConfirmDialog, DataTable, DescriptionList, EmptyState, ErrorState, Menu, Page, PageHeader, RelativeTime, Skeleton, Tag, toast, toastProblem } from '../../../ui';
import { SecretDialog } from '../shared/SecretDialog';
import { Deliveries } from './Deliveries';
import { act, useAct, useWebhooks, type Webhook } from './hooks';
import { WebhookForm } from './WebhookForm';
import styles from './Webhooks.module.css';

type Asked = { kind: 'edit' | 'disable' | 'rotate' | 'remove'; webhook: Webhook } | { kind: 'new' };

function StateTag({ webhook }: { webhook: Webhook }) {
  if (webhook.state === 'disabled') return <Tag>Disabled</Tag>;
  return webhook.failing_since ? <Tag tone="red">Failing</Tag> : <Tag tone="green">Enabled</Tag>;
}

/** `?webhook=ID` opens one, `&state=` narrows its deliveries. */
export default function Webhooks() {
  const webhooks = useWebhooks();
  const [params, setParams] = useSearchParams();
  const [asked, setAsked] = useState<Asked>();
  const [secret, setSecret] = useState<string>();
  const id = params.get('webhook');
  const opened = webhooks.data?.webhooks.find((webhook) => webhook.id === id);
  const state = (['pending', 'delivered', 'dead'] as const).find((value) => value === params.get('state')) ?? '';
  const refresh = useAct(() => Promise.resolve());

  const run = async (what: Promise<unknown>, well: string, badly: string) => {
    try {
      await what;
      toast({ kind: 'success', title: well });
    } catch (cause) {
      toastProblem(cause, badly);
    } finally {
      refresh.mutate();
    }
  };
  const test = (webhook: Webhook) => run(act.test(webhook.id), 'A test message is on its way', 'The test message was not sent');
  const enable = (webhook: Webhook) => run(act.enable(webhook.id), 'The webhook is told of events again', 'The webhook was not enabled');
  const close = () => setAsked(undefined);
  const actions = (webhook: Webhook) => [
    { label: 'Edit', icon: 'edit' as const, onSelect: () => setAsked({ kind: 'edit', webhook }) },
    { label: 'Send a test', icon: 'play' as const, onSelect: () => void test(webhook) },
    { label: 'New secret', icon: 'refresh' as const, onSelect: () => setAsked({ kind: 'rotate', webhook }) },
    webhook.state === 'enabled'
      ? { label: 'Disable', icon: 'pause' as const, onSelect: () => setAsked({ kind: 'disable', webhook }) }
      : { label: 'Enable', icon: 'play' as const, onSelect: () => void enable(webhook) },
    null,
    { label: 'Remove', icon: 'trash' as const, danger: true, onSelect: () => setAsked({ kind: 'remove', webhook }) },
  ];
  const dialogs = (
    <>
      {(asked?.kind === 'new' || asked?.kind === 'edit') && (
        <WebhookForm
          webhook={asked.kind === 'edit' ? asked.webhook : undefined}
          onClose={close}
          onMade={(made) => {
            close();
            setSecret(made.secret);
          }}
        />
      )}
      {asked?.kind === 'disable' && (
        <ConfirmDialog open onClose={close} title="Disable the webhook?" confirm="Disable it" danger reason="optional" onConfirm={(reason) => act.disable(asked.webhook.id, reason).then(() => refresh.mutate())}>
          It is told of nothing any more, and messages that wait are given up.
        </ConfirmDialog>
      )}
      {asked?.kind === 'rotate' && (
        <ConfirmDialog open onClose={close} title="Give it a new secret?" confirm="Make a new secret" danger reason="optional" onConfirm={(reason) => act.rotate(asked.webhook.id, reason).then((made) => setSecret(made.secret)).then(() => refresh.mutate())}>
          For 24 hours messages are signed with both, the new one and the one before. Then the old one is worth nothing.
        </ConfirmDialog>
      )}
      {asked?.kind === 'remove' && (
        <ConfirmDialog
          open
          onClose={close}
          title="Remove the webhook?"
          confirm="Remove it"
          danger
          onConfirm={() =>
            act.remove(asked.webhook.id).then(() => {
              setParams({});
              refresh.mutate();
            })
          }
        >
          All its messages go with it, also those that are to be delivered.
        </ConfirmDialog>
      )}
      {secret && (
        <SecretDialog title="The webhook's secret" secret={secret} onClose={() => setSecret(undefined)}>
          Messages are signed with it. It is shown now and never again; who loses it gives the webhook a new one.
        </SecretDialog>
      )}
    </>
  );

  if (opened) {
    return (
      <Page>
        <PageHeader
          title={opened.description ?? opened.url}
          badge={<StateTag webhook={opened} />}
          back={{ to: '/settings/webhooks', label: 'Webhooks' }}
          actions={
            <>
              <Button icon="play" onClick={() => void test(opened)}>
                Send a test
              </Button>
              <Menu label="More actions" variant="secondary" items={actions(opened).filter((item) => item?.label !== 'Send a test')} />
            </>
          }
        />
        <Card>
          <DescriptionList
            items={[
              ['URL', opened.url],
              ['Events', opened.events.length > 0 ? opened.events.join(', ') : 'All'],
              ['Only for', [...opened.filter.category, ...opened.filter.status, ...opened.filter.owner].join(', ') || 'Everything'],
              ['Waiting', number(opened.pending)],
              ['Given up', number(opened.dead)],
              ['Failing since', opened.failing_since && <RelativeTime key="failing" at={opened.failing_since} />],
              ['Disabled because', opened.disabled_reason],
              ['Made', <RelativeTime key="made" at={opened.created_at} />],
            ]}
          />
        </Card>
        <Deliveries
          webhook={opened.id}
          enabled={opened.state === 'enabled'}
          state={state}
          onState={(next) => setParams({ webhook: opened.id, ...(next && { state: next }) }, { replace: true })}
        />
        {dialogs}
      </Page>
    );
  }
  const make = (
    <Button variant="primary" icon="plus" needs="admin" onClick={() => setAsked({ kind: 'new' })}>
      New webhook
    </Button>
  );
  return (
    <Page>
      <PageHeader title="Webhooks" description="Other systems that are told of events, by signed messages." actions={make} />
      {webhooks.error ? (
        <ErrorState error={webhooks.error} title="The webhooks could not be loaded" onRetry={() => void webhooks.refetch()} />
      ) : webhooks.isPending ? (
        <Skeleton label="Loading webhooks" rows={5} />
      ) : (
        <Card flush>
          <DataTable
            caption="Webhooks"
            rows={webhooks.data.webhooks}
            rowKey={(webhook) => webhook.id}
            empty={
              <EmptyState icon="webhook" title={id ? 'There is no such webhook' : 'No webhooks yet'}>
                A webhook is told of tasks, deadlines and batches as they happen.
              </EmptyState>
            }
            columns={[
              {
                key: 'url',
                header: 'Webhook',
                rowHeader: true,
                cell: (webhook) => (
                  <span>
                    <Link href={`/settings/webhooks?webhook=${encodeURIComponent(webhook.id)}`} className={styles.url}>
                      {webhook.description ?? webhook.url}
                    </Link>
                    {webhook.description && <span className={styles.quiet}> {webhook.url}</span>}
                  </span>
                ),
              },
              { key: 'state', header: 'State', cell: (webhook) => <StateTag webhook={webhook} /> },
              { key: 'events', header: 'Events', optional: true, cell: (webhook) => (webhook.events.length > 0 ? webhook.events.join(', ') : 'All') },
              { key: 'pending', header: 'Waiting', align: 'end', cell: (webhook) => number(webhook.pending) },
              { key: 'dead', header: 'Given up', align: 'end', cell: (webhook) => number(webhook.dead) },
              { key: 'actions', header: <span className="visually-hidden">Actions</span>, align: 'end', cell: (webhook) => <Menu label={`Actions for ${webhook.description ?? webhook.url}`} items={actions(webhook)} /> },
            ]}
          />
        </Card>
      )}
      {dialogs}
    </Page>
  );
}
