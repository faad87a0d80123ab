import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../../data/http';

export type Webhook = components['schemas']['Webhook'];
export type WebhookWithSecret = components['schemas']['WebhookWithSecret'];
export type WebhookRequest = components['schemas']['WebhookRequest'];
export type Delivery = components['schemas']['WebhookDelivery'];
export type State = Delivery['state'];

export function useWebhooks() {
  return useQuery({ queryKey: ['webhooks', 'list'], queryFn: ({ signal }) => unwrap(http.GET('/api/webhooks', { signal })), refetchInterval: ({ state }) => (state.error?.status === 403 ? false : 15_000) });
}

const at = (webhook_id: string) => ({ params: { path: { webhook_id } } });

/** What can be done with a webhook. Each says its own failure. */
export const act = {
  test: (id: string) => unwrap(http.POST('/api/webhooks/{webhook_id}/test', { ...at(id), body: {} })),
  enable: (id: string) => unwrap(http.POST('/api/webhooks/{webhook_id}/enable', { ...at(id), body: {} })),
  disable: (id: string, reason?: string) => unwrap(http.POST('/api/webhooks/{webhook_id}/disable', { ...at(id), body: reason ? { reason } : {} })),
  rotate: (id: string, reason?: string) => unwrap(http.POST('/api/webhooks/{webhook_id}/rotate', { ...at(id), body: reason ? { reason } : {} })),
  remove: (id: string) => unwrap(http.DELETE('/api/webhooks/{webhook_id}', at(id))),
  retry: (id: string, delivery_id: string) =>
    unwrap(http.POST('/api/webhooks/{webhook_id}/deliveries/{delivery_id}/retry', { params: { path: { webhook_id: id, delivery_id } }, body: {} })),
};

/** Runs something and fetches the webhooks again, whether it went well or not. */
export function useAct<T>(run: () => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => queries.invalidateQueries({ queryKey: ['webhooks'] }) });
}
