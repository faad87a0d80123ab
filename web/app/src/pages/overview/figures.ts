import type { components } from '@workflow-intelligence/client';

type Schemas = components['schemas'];
export type Metrics = Schemas['Metrics'];
export type Category = Schemas['CategoryPerformance'];
export type Owner = Schemas['OwnerWorkload'];
export type Analytics = Schemas['Analytics'];
export type Period = Schemas['Analytics']['period'];

export const PERIODS: readonly Period[] = ['day', 'week', 'month'];

const HOUR = 3_600_000;
const HOURS: Record<Period, number> = { day: 24, week: 168, month: 720 };
/** As the series of the same period has it: 24 hours, 7 days, 30 days. */
export const SPANS: Record<Period, string> = { day: '24 hours', week: '7 days', month: '30 days' };
/** Instants of the past that the line of the hero is drawn through. */
const STEPS: Record<Period, number> = { day: 6, week: 7, month: 6 };
/** Below this there is nothing to compare with. */
export const LEAST_PAST = HOUR;

type Lists = Readonly<Record<string, string>>;

/** Which list has the tasks of a figure. */
export interface Links {
  executive: Lists;
  realTime: Lists;
  categories: ReadonlyMap<string, Lists>;
  owners: ReadonlyMap<string, Lists>;
}

/** An owner is a name with an address: the same name may be there twice. */
export const ownerKey = ({ current_owner: name, owner_email: email }: Pick<Owner, 'current_owner' | 'owner_email'>): string =>
  JSON.stringify([name ?? null, email ?? null]);

/** `/api/workflow/list?status=RED` as the address of the page that shows this list. */
export function listAddress(link: string | undefined, more: Readonly<Record<string, string>> = {}): string | undefined {
  if (link === undefined) return undefined;
  const query = new URLSearchParams(link.split('?')[1] ?? '');
  // A list of one is no list to look at.
  query.delete('limit');
  for (const [name, value] of Object.entries(more)) if (!query.has(name)) query.set(name, value);
  const text = query.toString();
  return text ? `/tasks?${text}` : '/tasks';
}

/**
 * The links by the names of the rows: a frame of events replaces the rows, and may bring them in another order than
 * the links came in.
 */
export function linksOf(answer: Metrics): Links | undefined {
  const { links, categories, owners } = answer;
  return (
    links && {
      executive: links.executive,
      realTime: links.real_time,
      categories: new Map(categories.map((row, at) => [row.workflow_category, links.categories[at] ?? {}])),
      owners: new Map(owners.map((row, at) => [ownerKey(row), links.owners[at] ?? {}])),
    }
  );
}

/** When the period before `now` began; on the hour, so that many who look ask for the same instant. */
export function periodStart(period: Period, now: number): number {
  return Math.floor(now / HOUR) * HOUR - HOURS[period] * HOUR;
}

/** The instants to look at: evenly over the period, or over what is kept of it; none if that is too short. */
export function instants(period: Period, now: number, keptFrom: number | undefined): number[] {
  const start = Math.max(periodStart(period, now), keptFrom ?? 0);
  if (now - start < LEAST_PAST) return [];
  const step = (now - start) / STEPS[period];
  const first = keptFrom !== undefined && keptFrom >= start ? Math.ceil(start / 1000) * 1000 : start;
  // On the hour, so that a minute later they are the same.
  const rest = Array.from({ length: STEPS[period] - 1 }, (_, at) => Math.floor((start + step * (at + 1)) / HOUR) * HOUR);
  return [...new Set([first, ...rest.filter((instant) => instant > first)])];
}

/** From when on the past is kept, as the refusal of an earlier instant says. */
export function keptSince(detail: string): number | undefined {
  const found = /past is kept from (\S+)/.exec(detail)?.[1];
  const instant = found === undefined ? Number.NaN : Date.parse(found);
  return Number.isNaN(instant) ? undefined : instant;
}

export interface Totals {
  created: number;
  completed: number;
  late: number;
  overdue: number;
}

/** Sums over the buckets of a series. */
export function totals({ trends, sla_performance }: Analytics): Totals {
  return {
    created: trends.reduce((sum, row) => sum + row.new_tasks, 0),
    completed: trends.reduce((sum, row) => sum + row.completed_tasks, 0),
    late: sla_performance.reduce((sum, row) => sum + row.missed_slas, 0),
    overdue: sla_performance.reduce((sum, row) => sum + row.violated_slas, 0),
  };
}

/** One list for all buckets: from where the first begins to where the last ends. */
export function spanAddress(links: readonly Lists[] | undefined, figure: string): string | undefined {
  const first = links?.[0]?.[figure];
  const last = links?.at(-1)?.[figure];
  if (first === undefined || last === undefined) return undefined;
  const query = new URLSearchParams(first.split('?')[1]);
  for (const [name, value] of new URLSearchParams(last.split('?')[1])) if (name.endsWith('_to')) query.set(name, value);
  return `/tasks?${query}`;
}

/** Seconds since 1970 of a bucket that is named by a day of the viewer's zone. */
export function dayStart(date: string): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return new Date(year, month - 1, day).getTime() / 1000;
}

/** Deadlines of each bucket of the trends that were missed; null where a bucket is shorter than the days they are counted by. */
export function breaches({ period, trends, sla_performance }: Analytics): (number | null)[] {
  if (period === 'day') return trends.map(() => null);
  const days = new Map(sla_performance.map((row) => [dayStart(row.date), row.missed_slas + row.violated_slas]));
  return trends.map((row) => days.get(Date.parse(row.bucket) / 1000) ?? null);
}

/** Sorted by a column; absent values come last both ways. */
export function sorted<Row>(rows: readonly Row[], key: keyof Row, direction: 'asc' | 'desc'): Row[] {
  const sign = direction === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a[key], b[key]];
    if (left == null || right == null) return Number(left == null) - Number(right == null);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right));
  });
}
