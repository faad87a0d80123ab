import { fromLocal, toLocal } from '../../data/local';

/** The day of an instant, as a `date` field shows it. */
export const toDay = (instant: string | undefined): string => toLocal(instant).slice(0, 10);

/** First or last instant of a day in the zone of whoever looks. */
export function dayEdge(day: string, edge: 'from' | 'to'): string | undefined {
  return fromLocal(day && `${day}T${edge === 'from' ? '00:00:00' : '23:59:59.999'}`);
}
