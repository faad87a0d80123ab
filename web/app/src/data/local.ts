/** An instant as an input of type datetime-local shows it, in the zone of whoever looks. */
export function toLocal(instant: string | number | Date | null | undefined): string {
  if (instant == null || instant === '') return '';
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant that such an input means; undefined if it means none. */
export function fromLocal(text: string): string | undefined {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
