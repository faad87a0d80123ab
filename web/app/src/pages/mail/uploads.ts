import { http, unwrap } from '../../data/http';
import { Problem } from '../../data/problem';
import { Store } from '../../data/store';
import { splitMbox } from './mbox';

/** What the API takes at once. */
export const LIMIT = 25 * 2 ** 20;
/** A single mail beyond this is refused; beyond {@link LIMIT} it is quarantined. */
export const LARGEST_MAIL = 2 ** 30;
/** Mails of one upload at most. */
export const MOST_MAILS = 5000;
/** Room for the lines between the parts of an upload. */
const PART_OVERHEAD = 512;

/** What is sent at once and becomes one batch. */
export type Shipment =
  | { kind: 'mails'; name: string; files: File[] }
  | { kind: 'large'; name: string; files: [File] }
  | { kind: 'mbox'; name: string; files: [File] }
  | { kind: 'json'; name: string; files: [File] };

export interface Refusal {
  name: string;
  why: string;
}

function extension({ name }: File): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

/** Sorts chosen files into what can be sent, and what cannot and why. */
export function plan(files: readonly File[]): { shipments: Shipment[]; refused: Refusal[] } {
  const shipments: Shipment[] = [];
  const refused: Refusal[] = [];
  let mails: File[] = [];
  let size = 0;
  const close = () => {
    if (mails.length > 0) shipments.push({ kind: 'mails', name: mails.length === 1 ? mails[0]!.name : `${mails.length} mails`, files: mails });
    mails = [];
    size = 0;
  };
  for (const file of files) {
    const { name } = file;
    const kind = extension(file);
    if (file.size === 0) refused.push({ name, why: 'It is empty.' });
    else if (kind === 'mbox' || kind === 'mbx') shipments.push({ kind: 'mbox', name, files: [file] });
    else if (kind === 'json') {
      if (file.size > LIMIT) refused.push({ name, why: 'JSON is 25 MiB at most. Split it into several files.' });
      else shipments.push({ kind: 'json', name, files: [file] });
    } else if (kind !== 'eml') refused.push({ name, why: 'It is no .eml, .mbox or .json file.' });
    else if (file.size > LARGEST_MAIL) refused.push({ name, why: 'A mail is 1 GiB at most.' });
    else if (file.size + PART_OVERHEAD > LIMIT) shipments.push({ kind: 'large', name, files: [file] });
    else {
      if (size + file.size + PART_OVERHEAD > LIMIT || mails.length === MOST_MAILS) close();
      mails.push(file);
      size += file.size + PART_OVERHEAD;
    }
  }
  close();
  return { shipments, refused };
}

/** A shipment on its way, or a batch that was opened again. */
export interface Upload {
  id: string;
  name: string;
  /** Bytes sent; 0 for what was there already. */
  bytes: number;
  phase: 'waiting' | 'sending' | 'accepted' | 'refused';
  batchId?: string;
  problem?: Problem;
}

/** Outlives the page: an upload goes on while somebody looks at something else. */
export const uploads = new Store<readonly Upload[]>([]);

const again = new Map<string, () => Promise<void>>();
let last = 0;
/** Uploads go one after the other. */
let tail: Promise<void> = Promise.resolve();

function change(id: string, to: Partial<Upload>) {
  uploads.set(uploads.get().map((upload) => (upload.id === id ? { ...upload, ...to } : upload)));
}

export function dismissUpload(id: string): void {
  again.delete(id);
  uploads.set(uploads.get().filter((upload) => upload.id !== id));
}

/** Shows the progress of a batch that the API works on again. */
export function follow(batchId: string, name: string): void {
  uploads.set([...uploads.get().filter((upload) => upload.batchId !== batchId), { id: `u${++last}`, name, bytes: 0, phase: 'accepted', batchId }]);
}

/** The same key with the same upload makes it safe to send again. */
function newKey(): string {
  return `upload-${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** Queues what {@link plan} found. */
export function start(shipments: readonly Shipment[], mailbox: string | undefined): void {
  for (const shipment of shipments) {
    const pieces = shipment.kind === 'mbox' && shipment.files[0].size > LIMIT ? undefined : [shipment.files[0]];
    if (pieces) {
      queue(shipment, mailbox);
      continue;
    }
    tail = tail.then(async () => {
      const parts = await splitMbox(shipment.files[0]!, LIMIT);
      parts.forEach((part, at) => {
        const name = `${shipment.name}, part ${at + 1} of ${parts.length}`;
        queue({ kind: 'mbox', name, files: [new File([part], shipment.name)] }, mailbox);
      });
    });
  }
}

function queue(shipment: Shipment, mailbox: string | undefined) {
  const id = `u${++last}`;
  const bytes = shipment.files.reduce((sum, file) => sum + file.size, 0);
  uploads.set([...uploads.get(), { id, name: shipment.name, bytes, phase: 'waiting' }]);
  const key = newKey();
  const run = async () => {
    change(id, { phase: 'sending' });
    try {
      const { batch_id: batchId } = await send(shipment, mailbox, key);
      again.delete(id);
      change(id, { phase: 'accepted', batchId });
    } catch (cause) {
      change(id, { phase: 'refused', problem: Problem.of(cause) });
    }
  };
  again.set(id, run);
  tail = tail.then(run);
}

/** Sends again what did not arrive. */
export function retry(id: string): void {
  const run = again.get(id);
  if (!run) return;
  change(id, { phase: 'waiting' });
  tail = tail.then(run);
}

async function send(shipment: Shipment, mailbox: string | undefined, key: string) {
  const header = { 'Idempotency-Key': key };
  const query = { mailbox };
  const [file] = shipment.files as [File, ...File[]];
  switch (shipment.kind) {
    case 'mails': {
      const form = new FormData();
      if (mailbox) form.append('mailbox', mailbox);
      for (const mail of shipment.files) form.append('files', mail, mail.name);
      return unwrap(
        http.POST('/api/workflow/batches', { params: { header }, body: { files: [] }, bodySerializer: () => form }),
      );
    }
    case 'large':
    case 'mbox': {
      const type = shipment.kind === 'mbox' ? 'application/mbox' : 'message/rfc822';
      const named = { ...query, source: file.name.slice(0, 1000) };
      return unwrap(
        http.POST('/api/workflow/batches', {
          params: { header, query: named },
          headers: { 'Content-Type': type },
          body: '',
          bodySerializer: () => file,
        }),
      );
    }
    case 'json':
      return unwrap(
        http.POST('/api/workflow/batches', {
          params: { header, query },
          headers: { 'Content-Type': 'application/json' },
          body: { emails: [] },
          bodySerializer: () => file,
        }),
      );
  }
}
