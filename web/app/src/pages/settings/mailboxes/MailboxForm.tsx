import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CATEGORIES } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import type { Problem } from '../../../data/problem';
import { Button, Checkbox, Dialog, Field, Input, Select, Textarea, toast } from '../../../ui';
import { Form, FormProblem, Group, Row } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import { toDraft, toRequest, type Mailbox, type MailboxDraft } from './source';

/** The text fields of a draft. */
type TextField = { [K in keyof MailboxDraft]: MailboxDraft[K] extends string ? K : never }[keyof MailboxDraft];

export function MailboxForm({ mailbox, onClose }: { mailbox?: Mailbox | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => toDraft(mailbox));
  const set = (change: Partial<MailboxDraft>) => setDraft((old) => ({ ...old, ...change }));
  const save = useMutation<Mailbox, Problem>({
    mutationFn: () => {
      const body = toRequest(draft);
      return mailbox
        ? unwrap(http.PUT('/api/mailboxes/{mailbox}', { params: { path: { mailbox: mailbox.name } }, body }))
        : unwrap(http.POST('/api/mailboxes', { body: { ...body, name: draft.name.trim() } }));
    },
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: ['mailboxes'] });
      toast({ kind: 'success', title: `${name} was saved` });
      onClose();
    },
  });
  const submit = () => !save.isPending && save.mutate();
  const taken = save.error?.status === 409 ? save.error.message : undefined;
  const text = (key: TextField, label: string, place: string, more: { hint?: string; type?: string; placeholder?: string } = {}) => {
    const { hint, ...rest } = more;
    return (
      <Field label={label} hint={hint} error={faultIn(save.error, place)}>
        {(field) => <Input {...field} {...rest} spellCheck={false} value={draft[key]} onChange={(event) => set({ [key]: event.target.value })} />}
      </Field>
    );
  };
  const after = draft.kind === 'folder' ? [['keep', 'Keep the file'], ['move', 'Move it'], ['delete', 'Delete it']] : [['seen', 'Mark it as seen'], ['move', 'Move it']];
  return (
    <Dialog
      open
      size="lg"
      title={mailbox ? mailbox.name : 'New mailbox'}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={save.isPending} onClick={submit}>
            {mailbox ? 'Save' : 'Create mailbox'}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem
          problem={taken ? null : save.error}
          shown={['/name', '/display', '/source', '/default_owner', '/default_owner_email', '/workflow_category', '/category_use', '/review_below', '/flood_per_hour', '/own_domains']}
        />
        <Row>
          {!mailbox && (
            <Field label="Name" hint="As in the tasks' mailbox, such as an address." error={taken ?? faultIn(save.error, '/name')}>
              {(field) => <Input {...field} value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
            </Field>
          )}
          {text('display', 'Shown as', '/display')}
        </Row>
        <Group label="Where its mail is fetched from" error={save.error?.at('/source')}>
          <Select
            aria-label="Kind of source"
            value={draft.kind}
            choices={[
              { value: 'none', label: 'Nowhere: mail is sent to the API' },
              { value: 'folder', label: 'A folder on the worker’s machine' },
              { value: 'imap', label: 'A mail server (IMAP)' },
            ]}
            onChange={(kind) => set({ kind, after: '' })}
          />
        </Group>
        {draft.kind === 'folder' && (
          <Row>
            {text('path', 'Folder', '/source/path')}
            {text('pattern', 'Files', '/source/pattern', { placeholder: '*.eml', hint: 'With * and ?.' })}
          </Row>
        )}
        {draft.kind === 'imap' && (
          <>
            <Row>
              {text('host', 'Server', '/source/host', { placeholder: 'imap.example.com' })}
              {text('port', 'Port', '/source/port', { type: 'number', placeholder: '993' })}
              <Field label="Encryption" error={faultIn(save.error, '/source/tls')}>
                {(field) => (
                  <Select
                    {...field}
                    value={draft.tls}
                    choices={[
                      { value: 'implicit', label: 'TLS' },
                      { value: 'starttls', label: 'STARTTLS' },
                      { value: 'none', label: 'None' },
                    ]}
                    onChange={(tls) => set({ tls })}
                  />
                )}
              </Field>
            </Row>
            <Row>
              {text('user', 'User', '/source/user')}
              {text('folder', 'Mail folder', '/source/folder', { placeholder: 'INBOX' })}
            </Row>
            <Row>
              {text('passwordEnv', 'Variable with the password', '/source/password_env', { placeholder: 'WORKFLOW_MAILBOX_ORDERS', hint: 'Of the worker, beginning with WORKFLOW_MAILBOX_; passwords are never kept here.' })}
              {text('passwordFile', 'Or file with the password', '/source/password_file')}
            </Row>
            {text('caFile', 'File of certificates to trust', '/source/ca_file', { hint: 'Besides the system’s.' })}
          </>
        )}
        {draft.kind !== 'none' && (
          <Row>
            <Field label="Then" hint="What becomes of mail that was taken in." error={faultIn(save.error, '/source/after')}>
              {(field) => <Select {...field} value={draft.after} choices={[{ value: '', label: 'As usual' }, ...after.map(([value = '', label = '']) => ({ value, label }))]} onChange={(next) => set({ after: next })} />}
            </Field>
            {draft.after === 'move' && text('moveTo', 'Move to', '/source/move_to')}
          </Row>
        )}
        <Row>
          {text('owner', 'Owner of its tasks', '/default_owner', { hint: 'Without one they wait to be given out.' })}
          {text('ownerEmail', 'Their address', '/default_owner_email', { type: 'email' })}
        </Row>
        <Row>
          <Field label="Category" error={faultIn(save.error, '/workflow_category')}>
            {(field) => <Select {...field} value={draft.category} choices={[{ value: '', label: 'None' }, ...CATEGORIES.map((value) => ({ value: value as string, label: value }))]} onChange={(category) => set({ category })} />}
          </Field>
          <Field label="It is used for" error={faultIn(save.error, '/category_use')}>
            {(field) => (
              <Select
                {...field}
                value={draft.use}
                choices={[
                  { value: 'default', label: 'Mail of which too little is sure' },
                  { value: 'forced', label: 'All of its mail' },
                ]}
                onChange={(use) => set({ use })}
              />
            )}
          </Field>
        </Row>
        <Row>
          {text('reviewBelow', 'Review below (% confidence)', '/review_below', { type: 'number' })}
          {text('flood', 'Flood limit an hour', '/flood_per_hour', { type: 'number', hint: 'Mails of one sender about one subject; 0 for any number.' })}
        </Row>
        <Field label="Own domains" hint="Mail domains of the house, one a line." error={faultIn(save.error, '/own_domains')}>
          {(field) => <Textarea {...field} rows={2} spellCheck={false} value={draft.domains} onChange={(event) => set({ domains: event.target.value })} />}
        </Field>
        <Checkbox label="Fetch its mail" checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
      </Form>
    </Dialog>
  );
}
