import { Store } from '../../data/store';

/** The card that the focus has to go to, as soon as it is shown. */
export const wantedFocus = new Store<string | undefined>(undefined);
