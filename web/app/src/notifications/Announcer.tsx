import { useEffect, useEffectEvent, useRef } from 'react';
import { useLocation } from 'wouter';
import { count } from '../data/format';
import { cursor, serverNow, useServerEvent } from '../data/live';
import { setTitleBadge, toast, type ToastKind } from '../ui';
import { countsInWords, say, SILENT, STAY, total, type Said } from './announce';
import { showOnDesktop } from './desktop';
import { add, load } from './inbox';
import { KINDS, toNotice, type Notice } from './notice';
import { levelOf, preferences } from './preferences';
import { keepSeen, lastSeen } from './readState';
import { useNotices, usePreferences } from './useNotices';

/** Milliseconds in which events are gathered: a burst changes the page no more often. */
const GATHER = 500;

const LOOKS: Record<'red' | 'yellow' | 'green' | 'blue', ToastKind> = { red: 'warning', yellow: 'warning', green: 'success', blue: 'info' };

/** Takes the events, lists them and says those that somebody wants to hear of. Once, in the shell. */
export function Announcer() {
  const [, navigate] = useLocation();
  const wishes = usePreferences();
  const { unread } = useNotices();
  const gathered = useRef<Notice[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const said = useRef<Said>(SILENT);
  /** When the connection was last opened again: what happened before was missed. */
  const reopened = useRef(0);
  const greeted = useRef(false);

  useEffect(() => setTitleBadge(unread), [unread]);

  const tellMissed = (missed: readonly Notice[]) => {
    const loud = missed.filter((notice) => loudness(notice) >= 2);
    if (loud.length === 0) return;
    const counts: Parameters<typeof total>[0] = {};
    for (const { kind } of loud) counts[kind] = (counts[kind] ?? 0) + 1;
    toast({
      key: 'notices-missed',
      kind: 'info',
      title: `While you were away: ${count(loud.length, 'notification')}`,
      detail: countsInWords(counts),
      action: { label: 'Show', onSelect: () => navigate('/notifications') },
      timeout: 15_000,
    });
  };

  const tell = (fresh: readonly Notice[]) => {
    const before = said.current;
    const now = Date.now();
    const next = say(before, fresh, now);
    said.current = next;
    if (fresh.length === 0) return;
    if (next.many) {
      const { counts } = next.many;
      toast({
        key: 'notices',
        replaces: before.single.map(({ notice }) => `notice-${notice.id}`),
        kind: 'warning',
        title: `${total(counts)} new notifications`,
        detail: countsInWords(counts),
        action: { label: 'Show', onSelect: () => navigate('/notifications') },
        timeout: STAY,
        onClose: () => (said.current = { ...said.current, many: undefined }),
      });
      return;
    }
    for (const notice of fresh) {
      const { word, tone } = KINDS[notice.kind];
      toast({
        key: `notice-${notice.id}`,
        kind: LOOKS[tone],
        title: word,
        detail: notice.detail ? `${notice.title}, ${notice.detail}` : notice.title,
        action: { label: 'Open', onSelect: () => navigate(notice.to) },
        timeout: STAY,
        onClose: () => (said.current = { ...said.current, single: said.current.single.filter((one) => one.notice.id !== notice.id) }),
      });
    }
  };

  const flush = useEffectEvent(() => {
    timer.current = undefined;
    const fresh = gathered.current;
    gathered.current = [];
    const isMissed = ({ at }: Notice) => Date.parse(at) < reopened.current;
    const missed = fresh.filter(isMissed);
    add(fresh, missed);
    tellMissed(missed);
    const live = fresh.filter((notice) => !isMissed(notice));
    tell(live.filter((notice) => loudness(notice) >= 2));
    showOnDesktop(live.filter((notice) => loudness(notice) === 3));
    const newest = cursor();
    if (newest) keepSeen(newest);
  });

  const take = (frame: { event: string }) => {
    const notice = toNotice(frame);
    if (!notice || loudness(notice) === 0) return;
    gathered.current.push(notice);
    timer.current ??= setTimeout(() => flush(), GATHER);
  };
  useServerEvent('workflow:critical:alert', (_, frame) => take(frame));
  useServerEvent('workflow:sla:*', (_, frame) => take(frame));
  useServerEvent('workflow:task:*', (_, frame) => take(frame));
  useServerEvent('workflow:comment:created', (_, frame) => take(frame));
  useServerEvent('workflow:batch:*', (_, frame) => take(frame));

  const read = useEffectEvent(async () => {
    const newest = cursor();
    if (newest === undefined) return;
    const missed = await load(newest, greeted.current ? undefined : lastSeen(), preferences.get());
    greeted.current = true;
    tellMissed(missed);
    keepSeen(newest);
  });
  useServerEvent('open', ({ resumed }) => {
    if (resumed) reopened.current = serverNow();
    else void read();
  });
  useServerEvent('resync', () => {
    greeted.current = false;
    void read();
  });
  // What is wanted now may not have been read before.
  const levels = JSON.stringify(wishes.levels);
  useEffect(() => void read(), [levels]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return null;
}

/** 0 off, 1 listed, 2 a toast as well, 3 on the desktop as well. */
function loudness(notice: Notice): number {
  return ['off', 'centre', 'toast', 'desktop'].indexOf(levelOf(notice, preferences.get()));
}
