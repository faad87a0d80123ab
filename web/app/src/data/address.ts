/** The parameters of an address with these in the place of what they were; what is empty is left out. */
export function withParams(old: URLSearchParams, changes: Readonly<Record<string, string | readonly string[] | undefined>>): URLSearchParams {
  const next = new URLSearchParams(old);
  for (const [name, value] of Object.entries(changes)) {
    if (typeof value === 'string' && value) {
      next.set(name, value);
      continue;
    }
    next.delete(name);
    for (const each of Array.isArray(value) ? value : []) if (each) next.append(name, each);
  }
  return next;
}
