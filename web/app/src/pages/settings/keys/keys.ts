import { useQuery } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../../data/http';
import type { Role } from '../../../data/session';
import type { Tone } from '../../../ui';

export type Key = components['schemas']['ApiKey'];
export type KeyRequest = components['schemas']['ApiKeyRequest'];
export type NewKey = components['schemas']['NewApiKey'];

/** What each role may do, the least first. */
export const ROLES: readonly { value: Role; label: string; may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'Sees everything but keys, audit trail and webhooks; changes nothing.' },
  { value: 'operator', label: 'Operator', may: 'Also changes tasks, comments, mails, batches and single jobs.' },
  { value: 'admin', label: 'Admin', may: 'Everything: also queues, schedules, settings and keys.' },
  { value: 'ingest', label: 'Ingest', may: 'Posts batches of mail and reads their outcome, nothing else. Not for people.' },
];

export const STATES = ['active', 'expired', 'revoked'] as const;
export type State = (typeof STATES)[number];

export const STATE_LOOKS: Record<State, { label: string; tone: Tone }> = {
  active: { label: 'Active', tone: 'green' },
  expired: { label: 'Expired', tone: 'yellow' },
  revoked: { label: 'Revoked', tone: 'neutral' },
};

export const stateOf = (key: Pick<Key, 'state'>): State => STATES.find((state) => state === key.state) ?? 'revoked';

/** Those that open something first; otherwise as the server has them, the newest first. */
export function ordered(keys: readonly Key[]): Key[] {
  return [...keys].sort((a, b) => Number(stateOf(a) !== 'active') - Number(stateOf(b) !== 'active'));
}

export function useKeys() {
  return useQuery({ queryKey: ['keys', 'list'], queryFn: ({ signal }) => unwrap(http.GET('/api/keys', { signal })), refetchInterval: ({ state }) => (state.error?.status === 403 ? false : 30_000) });
}
