import { expect, it } from 'vitest';
import { readSignature, trendWords } from './signature';

const shown = (signature: string, category: string) =>
  readSignature(signature, category).map(({ label, pieces }) => [label, pieces.map(({ text, kind }) => (kind === 'word' ? text : `<${text}>`)).join('')]);

it('reads a subject with places that vary and gaps', () => {
  expect(shown('Order Management: subject "order {A-#} for * ships {date}"', 'Order Management')).toEqual([
    ['Subject', 'order <A-#> for <any words> ships <date>'],
  ]);
});

it('reads the sender before the rest', () => {
  expect(shown('Quote Processing: from acme.example, number quote BQ-#', 'Quote Processing')).toEqual([
    ['Sender', 'acme.example'],
    ['Quote number', 'BQ-<#>'],
  ]);
});

it('tells letters of a shape from letters that are always the same', () => {
  expect(shown('Order Management: number po A-#', 'Order Management')).toEqual([['Purchase order number', '<A>-<#>']]);
  expect(shown('Returns and RMA: number case RMA-#', 'Returns and RMA')).toEqual([['Case number', 'RMA-<#>']]);
  expect(shown('Quote Processing: number part A-A#', 'Quote Processing')).toEqual([['Part number', '<A>-<A><#>']]);
});

it('shows what it does not know as it is', () => {
  expect(shown('Something: else "entirely', 'Order Management')).toEqual([['Structure', 'Something: else "entirely']]);
});

it('says what a trend means', () => {
  expect([1, 0.7, 0.2, 0, -0.2, -0.7, -1].map((trend) => trendWords(trend).word)).toEqual([
    'New',
    'Rising fast',
    'Rising',
    'Steady',
    'Fading',
    'Fading fast',
    'Gone lately',
  ]);
});
