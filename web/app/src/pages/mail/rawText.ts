/** Of a mail as it came, as much as people read. */
export const RAW_SHOWN = 64 * 2 ** 10;

/** Bytes as text: what is no text is made visible instead of acting. */
export function rawText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  // Controls, and characters that turn the direction of what follows.
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) =>
      character.charCodeAt(0) < 32 ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : '\ufffd',
    );
}
