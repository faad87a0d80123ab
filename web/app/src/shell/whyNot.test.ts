import { expect, it } from 'vitest';
import { Problem, UNREACHABLE } from '../data/problem';
import { whyNot } from './whyNot';

it('says at the field what another key helps with, and elsewhere what only time does', () => {
  expect(whyNot(new Problem(401, {})).atField).toContain('not valid');
  expect(whyNot(new Problem(422, {})).atField).toContain('not valid');
  expect(whyNot(new Problem(429, {})).message).toContain('Wait');
  expect(whyNot(new Problem(UNREACHABLE, {})).message).toContain('could not be reached');
  expect(whyNot(new Problem(503, {})).message).toContain('at the moment');
  expect(whyNot(new Problem(403, { detail: 'Another page.' }))).toEqual({ message: 'Another page.' });
});
