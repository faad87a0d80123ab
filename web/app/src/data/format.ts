const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A moment, as the API or a clock gives it. */
export type Moment = string | number | Date;

const LOCALE = 'en-US';
const exactMoney = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD' });
const compactMoney = new Intl.NumberFormat(LOCALE, {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  maximumFractionDigits: 1,
});
const wholeMoney = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'long' });
const shortDate = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric' });
const yearDate = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric', year: 'numeric' });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const full = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

/** $1,478,787.70 */
export const money = (dollars: number): string => exactMoney.format(dollars);

/** $1.5M; below a thousand whole dollars. */
export const moneyCompact = (dollars: number): string =>
  Math.abs(dollars) < 1000 ? wholeMoney.format(dollars) : compactMoney.format(dollars);

/** 12,345.67 */
export const number = (value: number): string => plain.format(value);

/** 12.3K */
export const numberCompact = (value: number): string => (Math.abs(value) < 10_000 ? number(value) : compact.format(value));

/** 58.3%; a percentage is given as such, not as a fraction. */
export const percent = (value: number): string => `${plain.format(value)}%`;

/** 1 task, 2 tasks. */
export const count = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;

/** 12 kB, in thousands. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1);
  const value = size / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

/** How long: the two largest units, such as 2d 4h, 3h 05m, 4m 09s, 12s, 350ms. The sign is the caller's. */
export function duration(milliseconds: number): string {
  const ms = Math.abs(milliseconds);
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  if (ms >= DAY) return `${Math.floor(ms / DAY)}d ${Math.floor((ms % DAY) / HOUR)}h`;
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)}h ${two((ms % HOUR) / MINUTE)}m`;
  if (ms >= MINUTE) return `${Math.floor(ms / MINUTE)}m ${two((ms % MINUTE) / SECOND)}s`;
  if (ms >= SECOND) return `${Math.floor(ms / SECOND)}s`;
  return `${Math.round(ms)}ms`;
}

/** As {@link duration}, in words for those who listen: 3 hours 5 minutes. */
export function durationWords(milliseconds: number): string {
  const ms = Math.abs(milliseconds);
  const parts: [number, string][] = [
    [Math.floor(ms / DAY), 'day'],
    [Math.floor((ms % DAY) / HOUR), 'hour'],
    [Math.floor((ms % HOUR) / MINUTE), 'minute'],
  ];
  const said = parts.filter(([n]) => n > 0).slice(0, 2);
  return said.length > 0 ? said.map(([n, unit]) => count(n, unit)).join(' ') : 'less than a minute';
}

/** 5 minutes ago, in 2 hours, yesterday. */
export function relativeTime(moment: Moment, now: number): string {
  const difference = new Date(moment).getTime() - now;
  const ms = Math.abs(difference);
  if (ms < 45 * SECOND) return 'just now';
  if (ms < HOUR) return relative.format(Math.round(difference / MINUTE), 'minute');
  if (ms < DAY) return relative.format(Math.round(difference / HOUR), 'hour');
  if (ms < 30 * DAY) return relative.format(Math.round(difference / DAY), 'day');
  if (ms < 365 * DAY) return relative.format(Math.round(difference / (30 * DAY)), 'month');
  return relative.format(Math.round(difference / (365 * DAY)), 'year');
}

/** 14:05 */
export const time = (moment: Moment): string => clock.format(new Date(moment));

/** Nov 30, with the year if it is another one than now's. */
export function date(moment: Moment, now = Date.now()): string {
  const day = new Date(moment);
  return (day.getFullYear() === new Date(now).getFullYear() ? shortDate : yearDate).format(day);
}

/** Nov 30, 14:05 */
export const dateTime = (moment: Moment, now = Date.now()): string => `${date(moment, now)}, ${time(moment)}`;

/** Mon, Nov 30, 2026, 14:05:09 GMT+1 */
export const exactTime = (moment: Moment): string => full.format(new Date(moment));

/** START_POINT as Start point; a name the API spells for machines, for people. */
export function words(name: string): string {
  const text = name.replaceAll(/[_-]/g, ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
