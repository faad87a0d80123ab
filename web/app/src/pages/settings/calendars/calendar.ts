import type { Calendar } from '../sla/book';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];
export const DAY_NAMES: Record<Day, string> = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' };

/** A span as it is typed. */
export interface Span {
  from: string;
  to: string;
}

export interface DraftException {
  key: number;
  date: string;
  spans: Span[];
}

export interface CalendarDraft {
  name: string;
  zone: string;
  week: Record<Day, Span[]>;
  exceptions: DraftException[];
}

let keys = 0;
export const nextKey = () => ++keys;

const read = (span: string): Span => {
  const [from = '', to = ''] = span.split('-');
  return { from, to };
};
/** 9:00 is 09:00. */
const padded = (time: string) => time.trim().replace(/^(\d):/, '0$1:');
const write = ({ from, to }: Span) => `${padded(from)}-${padded(to)}`;

export function toDraft(name: string, calendar: Calendar): CalendarDraft {
  return {
    name,
    zone: calendar.zone,
    week: Object.fromEntries(DAYS.map((day) => [day, (calendar.week[day] ?? []).map(read)])) as Record<Day, Span[]>,
    exceptions: Object.entries(calendar.exceptions ?? {}).map(([date, spans]) => ({ key: nextKey(), date, spans: spans.map(read) })),
  };
}

export function toCalendar(draft: CalendarDraft): Calendar {
  const week: Calendar['week'] = {};
  for (const day of DAYS) if (draft.week[day].length > 0) week[day] = draft.week[day].map(write);
  const exceptions: Record<string, string[]> = {};
  for (const { date, spans } of draft.exceptions) exceptions[date] = spans.map(write);
  return { zone: draft.zone, week, ...(draft.exceptions.length > 0 && { exceptions }) };
}

function minutes(time: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(time.trim());
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** Where a span lies in a day, in percent; null while it is no span. */
export function inDay({ from, to }: Span): { left: number; width: number } | null {
  const start = minutes(from);
  const end = minutes(to);
  return start === null || end === null || end <= start || end > 1440 ? null : { left: (start / 1440) * 100, width: ((end - start) / 1440) * 100 };
}

/** Open hours of a week. */
export function openHours(calendar: Calendar): number {
  const spans = DAYS.flatMap((day) => calendar.week[day] ?? []).map(read);
  return spans.reduce((sum, span) => sum + ((inDay(span)?.width ?? 0) / 100) * 24, 0);
}
