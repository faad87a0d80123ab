import type { components } from '@workflow-intelligence/client';
import { http, unwrap, unwrapAnswer } from '../../data/http';
import { Problem } from '../../data/problem';
import type { ListFilters } from './filters';
import type { ColumnSpec, TaskRow, Updates } from './model';

export type History = components['schemas']['HistoryEntry'];
type Category = components['schemas']['Category'];

export interface Page {
  rows: TaskRow[];
  next: string | null;
  /** Null on pages by cursor. */
  total: number | null;
}

/** What the board asks of the server. */
export interface BoardApi {
  list(query: ListFilters & ColumnSpec['query'] & ColumnSpec['order'] & { limit: number; cursor?: string }): Promise<Page>;
  get(id: string): Promise<{ task: TaskRow; history: History[] }>;
  /** The changed task; throws the refusal. Waits for as long as the change is queued, after `onQueued`. */
  update(id: string, version: number, updates: Updates, onQueued: () => void): Promise<TaskRow>;
}

const POLL = 1000;
const pause = () => new Promise((resolve) => setTimeout(resolve, POLL));

/** Waits for a change that the server has accepted and not yet made. */
async function outcome(job: string): Promise<void> {
  for (;;) {
    await pause();
    const { state, result } = await unwrap(http.GET('/api/jobs/{job_id}', { params: { path: { job_id: job } } }));
    if (state === 'cancelled' || state === 'discarded') {
      throw new Problem(409, { title: 'The change was dropped', detail: `Its job ${job} was ${state}.` });
    }
    if (state !== 'completed') continue;
    const status = (result as { status?: number; detail?: string } | null)?.status ?? 200;
    if (status >= 400) throw new Problem(status, { detail: (result as { detail?: string }).detail ?? 'The change was refused.' });
    return;
  }
}

export const api: BoardApi = {
  async list({ category, ...query }) {
    const { tasks, pagination } = await unwrap(
      http.GET('/api/workflow/list', { params: { query: { ...query, ...(category && { category: category as Category[] }) } } }),
    );
    return { rows: tasks, next: pagination.next_cursor ?? null, total: pagination.total ?? null };
  },
  get: (id) => unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: id } } })),
  async update(id, version, updates, onQueued) {
    const { data, response } = await unwrapAnswer(
      http.PUT('/api/workflow/update/{task_id}', {
        params: { path: { task_id: id }, header: { 'If-Match': `"${version}"` } },
        body: updates,
      }),
    );
    if (response.status !== 202 && 'task' in data) return data.task;
    onQueued();
    await outcome(data.job_id);
    return (await this.get(id)).task;
  },
};
