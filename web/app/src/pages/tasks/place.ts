/** Where one was in a list, to come back to from a task. */
interface Place {
  top: number;
  row: number;
  column: number;
}

const places = new Map<string, Place>();
const MOST = 20;

export const recall = (search: string): Place | undefined => places.get(search);

export function remember(search: string, place: Place): void {
  places.delete(search);
  places.set(search, place);
  const oldest = places.keys().next().value;
  if (places.size > MOST && oldest !== undefined) places.delete(oldest);
}
