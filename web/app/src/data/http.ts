import { createHttpClient } from '@workflow-intelligence/client';
import { Problem, UNREACHABLE } from './problem';

/** The API, at the page's own host. Give what it returns to {@link unwrap}. */
export const http = createHttpClient(globalThis.location?.origin ?? 'http://localhost');

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

let unauthorized = () => {};

/** Calls this each time the server does not know who asks. */
export function whenUnauthorized(told: () => void): void {
  unauthorized = told;
}

/** The body of an answer; throws a {@link Problem} if it was a refusal or none came. */
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<T> {
  return (await unwrapAnswer(asked)).data;
}

/** As {@link unwrap}, with the response: for its status (202 is a job to wait for) and headers such as ETag. */
export async function unwrapAnswer<T>(asked: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    if (cause instanceof TypeError) throw new Problem(UNREACHABLE, { detail: 'The server could not be reached.' });
    throw cause;
  }
  const { data, error, response } = answer;
  if (!response.ok) {
    if (response.status === 401) unauthorized();
    const body = typeof error === 'object' && error !== null ? error : {};
    throw new Problem(response.status, body, response.headers.get('x-request-id') ?? undefined);
  }
  return { data: data as T, response };
}
