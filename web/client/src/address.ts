import type { Filter } from './events.js';

/** What is asked for in the address of a connection. */
export interface Request {
  events?: readonly string[] | undefined;
  filter?: Filter | undefined;
  since?: string | undefined;
  ticket?: string | undefined;
}

/** The address to connect to. Takes http and ws; a path alone is one of the page's own host; no path means `/ws`. */
export function address(base: string, request: Request): string {
  const url = new URL(base, globalThis.location?.href);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname === '/') url.pathname = '/ws';
  const { events, filter, since, ticket } = request;
  if (events) url.searchParams.set('events', events.join(','));
  if (filter) url.searchParams.set('filter', JSON.stringify(filter));
  if (since !== undefined) url.searchParams.set('since', since);
  if (ticket !== undefined) url.searchParams.set('ticket', ticket);
  return url.href;
}
