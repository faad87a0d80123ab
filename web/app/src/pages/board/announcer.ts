import { Store } from '../../data/store';

/** What the live region of the board says. */
export const announcement = new Store('');

/** Says it to those who listen, also if it was the last thing said. */
export function announce(text: string): void {
  announcement.set(announcement.get() === text ? `${text}\u00a0` : text);
}
