const two = (n: number) => String(n).padStart(2, '0');

/** An instant as a `datetime-local` field shows it, in the zone of whoever looks. */
export function toLocal(instant: string | null | undefined): string {
  if (!instant) return '';
  const at = new Date(instant);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The instant that was written into such a field. */
export function fromLocal(text: string): string | undefined {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The day of an instant, as a `date` field shows it. */
export const toDay = (instant: string | undefined): string => toLocal(instant).slice(0, 10);

/** First or last instant of a day in the zone of whoever looks. */
export function dayEdge(day: string, edge: 'from' | 'to'): string | undefined {
  return fromLocal(day && `${day}T${edge === 'from' ? '00:00:00' : '23:59:59.999'}`);
}
