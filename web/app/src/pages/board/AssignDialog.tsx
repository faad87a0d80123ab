import { useState } from 'react';
import { Button, Combobox, Dialog, Field } from '../../ui';
import { useFocusAfter } from './focus';
import type { Owner, TaskRow } from './model';

interface AssignDialogProps {
  task: TaskRow;
  owners: readonly Owner[];
  onAssign: (owner: Owner) => void;
  onClose: () => void;
}

/** Gives a task to somebody: one who has work already, or a new name. */
export function AssignDialog({ task, owners, onAssign, onClose }: AssignDialogProps) {
  useFocusAfter(task.task_id);
  const [name, setName] = useState(task.current_owner ?? '');
  const known = owners.filter((owner) => owner.name !== null);
  const take = () => {
    const trimmed = name.trim();
    onClose();
    if (trimmed) onAssign(owners.find((owner) => owner.name === trimmed) ?? { name: trimmed, email: null });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Assign the task"
      size="sm"
      footer={
        <>
          {task.current_owner !== null && (
            <Button
              onClick={() => {
                onClose();
                onAssign({ name: null, email: null });
              }}
            >
              Unassign
            </Button>
          )}
          <Button variant="primary" onClick={take}>
            Assign
          </Button>
        </>
      }
    >
      <Field label="Owner" hint={task.title}>
        {(control) => (
          <Combobox {...control} value={name} choices={known.map((owner) => ({ value: owner.name!, label: owner.name! }))} onChange={setName} placeholder="A name" />
        )}
      </Field>
    </Dialog>
  );
}
