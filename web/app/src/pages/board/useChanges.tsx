import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { words } from '../../data/format';
import { Problem } from '../../data/problem';
import { PRIORITIES, toast, toastProblem, type Priority } from '../../ui';
import { announce } from './announcer';
import { columnOf, type ColumnSpec, type Owner, type TaskRow, type Updates } from './model';
import { changesSince, keptBy } from './sayings';
import type { BoardStore } from './store';

/** What can be done to a card; each says what came of it. */
export interface Changes {
  move: (task: TaskRow, to: ColumnSpec) => void;
  setPriority: (task: TaskRow, priority: Priority) => void;
  /** One step up or down. */
  shiftPriority: (task: TaskRow, up: boolean) => void;
  assign: (task: TaskRow, owner: Owner) => void;
}

export function useChanges(store: BoardStore, onMoved: (id: string) => void): Changes {
  const [, navigate] = useLocation();
  return useMemo(() => {
    const change = async (task: TaskRow, updates: Updates, done: string) => {
      const id = task.task_id;
      if (store.flags().pending.has(id)) return announce('It is still being saved.');
      announce(`${done}, saving.`);
      const saved = store.change(task, updates, () =>
        toast({ title: 'Waiting for the queue', detail: `The change of “${task.title}” is accepted and will be made when its turn comes.` }),
      );
      onMoved(id);
      try {
        const after = await saved;
        const kept = keptBy(after, updates);
        if (kept) {
          toast({ kind: 'warning', ...kept, timeout: 10_000, action: { label: 'Open task', onSelect: () => navigate(`/tasks/${encodeURIComponent(id)}`) } });
          announce(`${kept.title}.`);
        } else announce(`${done}.`);
      } catch (cause) {
        await refused(task, updates, done, Problem.of(cause));
      }
      onMoved(id);
    };

    const refused = async (task: TaskRow, updates: Updates, done: string, problem: Problem) => {
      const id = task.task_id;
      if (problem.missing) {
        store.remove(id);
        const merged = problem.mergedInto;
        toast({
          kind: 'warning',
          title: merged ? 'The task was merged into another' : 'The task is no longer there',
          detail: `“${task.title}” was changed elsewhere.`,
          ...(merged && { action: { label: 'Open it', onSelect: () => navigate(`/tasks/${encodeURIComponent(merged)}`) } }),
        });
        return announce('The task is no longer there.');
      }
      announce(`“${task.title}” is back where it was.`);
      if (!problem.conflict) return void toastProblem(problem, 'The card is back where it was');
      const fresh = await store.api.get(id).catch(() => undefined);
      if (!fresh) return void toastProblem(problem, 'The card is back where it was');
      store.show(fresh.task, true);
      const said = changesSince(fresh.history, task.version);
      toast({
        kind: 'warning',
        title: 'Somebody changed it first',
        detail: (
          <>
            “{task.title}” was not changed by you.
            {said.map((line, at) => (
              <span key={at}> {line}</span>
            ))}
          </>
        ),
        timeout: 15_000,
        action: { label: 'Do it anyway', onSelect: () => void change(fresh.task, updates, done) },
      });
    };

    const setPriority = (task: TaskRow, priority: Priority) => {
      if (priority !== task.priority) void change(task, { priority }, `Priority of “${task.title}” set to ${words(priority).toLowerCase()}`);
    };
    return {
      move: (task, to) => {
        if (columnOf(store.grouping, task) !== to.id) void change(task, to.updates, `“${task.title}” moved to ${to.label}`);
      },
      setPriority,
      shiftPriority: (task, up) => {
        const next = PRIORITIES[PRIORITIES.indexOf(task.priority) + (up ? -1 : 1)];
        if (next) setPriority(task, next);
        else announce(up ? 'The priority is the highest already.' : 'The priority is the lowest already.');
      },
      assign: (task, { name, email }) => {
        if (name === task.current_owner) return;
        void change(task, { current_owner: name, owner_email: email }, name ? `“${task.title}” assigned to ${name}` : `“${task.title}” unassigned`);
      },
    };
  }, [store, onMoved, navigate]);
}
