import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { count, words } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { useSession } from '../../../data/session';
import { Button, Card, ConfirmDialog, DataTable, DateTime, EmptyState, ErrorState, Icon, Page, PageHeader, RelativeTime, Select, Skeleton, Tag, toast, type Column } from '../../../ui';
import { SecretDialog } from '../shared/SecretDialog';
import { KeyForm } from './KeyForm';
import { ordered, STATE_LOOKS, stateOf, STATES, useKeys, type Key, type NewKey, type State } from './keys';
import styles from './Keys.module.css';

/** `?state=` narrows the list. */
export default function Keys() {
  const keys = useKeys();
  const queries = useQueryClient();
  const session = useSession();
  const [params, setParams] = useSearchParams();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewKey>();
  const [revoking, setRevoking] = useState<Key>();
  const state: State | '' = STATES.find((value) => value === params.get('state')) ?? '';
  const show = (next: State | '') => setParams(next ? { state: next } : {}, { replace: true });
  const all = ordered(keys.data?.keys ?? []);
  const shown = state ? all.filter((key) => stateOf(key) === state) : all;

  const revoke = async ({ id, name }: Key) => {
    await unwrap(http.DELETE('/api/keys/{key_id}', { params: { path: { key_id: id } } }));
    void queries.invalidateQueries({ queryKey: ['keys'] });
    toast({ kind: 'success', title: `The key of ${name} is revoked`, detail: 'It opens nothing after 5 seconds at most.' });
  };

  const columns: Column<Key>[] = [
    {
      key: 'name',
      header: 'Name',
      rowHeader: true,
      cell: (key) => (
        <span className={styles.name}>
          <span>{key.name}</span>
          <code className={styles.id}>{key.id}</code>
        </span>
      ),
    },
    { key: 'role', header: 'Role', cell: (key) => words(key.role) },
    { key: 'state', header: 'State', cell: (key) => <KeyState of={key} /> },
    { key: 'mailboxes', header: 'Mailboxes', optional: true, cell: (key) => key.mailboxes?.join(', ') ?? <span className={styles.quiet}>All</span> },
    {
      key: 'created',
      header: 'Created',
      optional: true,
      cell: (key) => (
        <span className={styles.name}>
          <RelativeTime at={key.created_at} />
          <span className={styles.quiet}>by {key.created_by}</span>
        </span>
      ),
    },
    { key: 'used', header: 'Last used', cell: (key) => (key.last_used_at ? <RelativeTime at={key.last_used_at} /> : <span className={styles.quiet}>Never</span>) },
    { key: 'expires', header: 'Expires', cell: (key) => (key.expires_at ? <DateTime at={key.expires_at} /> : <span className={styles.quiet}>Never</span>) },
    {
      key: 'actions',
      header: <span className="visually-hidden">Actions</span>,
      align: 'end',
      cell: (key) =>
        stateOf(key) === 'active' && (
          <Button size="sm" variant="ghost" needs="admin" onClick={() => setRevoking(key)}>
            Revoke<span className="visually-hidden"> the key {key.id} of {key.name}</span>
          </Button>
        ),
    },
  ];

  return (
    <Page>
      <PageHeader
        title="API keys"
        description="Who may ask for what: people who sign in, and systems that use the API."
        actions={
          <Button variant="primary" icon="plus" needs="admin" onClick={() => setMaking(true)}>
            New key
          </Button>
        }
      />
      {session?.authentication === 'off' && (
        <div className={styles.off} role="note">
          <Icon name="info" size={18} />
          <p>
            Authentication is off: whoever can connect may do everything, and nobody is asked for a key. Keys are of use once the product runs with <code>WORKFLOW_AUTH=required</code>; those that are made now
            hold then.
          </p>
        </div>
      )}
      {keys.error ? (
        <ErrorState error={keys.error} title="The keys could not be loaded" onRetry={() => void keys.refetch()} />
      ) : keys.isPending ? (
        <Skeleton label="Loading keys" rows={5} />
      ) : (
        <Card
          flush
          title={all.length > 0 ? count(shown.length, 'key') : undefined}
          actions={
            all.length > 0 && (
              <Select<State | ''>
                aria-label="Which keys"
                value={state}
                choices={[{ value: '', label: 'All' }, ...STATES.map((value) => ({ value, label: STATE_LOOKS[value].label }))]}
                onChange={show}
              />
            )
          }
        >
          <DataTable
            caption="API keys"
            rows={shown}
            rowKey={({ id }) => id}
            columns={columns}
            empty={
              all.length > 0 ? (
                <EmptyState icon="filter" title="No key is in this state" action={<Button onClick={() => show('')}>Show all</Button>} />
              ) : (
                <EmptyState icon="key" title="No keys yet">
                  A key opens the API and these pages, as far as its role goes.
                </EmptyState>
              )
            }
          />
        </Card>
      )}
      {making && (
        <KeyForm
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <SecretDialog title={`The key of ${made.name}`} secret={made.key} onClose={() => setMade(undefined)}>
          It is shown now and never again. Sign in with it, or send it as <code>Authorization: Bearer</code>. Whoever has it may do what a key of the role {made.role} may.
        </SecretDialog>
      )}
      {revoking && (
        <ConfirmDialog open onClose={() => setRevoking(undefined)} title={`Revoke the key of ${revoking.name}?`} confirm="Revoke the key" danger onConfirm={() => revoke(revoking)}>
          <p>It opens nothing any more, its sessions end and its sockets are closed. This cannot be taken back.</p>
          {session?.principal === revoking.name && <p className={styles.own}>You are signed in by this name. If it is by this key, you are signed out.</p>}
        </ConfirmDialog>
      )}
    </Page>
  );
}

function KeyState({ of: key }: { of: Key }) {
  const { label, tone } = STATE_LOOKS[stateOf(key)];
  return (
    <span className={styles.name}>
      <span>
        <Tag tone={tone}>{label}</Tag>
      </span>
      {key.revoked_at && (
        <span className={styles.quiet}>
          <RelativeTime at={key.revoked_at} />
          {key.revoked_by && ` by ${key.revoked_by}`}
        </span>
      )}
    </span>
  );
}
