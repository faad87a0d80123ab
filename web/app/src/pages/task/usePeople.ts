import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { http, unwrap } from '../../data/http';
import type { Task } from './types';

/** Whom the task can be given: those the server knows, and who has it. */
export function usePeople(task: Task): readonly { name: string; email: string | null }[] {
  const people = useQuery({ queryKey: ['people'], queryFn: ({ signal }) => unwrap(http.GET('/api/people', { signal })) });
  return useMemo(() => {
    const known = (people.data?.people ?? []).map(({ name, email }) => ({ name, email }));
    const owner = task.current_owner;
    return owner && !known.some(({ name }) => name === owner) ? [...known, { name: owner, email: task.owner_email }] : known;
  }, [people.data, task.current_owner, task.owner_email]);
}
