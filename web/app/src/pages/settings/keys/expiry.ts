const DAY = 86_400_000;

/** A day as a date input has it, in the zone of whoever looks. */
export function dayOf(instant: number): string {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** The day that is so many days from now. */
export const daysFrom = (now: number, days: number): string => dayOf(now + days * DAY);

/** The end of a day, to which a key is good that expires on it; undefined for what is no day. */
export function endOf(day: string): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const end = new Date(year!, month! - 1, date! + 1);
  return Number.isNaN(end.getTime()) || dayOf(end.getTime() - 1) !== day ? undefined : end.toISOString();
}
