import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { serverNow } from '../../../data/live';
import type { Problem } from '../../../data/problem';
import type { Role } from '../../../data/session';
import { Button, Dialog, Field, Input, Select, Textarea } from '../../../ui';
import { lines } from '../shared/choices';
import { Form, FormProblem, Row } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import { daysFrom, endOf } from './expiry';
import { ROLES, type KeyRequest, type NewKey } from './keys';

/** Days for which a key is good unless somebody says otherwise. */
const USUAL = 90;

export function KeyForm({ onClose, onMade }: { onClose: () => void; onMade: (made: NewKey) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [mailboxes, setMailboxes] = useState('');
  const [ends, setEnds] = useState<'never' | 'on'>('on');
  const [day, setDay] = useState(() => daysFrom(serverNow(), USUAL));
  const [attempted, setAttempted] = useState(false);
  const known = useQuery({ queryKey: ['mailboxes', 'list'], queryFn: ({ signal }) => unwrap(http.GET('/api/mailboxes', { signal })) });
  const names = known.data?.mailboxes.map((mailbox) => mailbox.name) ?? [];
  const end = ends === 'on' ? endOf(day) : undefined;
  const limited = role !== 'admin' && lines(mailboxes).length > 0;
  const create = useMutation<NewKey, Problem>({
    mutationFn: () => {
      const body: KeyRequest = { name: name.trim(), role, ...(limited && { mailboxes: lines(mailboxes) }), ...(end && { expires_at: end }) };
      return unwrap(http.POST('/api/keys', { body }));
    },
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['keys'] });
      onMade(made);
    },
  });
  const noName = name.trim() === '';
  const noDay = ends === 'on' && (!end || Date.parse(end) <= serverNow());
  const submit = () => {
    setAttempted(true);
    if (noName || noDay || create.isPending) return;
    create.mutate();
  };
  const fault = (place: string) => faultIn(create.error, place);
  return (
    <Dialog
      open
      title="New API key"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={create.isPending} onClick={submit}>
            Create key
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem problem={create.error} shown={['/name', '/role', '/mailboxes', '/expires_at']} />
        <Field label="Name" hint="Whom history and audit name: a person, or a system. Keys that follow each other share it." error={attempted && noName ? 'A key needs a name.' : fault('/name')}>
          {(field) => <Input {...field} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Role" hint={ROLES.find(({ value }) => value === role)?.may} error={fault('/role')}>
          {(field) => <Select {...field} value={role} choices={ROLES} onChange={setRole} />}
        </Field>
        {role !== 'admin' && (
          <Field
            label="Only these mailboxes"
            hint={`One a line; all if empty. A limited key sees no figures, jobs or patterns.${names.length > 0 ? ` There are ${names.join(', ')}.` : ''}`}
            error={fault('/mailboxes')}
          >
            {(field) => <Textarea {...field} rows={2} spellCheck={false} value={mailboxes} onChange={(event) => setMailboxes(event.target.value)} />}
          </Field>
        )}
        <Row>
          <Field label="Expires">
            {(field) => (
              <Select<'never' | 'on'>
                {...field}
                value={ends}
                choices={[
                  { value: 'on', label: 'On a day' },
                  { value: 'never', label: 'Never' },
                ]}
                onChange={setEnds}
              />
            )}
          </Field>
          {ends === 'on' && (
            <Field label="Last day" error={noDay ? 'A day that is not over.' : fault('/expires_at')}>
              {(field) => <Input {...field} type="date" min={daysFrom(serverNow(), 0)} value={day} onChange={(event) => setDay(event.target.value)} />}
            </Field>
          )}
        </Row>
      </Form>
    </Dialog>
  );
}
