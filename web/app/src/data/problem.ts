import type { components } from '@workflow-intelligence/client';

type Body = components['schemas']['Problem'];

/** Status of a request that no server has answered. */
export const UNREACHABLE = 0;

/** What a request failed with: the server's own words where there are any. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status, or {@link UNREACHABLE}. */
  readonly status: number;
  /** The kind in a few words. */
  readonly title: string;
  /** Everything that is wrong with the request, by place. */
  readonly errors: readonly { pointer: string; detail: string }[];
  /** By which the server's logs name the request. */
  readonly requestId: string | undefined;
  /** The version that a 412 found. */
  readonly currentVersion: number | undefined;
  /** The task that a 410's task was merged into. */
  readonly mergedInto: string | undefined;

  constructor(status: number, body: Partial<Body>, requestId?: string) {
    super(body.detail ?? body.title ?? 'The request failed.');
    this.status = status;
    this.title = body.title ?? (status === UNREACHABLE ? 'Server not reached' : `Error ${status}`);
    this.errors = body.errors ?? [];
    this.requestId = body.instance ?? requestId;
    this.currentVersion = body.current_version;
    this.mergedInto = body.merged_into;
  }

  get unreachable(): boolean {
    return this.status === UNREACHABLE;
  }

  get denied(): boolean {
    return this.status === 401 || this.status === 403;
  }

  get missing(): boolean {
    return this.status === 404 || this.status === 410;
  }

  /** Somebody else changed it first. */
  get conflict(): boolean {
    return this.status === 409 || this.status === 412;
  }

  /** Whether the same request may go better later. */
  get passing(): boolean {
    return this.unreachable || this.status === 429 || this.status >= 500;
  }

  /** What is wrong with one field of the body, such as `/title`. */
  at(pointer: string): string | undefined {
    return this.errors.find((error) => error.pointer === pointer)?.detail;
  }

  /** Whatever was thrown, as a problem. */
  static of(cause: unknown): Problem {
    if (cause instanceof Problem) return cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    return new Problem(-1, { title: 'This went wrong', detail });
  }
}
