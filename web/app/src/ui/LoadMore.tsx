import { count } from '../data/format';
import { Button } from './Button';
import styles from './LoadMore.module.css';

interface LoadMoreProps {
  /** How many are shown. */
  shown: number;
  /** How many there are, if that is known. */
  total?: number | null | undefined;
  /** What they are: task, job. */
  one: string;
  hasMore: boolean;
  loading: boolean;
  onMore: () => void;
}

/** The end of a list that is fetched by cursor: fits `useInfiniteQuery`. */
export function LoadMore({ shown, total, one, hasMore, loading, onMore }: LoadMoreProps) {
  return (
    <div className={styles.more}>
      <p role="status">{total != null && total > shown ? `${count(shown, one)} of ${count(total, one)}` : count(shown, one)}</p>
      {hasMore && (
        <Button busy={loading} onClick={onMore}>
          Load more
        </Button>
      )}
    </div>
  );
}
