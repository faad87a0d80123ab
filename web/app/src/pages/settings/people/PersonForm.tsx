import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CATEGORIES, type Category } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import { toLocal } from '../../../data/local';
import type { Problem } from '../../../data/problem';
import { Button, Checkbox, Combobox, Dialog, Field, IconButton, Input, Select, toast } from '../../../ui';
import { HERE, ZONES } from '../shared/choices';
import { Form, FormProblem, Group, Row } from '../shared/Form';
import { faultIn } from '../shared/pointer';
import { ifMatch, type Person, type Team } from './data';
import styles from './People.module.css';

const LEVELS = ['1', '2', '3', '4', '5'] as const;

export function PersonForm({ person, teams, onClose }: { person?: Person | undefined; teams: readonly Team[]; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(person?.name ?? '');
  const [email, setEmail] = useState(person?.email ?? '');
  const [team, setTeam] = useState(person?.team ?? '');
  const [capacity, setCapacity] = useState(String(person?.capacity ?? 20));
  const [zone, setZone] = useState(person?.zone ?? HERE);
  const [active, setActive] = useState(person?.active ?? true);
  const [skills, setSkills] = useState(() => (person?.skills ?? []).map(({ category, mailbox, level }) => ({ category: category ?? '', mailbox: mailbox ?? '', level: String(level) })));
  const [absences, setAbsences] = useState(() => (person?.absences ?? []).map(({ from, to }) => ({ from: toLocal(from), to: toLocal(to) })));
  const instant = (text: string) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString());
  const save = useMutation<Person, Problem>({
    mutationFn: () =>
      unwrap(
        http.PUT('/api/people/{person}', {
          params: { path: { person: name.trim() }, ...ifMatch(person?.version) },
          body: {
            capacity: Number(capacity),
            active,
            email: email.trim() || null,
            team: team || null,
            zone: zone || null,
            skills: skills.map((skill) => ({ level: Number(skill.level), ...(skill.category ? { category: skill.category as Category } : { mailbox: skill.mailbox.trim() }) })),
            absences: absences.map(({ from, to }) => ({ from: instant(from), to: instant(to) })),
          },
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
  const at = <T,>(list: T[], place: number, change: Partial<T>) => list.map((old, other) => (other === place ? { ...old, ...change } : old));
  return (
    <Dialog
      open
      size="lg"
      title={person?.name ?? 'New person'}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={name.trim() === ''} busy={save.isPending} onClick={submit}>
            {person ? 'Save' : 'Add person'}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit}>
        <FormProblem problem={save.error} shown={['/email', '/team', '/capacity', '/zone', '/skills', '/absences']} />
        <Row>
          {!person && (
            <Field label="Name" hint="As it is written as the owner of tasks.">
              {(field) => <Input {...field} value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
          )}
          <Field label="Address" error={fault('/email')}>
            {(field) => <Input {...field} type="email" value={email} onChange={(event) => setEmail(event.target.value)} />}
          </Field>
        </Row>
        <Row>
          <Field label="Team" hint="Without one they are given nothing." error={fault('/team')}>
            {(field) => <Select {...field} value={team} choices={[{ value: '', label: 'None' }, ...teams.map((one) => ({ value: one.name, label: one.name }))]} onChange={setTeam} />}
          </Field>
          <Field label="Capacity" hint="Open tasks they are given at most." error={fault('/capacity')}>
            {(field) => <Input {...field} type="number" min={0} value={capacity} onChange={(event) => setCapacity(event.target.value)} />}
          </Field>
          <Field label="Time zone" error={fault('/zone')}>
            {(field) => <Combobox {...field} value={zone} choices={ZONES} onChange={setZone} />}
          </Field>
        </Row>
        <Group label="Skills" hint="Any category if none is named, any mailbox if none is. A greater level goes before." error={save.error?.at('/skills')}>
          {skills.map((skill, place) => (
            <div key={place} role="group" aria-label={`Skill ${place + 1}`} className={styles.line}>
              <Select aria-label={`Skill ${place + 1}: category`} value={skill.category} choices={[{ value: '', label: 'A mailbox:' }, ...CATEGORIES.map((value) => ({ value: value as string, label: value }))]} onChange={(category) => setSkills(at(skills, place, { category, mailbox: '' }))} />
              <Field label={`Skill ${place + 1}: mailbox`} hideLabel error={fault(`/skills/${place}`)}>
                {(field) => <Input {...field} disabled={skill.category !== ''} placeholder="Mailbox" value={skill.mailbox} onChange={(event) => setSkills(at(skills, place, { mailbox: event.target.value }))} />}
              </Field>
              <Select aria-label={`Skill ${place + 1}: level`} value={skill.level} choices={LEVELS.map((value) => ({ value: value as string, label: `Level ${value}` }))} onChange={(level) => setSkills(at(skills, place, { level }))} />
              <IconButton icon="trash" label={`Remove skill ${place + 1}`} onClick={() => setSkills(skills.filter((_, other) => other !== place))} />
            </div>
          ))}
          <div>
            <Button size="sm" icon="plus" onClick={() => setSkills([...skills, { category: 'General Support', mailbox: '', level: '3' }])}>
              Add a skill
            </Button>
          </div>
        </Group>
        <Group label="Absences" hint="In your time zone." error={save.error?.at('/absences')}>
          {absences.map((absence, place) => (
            <div key={place} role="group" aria-label={`Absence ${place + 1}`} className={styles.line}>
              <Field label={`Absence ${place + 1}: from`} hideLabel error={fault(`/absences/${place}`)}>
                {(field) => <Input {...field} type="datetime-local" value={absence.from} onChange={(event) => setAbsences(at(absences, place, { from: event.target.value }))} />}
              </Field>
              <Input type="datetime-local" aria-label={`Absence ${place + 1}: to`} value={absence.to} onChange={(event) => setAbsences(at(absences, place, { to: event.target.value }))} />
              <span />
              <IconButton icon="trash" label={`Remove absence ${place + 1}`} onClick={() => setAbsences(absences.filter((_, other) => other !== place))} />
            </div>
          ))}
          <div>
            <Button size="sm" icon="plus" onClick={() => setAbsences([...absences, { from: toLocal(Date.now()), to: toLocal(Date.now() + 86_400_000) }])}>
              Add an absence
            </Button>
          </div>
        </Group>
        <Checkbox label="Is given tasks" checked={active} onChange={setActive} />
      </Form>
    </Dialog>
  );
}
