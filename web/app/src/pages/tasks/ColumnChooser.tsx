import { useSyncExternalStore } from 'react';
import { changeAppearance, useAppearance } from '../../shell/appearance';
import { Button, Checkbox, IconButton, Switch, usePopover } from '../../ui';
import { COLUMNS, resetColumns, showColumns, shownColumns } from './columns';
import styles from './FilterBar.module.css';

/** Which columns there are, and how high their rows. */
export function ColumnChooser() {
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  const shown = useSyncExternalStore(shownColumns.subscribe, shownColumns.get);
  const { density } = useAppearance();
  return (
    <>
      <IconButton ref={anchor} icon="table" label="Columns and density" variant="secondary" aria-haspopup="dialog" aria-expanded={open} onClick={() => (open ? close() : show())} />
      <div ref={floating} popover="auto" role="dialog" aria-label="Columns and density" className={styles.columns}>
        <Switch label="Compact rows" checked={density === 'compact'} onChange={(on) => changeAppearance({ density: on ? 'compact' : 'comfortable' })} />
        <p className={styles.heading}>Columns</p>
        {COLUMNS.map((column) => (
          <Checkbox
            key={column.key}
            label={column.header}
            checked={shown.includes(column.key)}
            disabled={column.fixed}
            onChange={(on) => showColumns(on ? [...shown, column.key] : shown.filter((key) => key !== column.key))}
          />
        ))}
        <Button variant="ghost" size="sm" onClick={resetColumns}>
          Show the usual ones
        </Button>
      </div>
    </>
  );
}
