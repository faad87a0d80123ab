import { useQuery } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../../data/http';

export type Person = components['schemas']['Person'];
export type Team = components['schemas']['Team'];
export type Choice = components['schemas']['AssignmentChoice'];

export const useTeams = () => useQuery({ queryKey: ['teams', 'list'], queryFn: ({ signal }) => unwrap(http.GET('/api/teams', { signal })) });
export const useWaiting = () =>
  useQuery({ queryKey: ['assignment', 'queue'], queryFn: ({ signal }) => unwrap(http.GET('/api/assignment/queue', { params: { query: { limit: 50 } }, signal })), refetchInterval: 15_000 });

/** Sends the version that was read, so that somebody else's change is not lost. */
export const ifMatch = (version: number | undefined) => (version === undefined ? {} : { header: { 'If-Match': `"${version}"` } });
