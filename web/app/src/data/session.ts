import type { components } from '@workflow-intelligence/client';
import { useSyncExternalStore } from 'react';
import { http, unwrap, whenUnauthorized } from './http';
import { Store } from './store';

export type Session = components['schemas']['Session'];
export type Role = Session['role'];

export interface Access {
  /** `waiting`: nothing is shown until it is known who looks. `out`: they have to sign in. */
  state: 'waiting' | 'open' | 'out';
  /** Unknown until the server has said it. */
  session?: Session;
  /** They were signed in, and are no longer. */
  ended?: boolean;
}

/** Remembers that this server wants to know who looks, so that no page flashes up before they sign in. It is no secret. */
const KEY = 'authentication';

function expected(): boolean {
  try {
    return localStorage.getItem(KEY) === 'required';
  } catch {
    return false;
  }
}

function expect(required: boolean): void {
  try {
    if (required) localStorage.setItem(KEY, 'required');
    else localStorage.removeItem(KEY);
  } catch {
    // No storage: a page may flash up.
  }
}

export const access = new Store<Access>({ state: expected() ? 'waiting' : 'open' });

/** Whom the pages were shown to since they were loaded. */
let shownTo: string | undefined;

/** Shows the pages to this one. */
export function signedIn(session: Session): void {
  const { principal, role, mailboxes } = session;
  const who = JSON.stringify([principal, role, mailboxes]);
  // What is in memory is for whom it was fetched for.
  if (shownTo !== undefined && shownTo !== who) return location.reload();
  shownTo = who;
  expect(session.authentication === 'required');
  access.set({ state: 'open', session });
}

/** Shows the way in, once, however many requests are refused. */
export function signedOut(): void {
  const { state, session } = access.get();
  if (state === 'out') return;
  expect(true);
  access.set({ state: 'out', ended: session !== undefined });
}

whenUnauthorized(signedOut);

let asking: Promise<void> | undefined;

/** Asks the server who is signed in. Whoever is not is shown the way in. */
export function askSession(): Promise<void> {
  asking ??= unwrap(http.GET('/api/session'))
    .then(signedIn, () => {
      // Not known now: the pages say for themselves what goes wrong.
      if (access.get().state === 'waiting') access.set({ state: 'open' });
    })
    .finally(() => (asking = undefined));
  return asking;
}

/** Ends the session; throws if the server could not be told. */
export async function signOut(): Promise<void> {
  await unwrap(http.DELETE('/api/session'));
  expect(true);
  access.set({ state: 'out' });
}

export const useAccess = (): Access => useSyncExternalStore(access.subscribe, access.get);

/** Who looks; undefined until it is known. */
export const useSession = (): Session | undefined => useAccess().session;

/** Roles that include each other, the least first. Whoever only posts mail has none of them. */
const ORDER: readonly Role[] = ['viewer', 'operator', 'admin'];

/** What an action takes: a role, and whether it is about all mailboxes, which a key that is limited to some may not. */
export type Needs = Exclude<Role, 'ingest'> | `${Exclude<Role, 'ingest'>} of all`;

/** Whether a session is enough. While nobody knows, the server decides. */
export function may(session: Session | undefined, needs: Needs): boolean {
  if (!session) return true;
  const [role, all] = needs.split(' of ');
  return ORDER.indexOf(session.role) >= ORDER.indexOf(role as Role) && !(all && session.mailboxes);
}

/** Whether who looks may do this. What takes nothing may be done by all. */
export function useMay(needs: Needs | undefined): boolean {
  const session = useSession();
  return needs === undefined || may(session, needs);
}
