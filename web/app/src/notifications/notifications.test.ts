import { expect, it } from 'vitest';
import { countsInWords, say, SILENT, STAY, total } from './announce';
import { KEPT, merge } from './inbox';
import { toNotice, type Kind, type Notice } from './notice';
import { DEFAULTS, levelOf, readPreferences } from './preferences';
import { isRead, readRead, withRead } from './readState';

const notice = (id: number, kind: Kind = 'violated', more: Partial<Notice> = {}): Notice => ({
  id: String(id),
  kind,
  title: `Notice ${id}`,
  at: '2026-01-05T10:00:00Z',
  to: '/tasks/1',
  ...more,
});

it('says few one by one, and many as one', () => {
  const first = say(SILENT, [notice(1)], 0);
  expect(first.single).toHaveLength(1);
  const second = say(first, [notice(2, 'critical')], 100);
  expect(second.single).toHaveLength(2);
  expect(second.many).toBeUndefined();
  const third = say(second, [notice(3)], 200);
  expect(third.single).toEqual([]);
  expect(third.many?.counts).toEqual({ violated: 2, critical: 1 });
});

it('keeps counting while many are being said, and begins anew afterwards', () => {
  let said = say(SILENT, Array.from({ length: 25 }, (_, n) => notice(n)), 0);
  for (let at = 1; at <= 10; at++) said = say(said, Array.from({ length: 25 }, (_, n) => notice(100 * at + n, 'warning')), 500 * at);
  expect(total(said.many!.counts)).toBe(275);
  expect(countsInWords(said.many!.counts)).toBe('25 SLA missed, 250 SLA at risk');
  const later = say(said, [notice(9999)], 5000 + STAY + 1);
  expect(later.many).toBeUndefined();
  expect(later.single).toHaveLength(1);
});

it('merges by number, none twice, and keeps the newest', () => {
  expect(merge([notice(9), notice(7)], [notice(10), notice(8), notice(9)]).map(({ id }) => id)).toEqual(['10', '9', '8', '7']);
  const many = Array.from({ length: KEPT + 50 }, (_, n) => notice(n + 1));
  const kept = merge([], many);
  expect(kept).toHaveLength(KEPT);
  expect(kept[0]!.id).toBe(String(KEPT + 50));
});

it('reads what was stored as far as it makes sense', () => {
  expect(readPreferences(null)).toEqual(DEFAULTS);
  expect(readPreferences('{{')).toEqual(DEFAULTS);
  expect(readPreferences('null')).toEqual(DEFAULTS);
  const read = readPreferences('{"levels":{"critical":"desktop","warning":"loud"},"least":-4,"mine":"yes","name":7}');
  expect(read).toEqual({ ...DEFAULTS, levels: { ...DEFAULTS.levels, critical: 'desktop' } });
});

it('leaves out what belongs to others or is worth too little', () => {
  const wishes = { ...DEFAULTS, name: 'ana ruiz', mine: true, least: 1000 };
  expect(levelOf(notice(1, 'violated', { owner: 'Ana Ruiz' }), wishes)).toBe('toast');
  expect(levelOf(notice(1, 'violated', { owner: 'Ben' }), wishes)).toBe('off');
  expect(levelOf(notice(1, 'violated', { owner: null }), wishes)).toBe('off');
  expect(levelOf(notice(1, 'critical', { owner: 'Ana Ruiz', value: 999 }), wishes)).toBe('off');
  expect(levelOf(notice(1, 'critical', { owner: 'Ana Ruiz', value: 1000 }), wishes)).toBe('toast');
  // Batches have no owner.
  expect(levelOf(notice(1, 'batchFailed'), wishes)).toBe('toast');
  expect(levelOf(notice(1, 'violated', { owner: 'Ben' }), { ...wishes, name: ' ' })).toBe('toast');
});

it('knows what was read', () => {
  const read = withRead({ upTo: '10', also: [] }, '15');
  expect([isRead(read, '9'), isRead(read, '10'), isRead(read, '14'), isRead(read, '15')]).toEqual([true, true, false, true]);
  expect(withRead(read, '15')).toBe(read);
  expect(readRead('{"upTo":"x","also":["1","b"]}')).toEqual({ upTo: '0', also: ['1'] });
  expect(readRead('[')).toEqual({ upTo: '0', also: [] });
});

it('makes a notice of an event, and none of others', () => {
  const made = toNotice({
    event: 'workflow:batch:completed',
    id: '7',
    timestamp: '2026-01-05T10:00:00Z',
    data: { batchId: 'b 1', emailCount: 3, tasksCreated: 1, tasksUpdated: 1, errors: [{ email: 'x', reason: 'y' }] },
  } as { event: string });
  expect(made).toMatchObject({ id: '7', kind: 'batch', title: '3 mails processed', detail: '1 task opened, 1 changed, 1 quarantined', to: '/mail/batches/b%201' });
  expect(toNotice({ event: 'workflow:task:deleted' })).toBeUndefined();
});
