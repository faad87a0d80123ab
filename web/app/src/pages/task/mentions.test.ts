import { expect, it } from 'vitest';
import { beingMentioned, mention, withMentions } from './mentions';

it('a name is being typed after an @ that begins a word', () => {
  expect(beingMentioned('Hi @an', 6)).toBe('an');
  expect(beingMentioned('@', 1)).toBe('');
  expect(beingMentioned('a@b', 3)).toBeUndefined();
  expect(beingMentioned('Hi @an there', 12)).toBeUndefined();
});

it('names of several words are quoted', () => {
  expect(mention('Hi @an!', 6, 'Ana Ruiz')).toEqual({ text: 'Hi @"Ana Ruiz" !', caret: 15 });
  expect(mention('@', 1, 'bo').text).toBe('@bo ');
});

it('mentions are told from the rest', () => {
  expect(withMentions('Ask @"Ana Ruiz" or @bo.', ['Ana Ruiz', 'bo']).map(({ text, mentioned }) => (mentioned ? `[${text}]` : text))).toEqual([
    'Ask ', '[@"Ana Ruiz"]', ' or ', '[@bo]', '.',
  ]);
  expect(withMentions('plain', [])).toEqual([{ text: 'plain', mentioned: false }]);
});
