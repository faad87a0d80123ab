import { expect, it } from 'vitest';
import { locate, pieces, stretches } from './mailText';

const parts = (text: string) => stretches(text).map(({ quoted, start, end }) => [quoted, text.slice(start, end).trim()]);

it('a mail without quotes is one stretch', () => expect(parts('Hello,\n\nplease send it.')).toEqual([[false, 'Hello,\n\nplease send it.']]));

it('quoted lines go with the line that says who wrote them', () => {
  expect(parts('Yes.\n\nOn Mon, Ana wrote:\n> May I?\n>\n> Ana\n\nBye')).toEqual([
    [false, 'Yes.'],
    [true, 'On Mon, Ana wrote:\n> May I?\n>\n> Ana'],
    [false, 'Bye'],
  ]);
});

it('all after a separator or a block of headers is quoted', () => {
  expect(parts('Yes.\n\n-----Original Message-----\nFrom: Ana\nMay I?')[1]![0]).toBe(true);
  expect(parts('Ja.\n\nVon: Ana\nGesendet: Montag\nAn: Bo\n\nDarf ich?').map(([quoted]) => quoted)).toEqual([false, true]);
});

it('stretches cover text of one line, none and quotes alone', () => {
  expect(parts('')).toEqual([]);
  expect(parts('> only')).toEqual([[true, '> only']]);
});

const why = (span: string | null) => ({ rule: 'model', span, confidence: 0.9 });

it('a span is found as a word of its own, in the first text that has it', () => {
  const places = locate([{ key: 'subject', text: 'Sand and gravel' }, { key: 'body', text: 'and more' }], { priority: why('and'), review: why(null) });
  expect(places).toEqual(new Map([['subject', [{ field: 'priority', start: 5, end: 8 }]]]));
});

it('a span is found across line ends and whatever its signs mean', () => {
  const places = locate([{ key: 'body', text: 'Total (USD\n 1,200.00)' }], { dollar_value: why('(USD 1,200.00)') });
  expect(places.get('body')).toEqual([{ field: 'dollar_value', start: 6, end: 21 }]);
});

it('places that overlap share the piece they have in common', () => {
  const cut = pieces('0123456789', [{ field: 'a', start: 1, end: 5 }, { field: 'b', start: 3, end: 7 }], 0, 9);
  expect(cut).toEqual([
    { text: '0', fields: [] },
    { text: '12', fields: ['a'] },
    { text: '34', fields: ['a', 'b'] },
    { text: '56', fields: ['b'] },
    { text: '78', fields: [] },
  ]);
});
