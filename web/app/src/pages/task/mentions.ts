/** What is typed of a name after an @, if the caret is in one. */
export function beingMentioned(text: string, caret: number): string | undefined {
  return /(?:^|[\s(])@"?([\p{L}\p{N}._-]*)$/u.exec(text.slice(0, caret))?.[1];
}

/** Completes the name at the caret; names of several words go in quotes. */
export function mention(text: string, caret: number, name: string): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(/@"?[\p{L}\p{N}._-]*$/u, '');
  const said = /^[\p{L}\p{N}._-]+$/u.test(name) ? `@${name} ` : `@"${name}" `;
  return { text: before + said + text.slice(caret), caret: before.length + said.length };
}

/** Cuts a comment where it mentions somebody. */
export function withMentions(text: string, mentions: readonly string[]): { text: string; mentioned: boolean }[] {
  const forms = mentions.flatMap((name) => [`@"${name}"`, `@${name}`]).sort((a, b) => b.length - a.length);
  const found: { text: string; mentioned: boolean }[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const form = text[at] === '@' ? forms.find((one) => text.startsWith(one, at)) : undefined;
    if (form === undefined) {
      plain += text[at++];
      continue;
    }
    if (plain) found.push({ text: plain, mentioned: false });
    plain = '';
    found.push({ text: form, mentioned: true });
    at += form.length;
  }
  return plain ? [...found, { text: plain, mentioned: false }] : found;
}
