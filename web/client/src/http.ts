import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { paths } from './schema.js';

/** The HTTP API: `const { data, error } = await http.GET('/api/workflow/list')`, by path as in the document. */
export type HttpClient = Client<paths>;

/** A client of the HTTP API at this base URL. */
export function createHttpClient(baseUrl: string, options: Omit<ClientOptions, 'baseUrl'> = {}): HttpClient {
  return createClient<paths>({ ...options, baseUrl });
}
