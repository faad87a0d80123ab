import { expect, it } from 'vitest';
import { offered, type MenuItem } from './Menu';

const item = (label: string, needs?: 'admin'): MenuItem => ({ label, onSelect: () => undefined, ...(needs && { needs }) });
const labels = (items: readonly MenuItem[], allowed: boolean) => offered(items, () => allowed).map((one) => (one === null || typeof one === 'string' ? one : one.label));

it('what may not be done is left out, with the headings and lines around it', () => {
  const items = ['Move to', item('Red', 'admin'), 'Priority', item('High', 'admin'), null, item('Look inside'), null, item('Remove', 'admin')];
  expect(labels(items, true)).toEqual(['Move to', 'Red', 'Priority', 'High', null, 'Look inside', null, 'Remove']);
  expect(labels(items, false)).toEqual(['Look inside']);
});

it('a line stays between what is left', () => {
  expect(labels([item('Edit'), null, item('Pause', 'admin'), null, item('Remove')], false)).toEqual(['Edit', null, 'Remove']);
});

it('nothing is left of a menu of things one may not do', () => {
  expect(labels(['All', item('Remove', 'admin')], false)).toEqual([]);
});
