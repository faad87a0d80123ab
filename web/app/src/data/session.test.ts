import { beforeEach, expect, it, vi } from 'vitest';
import { http, unwrap } from './http';
import { access, askSession, may, signedIn, signedOut, signOut, type Role, type Session } from './session';

const session = (role: Role, mailboxes: string[] | null = null): Session => ({ principal: 'ana', role, mailboxes, authentication: 'required', expires_at: null });

/** Answers all requests with this. */
function answer(status: number, body: unknown = { status }) {
  const json = status === 204 ? null : JSON.stringify(body);
  const fetching = vi.fn(() => Promise.resolve(new Response(json, { status, headers: { 'content-type': 'application/json' } })));
  vi.stubGlobal('fetch', fetching);
  return fetching;
}

beforeEach(() => {
  localStorage.clear();
  access.set({ state: 'open' });
});

it('a role includes those below it, and whoever only posts mail has none of them', () => {
  const allowed = (role: Role) => (['viewer', 'operator', 'admin'] as const).filter((needs) => may(session(role), needs));
  expect(allowed('viewer')).toEqual(['viewer']);
  expect(allowed('operator')).toEqual(['viewer', 'operator']);
  expect(allowed('admin')).toEqual(['viewer', 'operator', 'admin']);
  expect(allowed('ingest')).toEqual([]);
});

it('a key of some mailboxes does nothing that is about all', () => {
  expect(may(session('operator', ['orders']), 'operator')).toBe(true);
  expect(may(session('operator', ['orders']), 'operator of all')).toBe(false);
  expect(may(session('operator'), 'operator of all')).toBe(true);
  expect(may(session('viewer'), 'operator of all')).toBe(false);
});

it('until it is known who looks, the server decides', () => expect(may(undefined, 'admin')).toBe(true));

it('many requests that are refused lead to the way in once', async () => {
  signedIn(session('viewer'));
  answer(401);
  const told = vi.fn();
  const end = access.subscribe(told);
  await Promise.allSettled([1, 2, 3].map(() => unwrap(http.GET('/api/people'))));
  expect(access.get()).toEqual({ state: 'out', ended: true });
  expect(told).toHaveBeenCalledTimes(1);
  end();
});

it('who was never signed in has lost no session', () => {
  signedOut();
  expect(access.get()).toEqual({ state: 'out', ended: false });
  expect(localStorage.getItem('authentication')).toBe('required');
});

it('what one may not do is no reason to sign in again', async () => {
  signedIn(session('viewer'));
  answer(403);
  await expect(unwrap(http.GET('/api/people'))).rejects.toMatchObject({ status: 403 });
  expect(access.get().state).toBe('open');
});

it('the server is asked once for all who want to know', async () => {
  const fetching = answer(200, session('operator'));
  await Promise.all([askSession(), askSession()]);
  expect(fetching).toHaveBeenCalledTimes(1);
  expect(access.get()).toMatchObject({ state: 'open', session: { role: 'operator' } });
});

it('pages are shown if the server cannot say who looks', async () => {
  access.set({ state: 'waiting' });
  answer(503);
  await askSession();
  expect(access.get()).toEqual({ state: 'open' });
});

it('without authentication nothing is remembered of it', () => {
  signedOut();
  signedIn({ ...session('admin'), principal: 'local', authentication: 'off' });
  expect(localStorage.length).toBe(0);
});

it('whoever signs out is out only if the server has heard of it', async () => {
  signedIn(session('viewer'));
  answer(503);
  await expect(signOut()).rejects.toMatchObject({ status: 503 });
  expect(access.get().state).toBe('open');
  answer(204);
  await signOut();
  expect(access.get()).toEqual({ state: 'out' });
});
