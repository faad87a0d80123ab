import { KINDS, type Notice } from './notice';

/** What the system allows; `unsupported` also where the page is not served safely. */
export function permission(): NotificationPermission | 'unsupported' {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}

/** Told as one beyond this many. */
const MOST = 3;

/** Shows them by the system if nobody looks at the page. Other tabs show the same ones only once. */
export function showOnDesktop(notices: readonly Notice[]): void {
  if (notices.length === 0 || permission() !== 'granted' || document.visibilityState === 'visible') return;
  const show = (title: string, body: string, tag: string, to: string) => {
    try {
      const shown = new Notification(title, { body, tag, icon: '/favicon.svg' });
      shown.addEventListener('click', () => {
        window.focus();
        shown.close();
        // The router listens to the history.
        history.pushState(null, '', to);
      });
    } catch {
      // Some systems allow them to workers alone.
    }
  };
  if (notices.length > MOST) {
    show(`${notices.length} new notifications`, notices.slice(0, 3).map(({ title }) => title).join('\n'), 'notices', '/notifications');
    return;
  }
  for (const { kind, title, id, to } of notices) show(KINDS[kind].word, title, `notice-${id}`, to);
}
