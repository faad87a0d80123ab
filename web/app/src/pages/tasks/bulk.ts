import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../data/http';
import { count } from '../../data/format';
import { Store } from '../../data/store';
import { toast, toastProblem } from '../../ui';
import type { Updates } from './edit';
import { bulkFilter, type TaskFilter } from './filters';

/** Milliseconds between two looks at a job. */
const LOOK = 500;
const OVER: readonly components['schemas']['JobState'][] = ['completed', 'cancelled', 'discarded'];

/** Which tasks a bulk change is about. */
export type Target = { ids: readonly string[] } | { filter: TaskFilter };

/** A change that is being made. */
export interface BulkRun {
  job: string;
  undo: boolean;
  matched: number;
  done: number;
}

export interface Account {
  matched: number;
  done: number;
  changed: number;
  unchanged: number;
  failed: number;
}

/** Changes under way; they go on when the page is left. */
export const bulkRuns = new Store<readonly BulkRun[]>([]);

const body = (target: Target, updates: Updates) => ({
  ...('ids' in target ? { ids: [...target.ids] } : { filter: bulkFilter(target.filter) }),
  updates,
});

export const previewBulk = async (target: Target, updates: Updates, signal: AbortSignal) => {
  const answer = await unwrap(http.POST('/api/workflow/bulk', { body: { ...body(target, updates), dry_run: true }, signal }));
  return answer as components['schemas']['BulkUpdatePreview'];
};

/** Starts the change, follows it and says what came of it. `onEnd` is called after a change and after its undoing. */
export async function applyBulk(target: Target, updates: Updates, reason: string, onEnd: () => void): Promise<void> {
  const accepted = (await unwrap(
    http.POST('/api/workflow/bulk', { body: { ...body(target, updates), ...(reason && { reason }) } }),
  )) as components['schemas']['BulkUpdateAccepted'];
  void follow(accepted, false, onEnd);
}

async function undoBulk(job: string, onEnd: () => void): Promise<void> {
  try {
    const accepted = await unwrap(http.POST('/api/workflow/bulk/{job_id}/undo', { params: { path: { job_id: job } }, body: {} }));
    await follow(accepted, true, onEnd);
  } catch (cause) {
    toastProblem(cause, 'The change was not undone');
  }
}

async function follow({ job_id: job, matched }: components['schemas']['BulkUpdateAccepted'], undo: boolean, onEnd: () => void): Promise<void> {
  const tell = (done: number) =>
    bulkRuns.set([...bulkRuns.get().filter((run) => run.job !== job), { job, undo, matched, done }]);
  tell(0);
  try {
    for (;;) {
      const found = await unwrap(http.GET('/api/jobs/{job_id}', { params: { path: { job_id: job } } }));
      const account = accountOf(found.result) ?? accountOf(found.progress);
      if (account) tell(account.done);
      if (OVER.includes(found.state)) {
        summarise(job, found.state, account, undo, onEnd);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  } catch (cause) {
    toastProblem(cause, 'The change goes on, but could not be followed');
  } finally {
    bulkRuns.set(bulkRuns.get().filter((run) => run.job !== job));
    onEnd();
  }
}

function summarise(job: string, state: string, account: Account | undefined, undo: boolean, onEnd: () => void): void {
  if (state !== 'completed' || !account) {
    toast({ kind: 'error', title: undo ? 'The undoing did not finish' : 'The change did not finish', detail: `Job ${job} is ${state}.` });
    return;
  }
  const { changed, unchanged, failed } = account;
  const rest = [unchanged > 0 && `${count(unchanged, 'task')} needed no change`, failed > 0 && `${count(failed, 'task')} could not be changed`];
  toast({
    kind: failed > 0 ? 'warning' : 'success',
    title: `${count(changed, 'task')} ${undo ? 'put back' : 'changed'}`,
    detail: rest.filter(Boolean).join('. '),
    timeout: 20_000,
    ...(!undo && changed > 0 && { action: { label: 'Undo', onSelect: () => void undoBulk(job, onEnd) } }),
  });
}

/** The numbers of a job's progress or result. */
export function accountOf(value: unknown): Account | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const of = value as Partial<Record<keyof Account, unknown>>;
  const n = (key: keyof Account) => (typeof of[key] === 'number' ? of[key] : 0);
  return typeof of.matched === 'number'
    ? { matched: of.matched, done: n('done'), changed: n('changed'), unchanged: n('unchanged'), failed: n('failed') }
    : undefined;
}
