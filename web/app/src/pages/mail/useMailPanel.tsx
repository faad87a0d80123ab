import type { ReactNode } from 'react';
import { withParams } from '../../data/address';
import { useSearchParams } from 'wouter';
import { MailPanel } from './MailPanel';

/** The mail that the address names, shown beside the list. */
export function useMailPanel(): { opened: string | undefined; open: (id: string) => void; panel: ReactNode } {
  const [params, setParams] = useSearchParams();
  const opened = params.get('mail') ?? undefined;
  const put = (id: string | undefined) => setParams((old) => withParams(old, { mail: id }), { replace: id === undefined });
  return { opened, open: put, panel: opened && <MailPanel key={opened} id={opened} onClose={() => put(undefined)} onOpen={put} /> };
}
