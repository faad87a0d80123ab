import type { components } from '@workflow-intelligence/client';

export type Category = components['schemas']['Category'];

/** What a task can be about, in the API's order. */
export const CATEGORIES: readonly Category[] = [
  'Order Management',
  'Quote Processing',
  'Shipping and Logistics',
  'Vendor Pricing Updates',
  'Returns and RMA',
  'Account Changes',
  'Deal Activations',
  'General Support',
];

/** Time zones that the browser knows, UTC among them. */
export const ZONES: readonly { value: string; label: string }[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => ({
  value: zone,
  label: zone,
}));

/** The zone this browser is in. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Lines of a text area as a list, without empty ones. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
