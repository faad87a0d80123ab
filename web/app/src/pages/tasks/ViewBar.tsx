import { useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { Button, Combobox, ConfirmDialog, Dialog, Field, Input, Menu, Tabs, toast, type MenuItem } from '../../ui';
import styles from './FilterBar.module.css';
import { queryParams, type ListQuery } from './filters';
import { builtIn, deleteView, me, renameView, replaceView, savedViews, saveView, setMe, viewOf } from './views';

type Asking = { what: 'save' } | { what: 'rename'; id: string; name: string } | { what: 'delete'; id: string; name: string } | { what: 'me' };

const address = (search: string) => (search ? `/tasks?${search}` : '/tasks');

/** The lists one comes back to. What was chosen is kept in this browser. */
export function ViewBar({ query, owners }: { query: ListQuery; owners: readonly string[] }) {
  const [, navigate] = useLocation();
  const saved = useSyncExternalStore(savedViews.subscribe, savedViews.get);
  const name = useSyncExternalStore(me.subscribe, me.get);
  const [asking, setAsking] = useState<Asking>();
  const params = queryParams(query);
  const fixed = builtIn(name);
  const views = [...fixed, ...saved];
  const current = viewOf(views, params);
  const own = saved.find((view) => view.id === current?.id);
  const [last, setLast] = useState<string>();
  if (own && own.id !== last) setLast(own.id);
  const before = own ? undefined : saved.find((view) => view.id === last);

  const items: MenuItem[] = [
    ...(!current ? [{ label: 'Save as a view', icon: 'star' as const, onSelect: () => setAsking({ what: 'save' }) }] : []),
    ...(before && !current
      ? [
          {
            label: `Put this list into “${before.name}”`,
            icon: 'check' as const,
            onSelect: () => {
              replaceView(before.id, params);
              toast({ kind: 'success', title: `“${before.name}” shows this list now` });
            },
          },
        ]
      : []),
    ...(own
      ? [
          { label: `Rename “${own.name}”`, icon: 'edit' as const, onSelect: () => setAsking({ what: 'rename', id: own.id, name: own.name }) },
          { label: `Delete “${own.name}”`, icon: 'trash' as const, danger: true, onSelect: () => setAsking({ what: 'delete', id: own.id, name: own.name }) },
        ]
      : []),
    { label: name ? `I am ${name}: change` : 'Say who I am', icon: 'user', onSelect: () => setAsking({ what: 'me' }) },
  ];

  return (
    <div className={styles.views} data-screen-only>
      <Tabs
        label="Views"
        tabs={views.filter((view) => view.id !== 'mine' || name).map((view) => ({ to: address(view.search), label: view.name }))}
        current={current ? address(current.search) : 'none'}
      />
      {!name && (
        <Button variant="ghost" size="sm" icon="user" onClick={() => setAsking({ what: 'me' })}>
          Mine…
        </Button>
      )}
      {!current && (
        <Button variant="ghost" size="sm" icon="star" onClick={() => setAsking({ what: 'save' })}>
          Save view
        </Button>
      )}
      <Menu label="View options" items={items} size="sm" />
      {asking?.what === 'delete' && (
        <ConfirmDialog
          open
          danger
          title={`Delete the view “${asking.name}”?`}
          confirm="Delete the view"
          onClose={() => setAsking(undefined)}
          onConfirm={() => deleteView(asking.id)}
        >
          The tasks stay; only the name for this list goes.
        </ConfirmDialog>
      )}
      {(asking?.what === 'save' || asking?.what === 'rename') && (
        <NameDialog
          title={asking.what === 'save' ? 'Save this list as a view' : 'Rename the view'}
          value={asking.what === 'rename' ? asking.name : ''}
          onClose={() => setAsking(undefined)}
          onName={(chosen) => {
            if (asking.what === 'save') saveView(chosen, params);
            else renameView(asking.id, chosen);
          }}
        />
      )}
      {asking?.what === 'me' && (
        <NameDialog
          title="Whose tasks are yours?"
          hint="The name as it stands in Owner. It is kept in this browser and makes the view “Mine”."
          value={name}
          names={owners}
          onClose={() => setAsking(undefined)}
          onName={(chosen) => {
            setMe(chosen);
            const mine = builtIn(chosen).find((view) => view.id === 'mine');
            if (mine) navigate(address(mine.search));
          }}
        />
      )}
    </div>
  );
}

interface NameDialogProps {
  title: string;
  hint?: string;
  value: string;
  /** Proposals. */
  names?: readonly string[];
  onClose: () => void;
  onName: (name: string) => void;
}

function NameDialog({ title, hint, value, names, onClose, onName }: NameDialogProps) {
  const [text, setText] = useState(value);
  const take = () => {
    const name = text.trim();
    if (!name) return;
    onName(name);
    onClose();
  };
  return (
    <Dialog
      open
      size="sm"
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {/* A name that is being found is taken when its field is left, which may be by this button. */}
          <Button variant="primary" disabled={!names && !text.trim()} onClick={take}>
            Save
          </Button>
        </>
      }
    >
      <form
        style={names && { minHeight: '14rem' }}
        onSubmit={(event) => {
          event.preventDefault();
          take();
        }}
      >
        <Field label="Name" hint={hint}>
          {(control) =>
            names ? (
              <Combobox {...control} value={text} choices={names.map((name) => ({ value: name, label: name }))} onChange={setText} />
            ) : (
              <Input {...control} autoFocus maxLength={60} value={text} onChange={(event) => setText(event.target.value)} />
            )
          }
        </Field>
      </form>
    </Dialog>
  );
}
