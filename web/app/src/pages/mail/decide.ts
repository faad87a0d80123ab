import type { QueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { count } from '../../data/format';
import { http, unwrap } from '../../data/http';
import type { Email } from './data';
import { follow } from './uploads';

export type Filter = components['schemas']['QuarantineFilter'];
export type Replay = components['schemas']['Replay'];

function changed(queries: QueryClient) {
  void queries.invalidateQueries({ queryKey: ['emails'] });
  void queries.invalidateQueries({ queryKey: ['batches'] });
}

/** Puts one mail back; its batch is followed. */
export async function replayMail(queries: QueryClient, email: Email): Promise<void> {
  const { batch_id: batch } = await unwrap(
    http.POST('/api/workflow/emails/{email_id}/replay', { params: { path: { email_id: email.id } } }),
  );
  follow(batch, `Replay of ${email.subject ?? email.source ?? 'a mail'}`);
  changed(queries);
}

/** What a replay of these would do. */
export function previewReplay(filter: Filter, signal: AbortSignal): Promise<Replay> {
  return unwrap(http.POST('/api/workflow/quarantine/replay', { body: { dry_run: true, filter }, signal }));
}

export async function replayMany(queries: QueryClient, filter: Filter): Promise<Replay> {
  const done = await unwrap(http.POST('/api/workflow/quarantine/replay', { body: { filter } }));
  for (const { batch_id: batch, mails } of done.batches) follow(batch, `Replay of ${count(mails, 'mail')}`);
  changed(queries);
  return done;
}

export async function dismissMail(queries: QueryClient, id: string, reason: string): Promise<void> {
  await unwrap(http.POST('/api/workflow/emails/{email_id}/dismiss', { params: { path: { email_id: id } }, body: { reason } }));
  changed(queries);
}
