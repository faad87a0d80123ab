import { useMemo } from 'react';
import { usePeople } from '../../data/people';
import type { Task } from './types';

/** Whom the task can be given: those the server knows, and who has it. */
export function useOwners(task: Task): readonly { name: string; email: string | null }[] {
  const people = usePeople();
  return useMemo(() => {
    const known = (people.data?.people ?? []).map(({ name, email }) => ({ name, email }));
    const owner = task.current_owner;
    return owner && !known.some(({ name }) => name === owner) ? [...known, { name: owner, email: task.owner_email }] : known;
  }, [people.data, task.current_owner, task.owner_email]);
}
