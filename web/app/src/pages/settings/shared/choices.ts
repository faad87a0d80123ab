/** Time zones that the browser knows, UTC among them. */
export const ZONES: readonly { value: string; label: string }[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => ({
  value: zone,
  label: zone,
}));

/** The zone this browser is in. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Lines of a text area as a list, without empty ones. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
