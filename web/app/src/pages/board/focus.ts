import { useEffect } from 'react';
import { Store } from '../../data/store';
import { useBoard } from './BoardContext';

/** The card that the focus has to go to, as soon as it is shown. */
export const wantedFocus = new Store<string | undefined>(undefined);

/** Gives the focus back to a card when a dialog about it has gone. */
export function useFocusAfter(id: string): void {
  const { store } = useBoard();
  useEffect(() => () => void (store.find(id) && wantedFocus.set(id)), [id, store]);
}
