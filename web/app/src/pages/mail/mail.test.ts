import { expect, it } from 'vitest';
import { find, reasonKind, reasonsOf, type Email } from './data';
import { lastMail, splitMbox } from './mbox';
import { rawText } from './rawText';
import { LIMIT, plan } from './uploads';

function file(name: string, size = 10): File {
  const made = new File(['x'], name);
  Object.defineProperty(made, 'size', { value: size });
  return made;
}

it('sends mails together, and each mbox and JSON alone', () => {
  const { shipments, refused } = plan([file('a.eml'), file('b.EML'), file('all.mbox'), file('c.json')]);
  expect(shipments.map(({ kind, name }) => [kind, name])).toEqual([
    ['mbox', 'all.mbox'],
    ['json', 'c.json'],
    ['mails', '2 mails'],
  ]);
  expect(refused).toEqual([]);
});

it('never sends more at once than the API takes', () => {
  const { shipments } = plan([file('a.eml', LIMIT / 2), file('b.eml', LIMIT / 2), file('c.eml', 5)]);
  expect(shipments.map(({ files }) => files.length)).toEqual([1, 2]);
  expect(plan([file('huge.eml', LIMIT + 1)]).shipments.map(({ kind }) => kind)).toEqual(['large']);
});

it('says why it does not send a file', () => {
  const { shipments, refused } = plan([file('a.pdf'), file('b.eml', 0), file('c.json', LIMIT + 1), file('d.eml', 2 ** 30 + 1)]);
  expect(shipments).toEqual([]);
  expect(refused.map(({ name }) => name)).toEqual(['a.pdf', 'b.eml', 'c.json', 'd.eml']);
});

it('cuts an mbox between mails', async () => {
  const mail = (n: number) => `From x\nSubject: ${n}\n\nText\n\n`;
  const parts = await splitMbox(new Blob([mail(1), mail(2), mail(3)]), 2 * mail(1).length + 4);
  expect(await Promise.all(parts.map((part) => part.text()))).toEqual([mail(1), mail(2) + mail(3)]);
  expect(lastMail(new TextEncoder().encode('From only one'))).toBe(-1);
});

it('shows what is no text without letting it act', () => {
  const bytes = new TextEncoder().encode('a\r\nb\u0000\u001b[31m\u202egnp.exe');
  expect(rawText(bytes)).toBe('a\nb\u2400\u241b[31m\ufffdgnp.exe');
});

const mail = (id: string, reason: string | null): Email => ({ id, reason, subject: `Order ${id}`, sender: 'ana@example.com', source: null, mailbox: 'orders' }) as Email;

it('groups reasons by what they begin with', () => {
  expect(reasonKind('flood: 201 mails in an hour')).toBe('flood');
  expect(reasonKind(null)).toBe('No reason given');
  expect(reasonsOf([mail('1', 'flood: a'), mail('2', 'too large (3 MB)'), mail('3', 'flood: b')])).toEqual([
    { reason: 'flood', count: 2 },
    { reason: 'too large', count: 1 },
  ]);
});

it('finds mails by words in any field, the newest first', () => {
  const mails = [mail('1', null), mail('2', 'flood')];
  expect(find(mails, '').map(({ id }) => id)).toEqual(['2', '1']);
  expect(find(mails, 'ANA flood').map(({ id }) => id)).toEqual(['2']);
});
