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
