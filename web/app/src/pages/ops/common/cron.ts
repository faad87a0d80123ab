const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** A cron expression of five or six fields in words; null if it is none, or one that words make no clearer. */
export function cronWords(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return null;
  if (!fields.every((field) => /^[\dA-Za-z*/,?#-]+$/.test(field))) return null;
  const [second, minute, hour, day, month, weekday] = fields.length === 6 ? fields : ['0', ...fields];
  const clock = clockWords(second!, minute!, hour!);
  const days = dayWords(day!, month!, weekday!);
  if (clock === null || days === null) return null;
  const text = days ? `${clock} ${days}` : /^at /.test(clock) ? `${clock} every day` : clock;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const isNumber = (field: string) => /^\d+$/.test(field);
const any = (field: string) => field === '*' || field === '?';
const two = (field: string) => field.padStart(2, '0');

/** `* /5` as 5. */
function step(field: string): number | null {
  const found = /^(?:\*|0)\/(\d+)$/.exec(field);
  return found ? Number(found[1]) : null;
}

const every = (n: number, unit: string) => (n === 1 ? `every ${unit}` : `every ${n} ${unit}s`);

function clockWords(second: string, minute: string, hour: string): string | null {
  const during = hourWords(hour);
  if (any(second) && any(minute)) return join('every second', during);
  const seconds = step(second);
  if (seconds && any(minute)) return join(every(seconds, 'second'), during);
  if (!isNumber(second)) return null;
  const late = second === '0' || second === '00' ? '' : `:${two(second)}`;
  if (any(minute)) return join('every minute', during);
  const minutes = step(minute);
  if (minutes) return join(every(minutes, 'minute'), during);
  if (/^\d+(,\d+)*$/.test(minute) && /^\d+(,\d+)*$/.test(hour)) {
    const at = hour.split(',').flatMap((h) => minute.split(',').map((m) => `${two(h)}:${two(m)}${late}`));
    return at.length > 6 ? null : `at ${list(at)}`;
  }
  if (isNumber(minute)) {
    const hours = step(hour);
    if (any(hour)) return `every hour at ${Number(minute)} past`;
    if (hours) return `${every(hours, 'hour')} at ${Number(minute)} past`;
    return during === null ? null : `at ${Number(minute)} past each hour ${during}`;
  }
  return /^\d+(,\d+)+$/.test(minute) && any(hour) ? `every hour at ${list(minute.split(','))} past` : null;
}

/** Empty for all hours. */
function hourWords(hour: string): string | null {
  if (any(hour)) return '';
  const range = /^(\d+)-(\d+)$/.exec(hour);
  if (range) return `from ${two(range[1]!)}:00 to ${two(range[2]!)}:59`;
  if (isNumber(hour)) return `from ${two(hour)}:00 to ${two(hour)}:59`;
  return null;
}

function join(what: string, during: string | null): string | null {
  return during === null ? null : during ? `${what} ${during}` : what;
}

/** Empty for every day. */
function dayWords(day: string, month: string, weekday: string): string | null {
  const names = any(weekday) ? '' : weekdayWords(weekday);
  const months = any(month) ? '' : monthWords(month);
  if (names === null || months === null) return null;
  const of = months ? ` in ${months}` : '';
  if (any(day)) return names ? `on ${names}${of}` : months ? `every day${of}` : '';
  if (names || !/^\d+(,\d+)*$/.test(day)) return null;
  return `on day ${list(day.split(','))} of ${months || 'the month'}`;
}

function weekdayWords(field: string): string | null {
  const at = (name: string) => (isNumber(name) ? Number(name) % 7 : DAYS.findIndex((day) => day.slice(0, 3).toUpperCase() === name.toUpperCase()));
  const range = /^(\w+)-(\w+)$/.exec(field);
  if (range) {
    const [from, to] = [at(range[1]!), at(range[2]!)];
    if (from < 0 || to < 0) return null;
    return from === 1 && to === 5 ? 'weekdays' : `${DAYS[from]} to ${DAYS[to]}`;
  }
  const days = field.split(',').map(at);
  return days.some((found) => found < 0 || !DAYS[found]) ? null : list(days.map((found) => `${DAYS[found]}s`));
}

function monthWords(field: string): string | null {
  const at = (name: string) => (isNumber(name) ? Number(name) - 1 : MONTHS.findIndex((month) => month.slice(0, 3).toUpperCase() === name.toUpperCase()));
  const months = field.split(',').map(at);
  return months.some((found) => !MONTHS[found]) ? null : list(months.map((found) => MONTHS[found]!));
}

function list(all: readonly string[]): string {
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
