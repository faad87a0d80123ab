import { beforeEach, expect, it, vi } from 'vitest';
import type { Role, Session } from './session';

const session = (role: Role, mailboxes: string[] | null = null): Session => ({ principal: 'ana', role, mailboxes, authentication: 'required', expires_at: null });

/** What answers; the client takes the page's `fetch` once, when it is made. */
let fetching = vi.fn<() => Promise<Response>>();

/** Answers all requests with this. */
function answer(status: number, body: unknown = { status }) {
  const json = status === 204 ? null : JSON.stringify(body);
  fetching = vi.fn(() => Promise.resolve(new Response(json, { status, headers: { 'content-type': 'application/json' } })));
  return fetching;
}

let page: typeof import('./session');
let get: () => Promise<unknown>;
const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);

/** A page that was just loaded. */
beforeEach(async () => {
  localStorage.clear();
  vi.stubGlobal('fetch', () => fetching());
  reload.mockClear();
  vi.resetModules();
  page = await import('./session');
  const { http, unwrap } = await import('./http');
  get = () => unwrap(http.GET('/api/people'));
});

it('a role includes those below it, and whoever only posts mail has none of them', () => {
  const allowed = (role: Role) => (['viewer', 'operator', 'admin'] as const).filter((needs) => page.may(session(role), needs));
  expect(allowed('viewer')).toEqual(['viewer']);
  expect(allowed('operator')).toEqual(['viewer', 'operator']);
  expect(allowed('admin')).toEqual(['viewer', 'operator', 'admin']);
  expect(allowed('ingest')).toEqual([]);
});

it('a key of some mailboxes does nothing that is about all', () => {
  expect(page.may(session('operator', ['orders']), 'operator')).toBe(true);
  expect(page.may(session('operator', ['orders']), 'operator of all')).toBe(false);
  expect(page.may(session('operator'), 'operator of all')).toBe(true);
  expect(page.may(session('viewer'), 'operator of all')).toBe(false);
});

it('until it is known who looks, the server decides', () => expect(page.may(undefined, 'admin')).toBe(true));

it('many requests that are refused lead to the way in once', async () => {
  page.signedIn(session('viewer'));
  answer(401);
  const told = vi.fn();
  const end = page.access.subscribe(told);
  await Promise.allSettled([1, 2, 3].map(() => get()));
  expect(page.access.get()).toEqual({ state: 'out', ended: true });
  expect(told).toHaveBeenCalledTimes(1);
  end();
});

it('who was never signed in has lost no session', () => {
  page.signedOut();
  expect(page.access.get()).toEqual({ state: 'out', ended: false });
  expect(localStorage.getItem('authentication')).toBe('required');
});

it('what one may not do is no reason to sign in again', async () => {
  page.signedIn(session('viewer'));
  answer(403);
  await expect(get()).rejects.toMatchObject({ status: 403 });
  expect(page.access.get().state).toBe('open');
});

it('the server is asked once for all who want to know', async () => {
  const fetching = answer(200, session('operator'));
  await Promise.all([page.askSession(), page.askSession()]);
  expect(fetching).toHaveBeenCalledTimes(1);
  expect(page.access.get()).toMatchObject({ state: 'open', session: { role: 'operator' } });
});

it('pages are shown if the server cannot say who looks', async () => {
  page.access.set({ state: 'waiting' });
  answer(503);
  await page.askSession();
  expect(page.access.get()).toEqual({ state: 'open' });
});

it('without authentication nothing is remembered of it', () => {
  page.signedOut();
  page.signedIn({ ...session('admin'), principal: 'local', authentication: 'off' });
  expect(localStorage.length).toBe(0);
});

it('whoever signs out is out only if the server has heard of it', async () => {
  page.signedIn(session('viewer'));
  answer(503);
  await expect(page.signOut()).rejects.toMatchObject({ status: 503 });
  expect(page.access.get().state).toBe('open');
  answer(204);
  await page.signOut();
  expect(page.access.get()).toEqual({ state: 'out' });
});

it('the same one goes on where they were; for somebody else nothing of before is left in memory', () => {
  page.signedIn(session('viewer'));
  page.signedOut();
  page.signedIn(session('viewer'));
  expect(page.access.get().state).toBe('open');
  page.signedOut();
  page.signedIn(session('admin'));
  expect(reload).toHaveBeenCalledTimes(1);
  expect(page.access.get().state).toBe('out');
});
