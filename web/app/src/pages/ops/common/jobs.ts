import type { components } from '@workflow-intelligence/client';
import type { IconName, Tone } from '../../../ui';

type Schemas = components['schemas'];
export type Job = Schemas['Job'];
export type JobState = Schemas['JobState'];
export type JobFilter = Schemas['JobFilter'];
export type BulkAction = Schemas['BulkAction'];
export type Queue = Schemas['Queue'];

interface StateLook {
  label: string;
  /** What it means, for whoever sees the word for the first time. */
  meaning: string;
  tone: Tone;
  icon: IconName;
}

/** The states, in the order in which a job goes through them. */
export const STATE_LOOKS: Record<JobState, StateLook> = {
  available: { label: 'Available', meaning: 'May run now', tone: 'blue', icon: 'queue' },
  scheduled: { label: 'Scheduled', meaning: 'Runs later', tone: 'neutral', icon: 'clock' },
  pending: { label: 'Pending', meaning: 'Waits for an earlier job of its key', tone: 'neutral', icon: 'link' },
  running: { label: 'Running', meaning: 'A worker runs it', tone: 'accent', icon: 'play' },
  retryable: { label: 'Retryable', meaning: 'Failed, and runs again later', tone: 'yellow', icon: 'refresh' },
  completed: { label: 'Completed', meaning: 'Done', tone: 'green', icon: 'check' },
  cancelled: { label: 'Cancelled', meaning: 'Stopped by somebody', tone: 'neutral', icon: 'stop' },
  discarded: { label: 'Discarded', meaning: 'Failed for good', tone: 'red', icon: 'error' },
};

export const STATES = Object.keys(STATE_LOOKS) as JobState[];

/** 1 is most urgent. */
export const PRIORITIES = ['1', '2', '3', '4'] as const;
export const PRIORITY_WORDS: Record<string, string> = { 1: '1 · most urgent', 2: '2 · normal', 3: '3 · low', 4: '4 · lowest' };

interface ActionLook {
  /** Retry 12 jobs. */
  verb: string;
  /** Retries 12 jobs. */
  does: string;
  /** 12 jobs were retried. */
  done: string;
  icon: IconName;
  /** Cannot be taken back. */
  danger: boolean;
  /** Jobs in other states are left alone. */
  states: readonly JobState[];
  /** What it does to each, after "Each". */
  effect: string;
}

export const ACTIONS: Record<BulkAction, ActionLook> = {
  retry: {
    verb: 'Retry',
    does: 'Retries',
    done: 'retried',
    icon: 'refresh',
    danger: false,
    states: ['discarded', 'cancelled', 'retryable'],
    effect: 'Each goes back to its queue and runs as soon as a worker is free, with one more attempt if all were used.',
  },
  run: {
    verb: 'Run',
    does: 'Runs',
    done: 'sent to run now',
    icon: 'play',
    danger: false,
    states: ['scheduled', 'retryable'],
    effect: 'Each is due at once instead of at its time.',
  },
  cancel: {
    verb: 'Cancel',
    does: 'Cancels',
    done: 'cancelled',
    icon: 'stop',
    danger: true,
    states: ['available', 'scheduled', 'pending', 'running', 'retryable'],
    effect: 'None of them runs any more. One that runs now is stopped; what it has committed stays. Cancelled jobs can be retried.',
  },
  delete: {
    verb: 'Delete',
    does: 'Deletes',
    done: 'deleted',
    icon: 'trash',
    danger: true,
    states: ['available', 'scheduled', 'pending', 'retryable', 'completed', 'cancelled', 'discarded'],
    effect: 'They are removed with their attempts, and cannot be brought back. Jobs that run are left alone.',
  },
};

export const ALL_ACTIONS = Object.keys(ACTIONS) as BulkAction[];

export const allows = (action: BulkAction, state: JobState): boolean => ACTIONS[action].states.includes(state);

export const isOver = (state: JobState): boolean => state === 'completed' || state === 'cancelled' || state === 'discarded';

/** The filter narrowed to the states in which the action does something; null if none are left. */
export function narrow(action: BulkAction, filter: JobFilter): JobFilter | null {
  const wanted = filter.state?.length ? filter.state : STATES;
  const state = wanted.filter((each) => allows(action, each));
  return state.length > 0 ? { ...filter, state } : null;
}

/** The first line of an error, and what follows it: a stack, most often. */
export function splitError(error: string): { headline: string; rest: string } {
  const end = error.indexOf('\n');
  return end < 0 ? { headline: error, rest: '' } : { headline: error.slice(0, end).trim(), rest: error.slice(end + 1).trimEnd() };
}

/** The error of the last attempt that failed. */
export function lastError(job: Pick<Job, 'attempts'>): string | null {
  return job.attempts.findLast((attempt) => attempt.error != null)?.error ?? null;
}

/** Characters of an error that the API searches for. */
const LONGEST = 200;

/**
 * What a group's errors have in common, to search for: the longest stretch of the fingerprint without a number, within
 * one line. It may be found in errors of other groups too.
 */
export function searchOf(kind: string, fingerprint: string): string {
  const error = fingerprint.startsWith(`${kind}: `) ? fingerprint.slice(kind.length + 2) : fingerprint;
  const stretches = error.split(/[#\n]/).map((part) => part.trim());
  return stretches.reduce((best, part) => (part.length > best.length ? part : best), '').slice(0, LONGEST).trim();
}
