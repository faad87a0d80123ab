import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CATEGORIES, type Category } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import type { Problem } from '../../../data/problem';
import { Button, Dialog, Field, Input, STATUSES, Textarea, toast, type Status } from '../../../ui';
import { words } from '../../../data/format';
import { lines } from '../shared/choices';
import { Choices, Form, FormProblem } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import type { Webhook, WebhookRequest, WebhookWithSecret } from './hooks';

interface WebhookFormProps {
  /** The one to change; without it a new one is made. */
  webhook?: Webhook | undefined;
  onClose: () => void;
  onMade: (made: WebhookWithSecret) => void;
}

export function WebhookForm({ webhook, onClose, onMade }: WebhookFormProps) {
  const queries = useQueryClient();
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState(webhook?.events.join('\n') ?? '');
  const [owners, setOwners] = useState(webhook?.filter.owner.join('\n') ?? '');
  const [category, setCategory] = useState((webhook?.filter.category ?? []) as Category[]);
  const [status, setStatus] = useState((webhook?.filter.status ?? []) as Status[]);
  const save = useMutation<Webhook | WebhookWithSecret, Problem>({
    mutationFn: () => {
      const body: WebhookRequest = {
        url: url.trim(),
        description: description.trim() || null,
        events: lines(events),
        filter: { owner: lines(owners), category, status },
      };
      return webhook
        ? unwrap(http.PUT('/api/webhooks/{webhook_id}', { params: { path: { webhook_id: webhook.id } }, body }))
        : unwrap(http.POST('/api/webhooks', { body }));
    },
    onSuccess: (answer) => {
      void queries.invalidateQueries({ queryKey: ['webhooks'] });
      if ('secret' in answer) onMade(answer);
      else {
        toast({ kind: 'success', title: 'The webhook was saved' });
        onClose();
      }
    },
  });
  const submit = () => !save.isPending && save.mutate();
  const fault = (place: string) => faultIn(save.error, place);
  return (
    <Dialog
      open
      title={webhook ? 'Edit webhook' : 'New webhook'}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={save.isPending} onClick={submit}>
            {webhook ? 'Save' : 'Create webhook'}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem problem={save.error} shown={['/url', '/description', '/events', '/filter']} />
        <Field label="URL" hint="Where messages are sent: https, without user name and password." error={fault('/url')}>
          {(field) => <Input {...field} type="url" placeholder="https://example.com/hook" value={url} onChange={(event) => setUrl(event.target.value)} />}
        </Field>
        <Field label="Description" error={fault('/description')}>
          {(field) => <Input {...field} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <Field label="Events" hint="One a line; a name, or a pattern such as workflow:sla:*. All events if empty." error={fault('/events')}>
          {(field) => <Textarea {...field} rows={3} spellCheck={false} placeholder="workflow:sla:*" value={events} onChange={(event) => setEvents(event.target.value)} />}
        </Field>
        <Choices
          label="Only these categories"
          hint="Any if none is chosen."
          error={fault('/filter/category')}
          choices={CATEGORIES.map((value) => ({ value, label: value }))}
          selected={category}
          onChange={setCategory}
        />
        <Choices
          label="Only these colours"
          error={fault('/filter/status')}
          choices={STATUSES.map((value) => ({ value, label: words(value) }))}
          selected={status}
          onChange={setStatus}
        />
        <Field label="Only these owners" hint="One a line. Any if empty." error={fault('/filter/owner')}>
          {(field) => <Textarea {...field} rows={2} value={owners} onChange={(event) => setOwners(event.target.value)} />}
        </Field>
      </Form>
    </Dialog>
  );
}
