import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useId, useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Field, Input, Select, toast } from '../../../ui';
import { FormDialog } from '../common/FormDialog';
import { cronWords } from '../common/cron';
import parts from '../common/parts.module.css';

type Schedule = components['schemas']['Schedule'];
type CatchUp = components['schemas']['CatchUp'];

export const CATCH_UP: readonly { value: CatchUp; label: string }[] = [
  { value: 'skip', label: 'Are skipped' },
  { value: 'one', label: 'One job for all' },
  { value: 'all', label: 'A job for each' },
];

export function EditSchedule({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const queries = useQueryClient();
  const zones = useId();
  const [cron, setCron] = useState(schedule.cron);
  const [tz, setTz] = useState(schedule.tz);
  const [catchUp, setCatchUp] = useState(schedule.catch_up as CatchUp);
  const changes = {
    ...(cron.trim() !== schedule.cron && { cron: cron.trim() }),
    ...(tz.trim() !== schedule.tz && { tz: tz.trim() }),
    ...(catchUp !== schedule.catch_up && { catch_up: catchUp }),
  };
  const fields = cron.trim().split(/\s+/).length;
  const complete = fields === 5 || fields === 6;
  return (
    <FormDialog
      title={`Edit ${schedule.name}`}
      submit="Save the schedule"
      onClose={onClose}
      ready={complete && tz.trim() !== '' && Object.keys(changes).length > 0}
      onSubmit={async (reason) => {
        const path = { name: schedule.name };
        await unwrap(http.PATCH('/api/schedules/{name}', { params: { path }, body: { ...changes, ...(reason && { reason }) } }));
        await queries.invalidateQueries({ queryKey: ['schedules'] });
        toast({ kind: 'success', title: `${schedule.name} was changed` });
      }}
    >
      <Field
        label="Cron expression"
        hint={complete ? (cronWords(cron) ?? 'The server checks it.') : undefined}
        error={complete ? undefined : 'Five fields: minute, hour, day, month, weekday. Or six with seconds in front.'}
      >
        {(field) => <Input {...field} className={parts.mono} spellCheck={false} value={cron} onChange={(event) => setCron(event.target.value)} />}
      </Field>
      <div className={parts.row}>
        <Field label="Time zone">
          {(field) => (
            <>
              <Input {...field} list={zones} value={tz} onChange={(event) => setTz(event.target.value)} />
              <datalist id={zones}>
                {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label="Missed ticks">{(field) => <Select {...field} value={catchUp} choices={CATCH_UP} onChange={setCatchUp} />}</Field>
      </div>
    </FormDialog>
  );
}
