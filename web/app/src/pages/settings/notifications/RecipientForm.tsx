import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { CATEGORIES, type Category } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import type { Problem } from '../../../data/problem';
import { Button, Checkbox, Combobox, Dialog, Field, Input, Select, Textarea, toast } from '../../../ui';
import { HERE, lines, ZONES } from '../shared/choices';
import { Choices, Form, FormProblem, Row } from '../shared/Form';
import { faultIn } from '../shared/pointer';

export type Recipient = components['schemas']['NotificationRecipient'];
type Request = components['schemas']['NotificationRecipientRequest'];
type Notice = Recipient['events'][number];

export const NOTICES: readonly { value: Notice; label: string }[] = [
  { value: 'warning', label: 'Warning' },
  { value: 'breach', label: 'Missed deadline' },
  { value: 'alert', label: 'Critical alert' },
  { value: 'escalated', label: 'Escalation' },
];

/** The settings as they are saved. */
export function requestOf(recipient: Recipient): Request {
  const { address, name, mode, cron, tz, events, owners, categories, mailboxes, paused, quiet_hours } = recipient;
  return { address, name, mode, cron, tz, events, owners, categories: categories as Category[], mailboxes, paused, quiet_hours };
}

export function RecipientForm({ recipient, onClose }: { recipient?: Recipient | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const [address, setAddress] = useState(recipient?.address ?? '');
  const [name, setName] = useState(recipient?.name ?? '');
  const [events, setEvents] = useState<Notice[]>(recipient?.events ?? NOTICES.map(({ value }) => value));
  const [mode, setMode] = useState(recipient?.mode ?? 'immediate');
  const [cron, setCron] = useState(recipient?.cron ?? '0 8 * * 1-5');
  const [tz, setTz] = useState(recipient?.tz ?? HERE);
  const [owners, setOwners] = useState(recipient?.owners.join('\n') ?? '');
  const [mailboxes, setMailboxes] = useState(recipient?.mailboxes.join('\n') ?? '');
  const [categories, setCategories] = useState((recipient?.categories ?? []) as Category[]);
  const [quiet, setQuiet] = useState(recipient?.quiet_hours != null);
  const [from, setFrom] = useState(recipient?.quiet_hours?.from ?? '22:00');
  const [to, setTo] = useState(recipient?.quiet_hours?.to ?? '07:00');
  const [paused, setPaused] = useState(recipient?.paused ?? false);
  const save = useMutation<Recipient, Problem>({
    mutationFn: () => {
      const body: Request = {
        address: address.trim(),
        name: name.trim() || null,
        events,
        mode,
        tz,
        owners: lines(owners),
        mailboxes: lines(mailboxes),
        categories,
        paused,
        quiet_hours: quiet ? { from, to, tz } : null,
        ...(mode === 'digest' && { cron: cron.trim() }),
      };
      return recipient
        ? unwrap(http.PUT('/api/notifications/{recipient_id}', { params: { path: { recipient_id: recipient.id } }, body }))
        : unwrap(http.POST('/api/notifications', { body }));
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: ['notifications'] });
      toast({ kind: 'success', title: `${saved.name ?? saved.address} was saved` });
      onClose();
    },
  });
  const submit = () => !save.isPending && save.mutate();
  const fault = (place: string) => faultIn(save.error, place);
  return (
    <Dialog
      open
      title={recipient ? 'Edit recipient' : 'New recipient'}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={save.isPending} onClick={submit}>
            {recipient ? 'Save' : 'Add recipient'}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem problem={save.error} shown={['/address', '/name', '/events', '/cron', '/tz', '/owners', '/mailboxes', '/categories', '/quiet_hours']} />
        <Row>
          <Field label="Address" error={fault('/address')}>
            {(field) => <Input {...field} type="email" value={address} onChange={(event) => setAddress(event.target.value)} />}
          </Field>
          <Field label="Name" error={fault('/name')}>
            {(field) => <Input {...field} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        </Row>
        <Choices label="Is told of" error={fault('/events')} choices={NOTICES} selected={events} onChange={setEvents} />
        <Row>
          <Field label="When">
            {(field) => (
              <Select
                {...field}
                value={mode}
                choices={[
                  { value: 'immediate', label: 'At once' },
                  { value: 'digest', label: 'As a digest' },
                ]}
                onChange={setMode}
              />
            )}
          </Field>
          {mode === 'digest' && (
            <Field label="Times of the digest" hint="Minute, hour, day, month, weekday." error={fault('/cron')}>
              {(field) => <Input {...field} spellCheck={false} value={cron} onChange={(event) => setCron(event.target.value)} />}
            </Field>
          )}
          <Field label="Time zone" error={fault('/tz')}>
            {(field) => <Combobox {...field} value={tz} choices={ZONES} onChange={setTz} />}
          </Field>
        </Row>
        <Checkbox label="Quiet hours" checked={quiet} onChange={setQuiet} />
        {quiet && (
          <Row>
            <Field label="From" error={fault('/quiet_hours/from')}>
              {(field) => <Input {...field} type="time" value={from} onChange={(event) => setFrom(event.target.value)} />}
            </Field>
            <Field label="To" hint="Over midnight if it is earlier." error={fault('/quiet_hours/to') ?? fault('/quiet_hours/tz')}>
              {(field) => <Input {...field} type="time" value={to} onChange={(event) => setTo(event.target.value)} />}
            </Field>
          </Row>
        )}
        <Choices
          label="Only of these categories"
          hint="Any if none is chosen."
          error={fault('/categories')}
          choices={CATEGORIES.map((value) => ({ value, label: value }))}
          selected={categories}
          onChange={setCategories}
        />
        <Row>
          <Field label="Only of these owners" hint="One a line. Any if empty." error={fault('/owners')}>
            {(field) => <Textarea {...field} rows={2} value={owners} onChange={(event) => setOwners(event.target.value)} />}
          </Field>
          <Field label="Only of these mailboxes" hint="One a line. Any if empty." error={fault('/mailboxes')}>
            {(field) => <Textarea {...field} rows={2} value={mailboxes} onChange={(event) => setMailboxes(event.target.value)} />}
          </Field>
        </Row>
        <Checkbox label="Paused: tell them nothing for now" checked={paused} onChange={setPaused} />
      </Form>
    </Dialog>
  );
}
