import { expect, it } from 'vitest';
import { correctionOf, formOf } from './Correct';
import type { Task } from './types';

const task = {
  workflow_category: 'General Support', workflow_state: 'START_POINT', manual_status: 'GREEN', task_status: 'RED', priority: 'NORMAL', dollar_value: 10,
  entities: { po_numbers: ['1', '2'], quote_numbers: [], case_numbers: [], order_numbers: [], part_numbers: [], tracking_numbers: [], customers: [] },
} as unknown as Task;

it('a form as it opened corrects nothing', () => expect(correctionOf(task, formOf(task))).toEqual({}));

it('only what differs is named, and only lists that differ', () => {
  const form = { ...formOf(task), priority: 'HIGH' as const, value: '$1,000' };
  expect(correctionOf(task, { ...form, lists: { ...form.lists, po_numbers: '1', customers: 'Acme' } })).toEqual({
    priority: 'HIGH', dollar_value: 1000, entities: { po_numbers: ['1'], customers: ['Acme'] },
  });
});

it('noise goes with nothing else, and an amount has to be one', () => {
  expect(correctionOf(task, { ...formOf(task), isNoise: true, priority: 'HIGH' })).toEqual({ is_noise: true });
  expect(correctionOf(task, { ...formOf(task), value: 'much' })).toMatch(/amount/);
});
