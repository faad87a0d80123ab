import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CATEGORIES } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import type { Problem } from '../../../data/problem';
import { Button, Checkbox, Dialog, Field, Input, Select, Textarea, toast } from '../../../ui';
import { lines } from '../shared/choices';
import { Choices, Form, FormProblem, Row } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import { ifMatch, type Team } from './data';

export function TeamForm({ team, onClose }: { team?: Team | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(team?.name ?? '');
  const [position, setPosition] = useState(String(team?.position ?? 0));
  const [strategy, setStrategy] = useState(team?.strategy ?? 'least_loaded');
  const [categories, setCategories] = useState(team?.categories ?? []);
  const [mailboxes, setMailboxes] = useState(team?.mailboxes.join('\n') ?? '');
  const [takeOver, setTakeOver] = useState(team?.reassign_on_absence ?? false);
  const save = useMutation<Team, Problem>({
    mutationFn: () =>
      unwrap(
        http.PUT('/api/teams/{team}', {
          params: { path: { team: name.trim() }, ...ifMatch(team?.version) },
          body: { position: Number(position), strategy, categories, mailboxes: lines(mailboxes), reassign_on_absence: takeOver },
        }),
      ),
    onSuccess: (saved) => {
      for (const topic of ['people', 'teams', 'assignment'] as const) void queries.invalidateQueries({ queryKey: [topic] });
      toast({ kind: 'success', title: `${saved.name} was saved` });
      onClose();
    },
  });
  const submit = () => !save.isPending && name.trim() !== '' && save.mutate();
  const fault = (place: string) => faultIn(save.error, place);
  return (
    <Dialog
      open
      title={team?.name ?? 'New team'}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={name.trim() === ''} busy={save.isPending} onClick={submit}>
            {team ? 'Save' : 'Add team'}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem problem={save.error} shown={['/position', '/strategy', '/categories', '/mailboxes']} />
        <Row>
          {!team && <Field label="Name">{(field) => <Input {...field} value={name} onChange={(event) => setName(event.target.value)} />}</Field>}
          <Field label="Position" hint="Teams are asked in this order." error={fault('/position')}>
            {(field) => <Input {...field} type="number" min={0} value={position} onChange={(event) => setPosition(event.target.value)} />}
          </Field>
          <Field label="Gives a task to" error={fault('/strategy')}>
            {(field) => (
              <Select
                {...field}
                value={strategy}
                choices={[
                  { value: 'least_loaded', label: 'The least loaded' },
                  { value: 'round_robin', label: 'Each in turn' },
                ]}
                onChange={setStrategy}
              />
            )}
          </Field>
        </Row>
        <Choices label="Categories it serves" hint="All if none is chosen." error={fault('/categories')} choices={CATEGORIES.map((value) => ({ value, label: value }))} selected={categories} onChange={setCategories} />
        <Field label="Mailboxes it serves" hint="One a line. All if empty." error={fault('/mailboxes')}>
          {(field) => <Textarea {...field} rows={2} value={mailboxes} onChange={(event) => setMailboxes(event.target.value)} />}
        </Field>
        <Checkbox label="Others take over what somebody has when an absence begins" checked={takeOver} onChange={setTakeOver} />
      </Form>
    </Dialog>
  );
}
