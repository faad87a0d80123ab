import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useState } from 'react';
import { http, unwrap, unwrapAnswer } from '../../data/http';
import { Problem } from '../../data/problem';
import { toast, toastProblem } from '../../ui';
import { conflicts, foreseen } from './edit';
import type { Change, Task, TaskWithHistory } from './types';

const keyOf = (id: string) => ['task', id, 'task'] as const;

function fetchTask(id: string, signal?: AbortSignal): Promise<TaskWithHistory> {
  return unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: id } }, ...(signal && { signal }) }));
}

export function useTask(id: string) {
  return useQuery({ queryKey: keyOf(id), queryFn: ({ signal }) => fetchTask(id, signal) });
}

/** Somebody else has changed the same field first. */
export interface Conflict {
  change: Change;
  fields: (keyof Change)[];
  current: Task;
}

export interface Editing {
  task: Task;
  /** Whether it took effect; refusals are told by a toast, conflicts by the page. `base`: what the person saw. */
  save: (change: Change, base?: Task) => Promise<boolean>;
  saving: boolean;
  /** For readers: what was saved last. */
  saved: string;
  conflict: Conflict | undefined;
  dismissConflict: () => void;
}

const EditingContext = createContext<Editing | undefined>(undefined);
export const EditingProvider = EditingContext.Provider;

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error('outside of a task');
  return editing;
}

/** How often a change is tried again because somebody changed another field meanwhile. */
const ATTEMPTS = 4;

/** Changes of the task: shown at once, taken back if refused, never over somebody else's change of the same field. */
export function useTaskEditing(task: Task | undefined): Omit<Editing, 'task'> {
  const queries = useQueryClient();
  const [pending, setPending] = useState(0);
  const [conflict, setConflict] = useState<Conflict>();
  const [saved, setSaved] = useState('');

  const save = useCallback(
    async (change: Change, seen?: Task) => {
      const base = seen ?? task;
      if (!base) return false;
      const key = keyOf(base.task_id);
      const show = (next: Task) => queries.setQueryData(key, (old: TaskWithHistory | undefined) => old && { ...old, task: next });
      let current = queries.getQueryData<TaskWithHistory>(key)?.task ?? base;
      setPending((n) => n + 1);
      setConflict(undefined);
      await queries.cancelQueries({ queryKey: key });
      try {
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const fields = conflicts(change, base, current);
          if (fields.length > 0) {
            setConflict({ change, fields, current });
            return false;
          }
          show(foreseen(current, change));
          try {
            const { data, response } = await unwrapAnswer(
              http.PUT('/api/workflow/update/{task_id}', {
                params: { path: { task_id: base.task_id }, header: { 'If-Match': `"${current.version}"`, Prefer: 'wait=10' } },
                body: change,
              }),
            );
            if (response.status === 202) toast({ kind: 'info', title: 'The change is accepted and will take effect soon' });
            else if (data && 'task' in data) {
              show(data.task);
              setSaved(`Saved, version ${data.task.version}`);
            }
            return true;
          } catch (cause) {
            if (Problem.of(cause).status !== 412) throw cause;
            const fresh = await fetchTask(base.task_id);
            queries.setQueryData(key, fresh);
            current = fresh.task;
          }
        }
        setConflict({ change, fields: Object.keys(change) as (keyof Change)[], current });
        return false;
      } catch (cause) {
        show(current);
        toastProblem(cause, 'The change was not saved');
        return false;
      } finally {
        setPending((n) => n - 1);
        void queries.invalidateQueries({ queryKey: ['task', base.task_id] });
      }
    },
    [queries, task],
  );

  return { save, saving: pending > 0, saved, conflict, dismissConflict: () => setConflict(undefined) };
}
