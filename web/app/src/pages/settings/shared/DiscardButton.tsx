import { useState } from 'react';
import { Button, ConfirmDialog } from '../../../ui';

/** Leaves a form; asks first if something would be lost. */
export function DiscardButton({ changed, onLeave }: { changed: boolean; onLeave: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => (changed ? setAsking(true) : onLeave())}>{changed ? 'Discard' : 'Close'}</Button>
      <ConfirmDialog open={asking} onClose={() => setAsking(false)} title="Discard the changes?" confirm="Discard them" danger onConfirm={onLeave}>
        What was changed here is lost; nothing of it is saved.
      </ConfirmDialog>
    </>
  );
}
