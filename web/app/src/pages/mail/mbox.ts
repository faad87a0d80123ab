const SEPARATOR = new TextEncoder().encode('\nFrom ');

/** Where the last mail of these bytes begins, or -1 if it is the only one. */
export function lastMail(bytes: Uint8Array): number {
  for (let at = bytes.length - SEPARATOR.length; at > 0; at--) {
    if (SEPARATOR.every((byte, n) => bytes[at + n] === byte)) return at + 1;
  }
  return -1;
}

/** Cuts a large mbox between mails into parts of at most `limit` bytes; a single larger mail stays whole. */
export async function splitMbox(file: Blob, limit: number): Promise<Blob[]> {
  const parts: Blob[] = [];
  let from = 0;
  while (file.size - from > limit) {
    const bytes = new Uint8Array(await file.slice(from, from + limit).arrayBuffer());
    const cut = lastMail(bytes);
    if (cut < 0) break;
    parts.push(file.slice(from, from + cut));
    from += cut;
  }
  parts.push(file.slice(from));
  return parts;
}
