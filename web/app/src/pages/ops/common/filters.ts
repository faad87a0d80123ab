import { STATES, type JobFilter, type JobState } from './jobs';

/** Filters of one value. */
const SINGLE = ['q', 'error', 'task_id', 'worker', 'schedule', 'from', 'to'] as const;
export type Single = (typeof SINGLE)[number];

/** What the address says. */
export function readFilter(params: URLSearchParams): JobFilter {
  const filter: JobFilter = {};
  const state = params.getAll('state').filter((value): value is JobState => STATES.includes(value as JobState));
  if (state.length > 0) filter.state = state;
  for (const key of ['queue', 'kind'] as const) {
    const values = params.getAll(key).filter(Boolean);
    if (values.length > 0) filter[key] = values;
  }
  for (const key of SINGLE) {
    const value = params.get(key)?.trim();
    if (!value) continue;
    if (key !== 'from' && key !== 'to') filter[key] = value;
    else if (!Number.isNaN(Date.parse(value))) filter[key] = new Date(value).toISOString();
  }
  return filter;
}

/** The address of the list of exactly these jobs. */
export function jobsLink(filter: JobFilter): string {
  const params = new URLSearchParams();
  // One order, so that the same filters have the same address.
  for (const [key, value] of Object.entries(filter).sort(([a], [b]) => a.localeCompare(b))) {
    for (const each of Array.isArray(value) ? value : [value]) if (each) params.append(key, String(each));
  }
  const query = params.toString();
  return query ? `/ops/jobs?${query}` : '/ops/jobs';
}

/** Whether anything but states is asked for. */
export function isNarrowed({ state: _, ...rest }: JobFilter): boolean {
  return Object.keys(rest).length > 0;
}

/** In words, for those who are about to act on it: `discarded, of email, with "timeout" in the error`. */
export function filterWords(filter: JobFilter): string {
  const list = (values: readonly string[]) => values.join(' or ');
  return [
    filter.state?.length && list(filter.state),
    filter.kind?.length && `of kind ${list(filter.kind)}`,
    filter.queue?.length && `on ${list(filter.queue)}`,
    filter.q && `with “${filter.q}” in the arguments`,
    filter.error && `with “${filter.error}” in an error`,
    filter.task_id && `of task ${filter.task_id}`,
    filter.worker && `run by ${filter.worker}`,
    filter.schedule && `made by ${filter.schedule}`,
    filter.from && `accepted since ${filter.from.slice(0, 16).replace('T', ' ')} UTC`,
    filter.to && `accepted until ${filter.to.slice(0, 16).replace('T', ' ')} UTC`,
  ]
    .filter(Boolean)
    .join(', ');
}
