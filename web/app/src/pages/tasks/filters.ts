import type { components, paths } from '@workflow-intelligence/client';
import { CATEGORIES } from '../../data/categories';
import { dateTime, money, words } from '../../data/format';
import { PRIORITIES, STATUSES } from '../../ui';

export type TaskRow = components['schemas']['TaskRow'];
export type TaskFilter = components['schemas']['TaskFilter'];
type Asked = NonNullable<paths['/api/workflow/list']['get']['parameters']['query']>;
export type SortKey = NonNullable<Asked['sort']>;
export type Direction = NonNullable<Asked['direction']>;

/** What the address says about the list; everything has the API's own name. */
export interface ListQuery {
  filter: TaskFilter;
  sort: SortKey;
  direction: Direction;
  /** Rows at most, where a link says so: the largest one alone. */
  most: number | undefined;
}

export const STATES: readonly components['schemas']['WorkflowState'][] = ['START_POINT', 'IN_PROGRESS', 'COMPLETION'];
export const SLA_STATES: readonly components['schemas']['SlaState'][] = [
  'ok',
  'warning',
  'critical',
  'violated',
  'paused',
  'met',
  'missed',
  'none',
];
const SORTS: readonly SortKey[] = ['created_at', 'updated_at', 'sla_deadline', 'dollar_value', 'priority'];

/** Parameters that may be given more than once, with what they may be; null is any text. */
const LISTS = {
  status: STATUSES,
  category: CATEGORIES,
  priority: PRIORITIES,
  owner: null,
  state: STATES,
  mailbox: null,
  sla_state: SLA_STATES,
  tag: null,
  owner_email: null,
  watcher: null,
} as const satisfies Partial<Record<keyof TaskFilter, readonly string[] | null>>;
export type ListName = keyof typeof LISTS;
const INSTANTS = ['created_from', 'created_to', 'due_from', 'due_to', 'completed_from', 'completed_to'] as const;
const NUMBERS = ['min_value', 'max_value'] as const;
const FLAGS = ['open', 'unassigned', 'unaddressed', 'has_deadline', 'completed_in_time'] as const;
export type InstantName = (typeof INSTANTS)[number];
export type FlagName = (typeof FLAGS)[number];
export type FilterName = keyof TaskFilter;

const LIST_NAMES = Object.keys(LISTS) as ListName[];

/** Reads the address. What the API would not take is passed over. */
export function readQuery(params: URLSearchParams): ListQuery {
  const filter: Record<string, unknown> = {};
  for (const name of LIST_NAMES) {
    const allowed: readonly string[] | null = LISTS[name];
    const values = [...new Set(params.getAll(name))].filter((value) => value !== '' && (!allowed || allowed.includes(value)));
    if (values.length > 0) filter[name] = values;
  }
  const q = params.get('q')?.trim();
  if (q) filter.q = q;
  for (const name of INSTANTS) {
    const value = params.get(name);
    // As it is written: the API's own links are finer than a Date.
    if (value && !Number.isNaN(Date.parse(value))) filter[name] = value;
  }
  for (const name of NUMBERS) {
    const value = params.get(name);
    if (value && Number.isFinite(Number(value))) filter[name] = Number(value);
  }
  for (const name of FLAGS) {
    const value = params.get(name);
    if (value === 'true' || value === 'false') filter[name] = value === 'true';
  }
  const limit = Number(params.get('limit'));
  return {
    filter: filter as TaskFilter,
    sort: SORTS.find((sort) => sort === params.get('sort')) ?? 'created_at',
    direction: params.get('direction') === 'asc' ? 'asc' : 'desc',
    most: Number.isInteger(limit) && limit > 0 ? limit : undefined,
  };
}

/** Filters as parameters of the API, which are those of the address as well. */
export function filterParams(filter: TaskFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  return params;
}

/** The address of a list: the same list has the same one. */
export function queryParams({ filter, sort, direction, most }: ListQuery): URLSearchParams {
  const params = filterParams(filter);
  if (sort !== 'created_at' || direction !== 'desc') {
    params.set('sort', sort);
    params.set('direction', direction);
  }
  if (most !== undefined) params.set('limit', String(most));
  return params;
}

/** Whether two addresses show the same list. */
export function sameList(a: URLSearchParams, b: URLSearchParams): boolean {
  const text = (params: URLSearchParams) => {
    const sorted = queryParams(readQuery(params));
    sorted.sort();
    return sorted.toString();
  };
  return text(a) === text(b);
}

/** A copy with some filters changed; undefined and empty lists take one away. */
export function withFilter(query: ListQuery, change: Partial<Record<FilterName, unknown>>): ListQuery {
  const filter: Record<string, unknown> = { ...query.filter };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) delete filter[name];
    else filter[name] = value;
  }
  return { ...query, filter: filter as TaskFilter };
}

/** What is filtered by, as one can read and remove it. */
export interface Chip {
  key: string;
  names: FilterName[];
  label: string;
  value: string;
}

const LIST_LABELS: Record<ListName, string> = {
  status: 'Status',
  category: 'Category',
  priority: 'Priority',
  owner: 'Owner',
  state: 'State',
  mailbox: 'Mailbox',
  sla_state: 'SLA',
  tag: 'Tag',
  owner_email: 'Owner address',
  watcher: 'Watcher',
};
export const FLAG_LABELS: Record<FlagName, [label: string, yes: string, no: string]> = {
  open: ['Completion', 'Open', 'Completed'],
  unassigned: ['Assignment', 'Unassigned', 'Assigned'],
  unaddressed: ['Owner address', 'Missing', 'Given'],
  has_deadline: ['Deadline', 'With a deadline', 'Without a deadline'],
  completed_in_time: ['Completed', 'In time', 'Late'],
};
export const labelOf = (name: ListName): string => LIST_LABELS[name];

const SPOKEN = new Set<ListName>(['status', 'priority', 'state', 'sla_state']);
/** A value of a list as people say it. */
export const valueLabel = (name: ListName, value: string): string =>
  name === 'sla_state' && value === 'ok' ? 'OK' : SPOKEN.has(name) ? words(value) : value;

function range(from: string | undefined, to: string | undefined): string {
  if (from && to) return `${from} – ${to}`;
  return from ? `from ${from}` : `until ${to}`;
}

export function chips({ filter }: ListQuery): Chip[] {
  const made: Chip[] = [];
  if (filter.q) made.push({ key: 'q', names: ['q'], label: 'Search', value: filter.q });
  for (const name of LIST_NAMES) {
    const values = filter[name];
    if (!values?.length) continue;
    const said = values.map((value) => valueLabel(name, value));
    const value = said.length > 3 ? `${said.slice(0, 2).join(', ')} and ${said.length - 2} more` : said.join(', ');
    made.push({ key: name, names: [name], label: labelOf(name), value });
  }
  for (const [label, from, to] of [
    ['Created', 'created_from', 'created_to'],
    ['Due', 'due_from', 'due_to'],
    ['Completed', 'completed_from', 'completed_to'],
  ] as const) {
    if (filter[from] === undefined && filter[to] === undefined) continue;
    const said = (at: string | undefined) => at && dateTime(at);
    made.push({ key: from, names: [from, to], label, value: range(said(filter[from]), said(filter[to])) });
  }
  if (filter.min_value !== undefined || filter.max_value !== undefined) {
    const said = (value: number | undefined) => (value === undefined ? undefined : money(value).replace(/\.00$/, ''));
    made.push({ key: 'value', names: ['min_value', 'max_value'], label: 'Value', value: range(said(filter.min_value), said(filter.max_value)) });
  }
  for (const name of FLAGS) {
    const value = filter[name];
    if (value === undefined) continue;
    const [label, yes, no] = FLAG_LABELS[name];
    made.push({ key: name, names: [name], label, value: value ? yes : no });
  }
  return made;
}

/** What a bulk change of everything that is listed is about; the API asks for one condition at least. */
export function bulkFilter(filter: TaskFilter): TaskFilter {
  return Object.keys(filter).length > 0 ? filter : { created_from: '1970-01-01T00:00:00Z' };
}
