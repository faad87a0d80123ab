import { expect, it } from 'vitest';
import { toDraft, toRequest } from './source';

it('a new mailbox has the defaults of the API', () => {
  expect(toRequest(toDraft(undefined))).toMatchObject({ enabled: true, review_below: 0.6, flood_per_hour: 200, category_use: 'default', workflow_category: null, source: { kind: 'none' } });
});

it('sends what is of the chosen kind alone', () => {
  const draft = { ...toDraft(undefined), host: 'imap.example.com', path: 'mail/in', after: 'move', moveTo: 'done', domains: 'a.example, b.example' };
  expect(toRequest({ ...draft, kind: 'folder' }).source).toEqual({ kind: 'folder', path: 'mail/in', after: 'move', move_to: 'done' });
  expect(toRequest({ ...draft, kind: 'imap' }).source).toEqual({ kind: 'imap', host: 'imap.example.com', tls: 'implicit', after: 'move', move_to: 'done' });
  expect(toRequest(draft).own_domains).toEqual(['a.example', 'b.example']);
});
