import type { Problem } from '../data/problem';

/** What a refused key is answered with: at the field where another key helps, otherwise below it. */
export function whyNot(problem: Problem): { atField?: string; message?: string } {
  if (problem.status === 401 || problem.status === 422) return { atField: 'This key is not valid. It may be mistyped, revoked or expired.' };
  if (problem.status === 429) return { message: 'Too many keys were tried from here. Wait a few seconds, then try again.' };
  if (problem.unreachable) return { message: 'The server could not be reached. Check the connection, then try again.' };
  if (problem.status >= 500) return { message: 'The server cannot check keys at the moment. Try again shortly.' };
  return { message: problem.message };
}
