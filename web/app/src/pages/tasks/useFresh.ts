import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useServerEvent } from '../../data/live';
import { askHead, type TaskRows } from './rows';

/** Milliseconds between two looks at where the list begins. */
const PERIOD = 2000;
/** A look that takes long is not repeated soon: a quarter of the time at most is spent on them. */
const SHARE = 4;

/**
 * Whether the list has other rows by now than those that are shown. While `calm` says that nobody would notice rows
 * moving, they are fetched; otherwise it is told, and somebody decides. Values of rows change in place anyway.
 */
export function useFresh(rows: TaskRows, calm: () => boolean): { more: number | undefined; take: () => void } {
  const [found, setFound] = useState<{ list: string; total: number; first: string | undefined }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const busy = useRef(false);
  const again = useRef(false);
  const { list, total } = rows;
  const firstId = rows.at(0)?.task_id;

  const look = useEffectEvent(async () => {
    busy.current = true;
    const from = Date.now();
    try {
      const head = await askHead(rows.query);
      if (head.total === total && head.first === firstId) setFound(undefined);
      else if (calm()) {
        setFound(undefined);
        await rows.refresh();
      } else setFound({ list, ...head });
    } catch {
      // The next event asks again.
    }
    timer.current = setTimeout(
      () => {
        busy.current = false;
        if (!again.current) return;
        again.current = false;
        void look();
      },
      Math.max(PERIOD, (Date.now() - from) * SHARE),
    );
  });
  const heard = () => {
    if (rows.pending || rows.switching) return;
    if (busy.current) again.current = true;
    else void look();
  };
  useServerEvent('workflow:task:*', heard);
  useEffect(() => () => clearTimeout(timer.current), []);

  const stale = found?.list === list && (found.total !== total || found.first !== firstId) ? found : undefined;
  return {
    more: stale && Math.max(0, stale.total - total),
    take: () => {
      setFound(undefined);
      void rows.refresh();
    },
  };
}
