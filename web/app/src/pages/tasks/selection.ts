/** Which rows are chosen: some by name, or all that the filters match, whether they were fetched or not. */
export type Selection = { all: true } | { all: false; ids: ReadonlySet<string>; anchor: number | undefined };

export type SelectionChange =
  | { type: 'toggle'; id: string; index: number; loaded: () => readonly string[] }
  /** From the row chosen last to this one. */
  | { type: 'range'; index: number; idAt: (index: number) => string | undefined }
  | { type: 'all' }
  | { type: 'none' };

export const NONE: Selection = { all: false, ids: new Set(), anchor: undefined };

export function select(selection: Selection, change: SelectionChange): Selection {
  switch (change.type) {
    case 'none':
      return NONE;
    case 'all':
      return { all: true };
    case 'toggle': {
      // A filter cannot leave one out: what was fetched stays chosen.
      const ids = new Set(selection.all ? change.loaded() : selection.ids);
      if (!ids.delete(change.id)) ids.add(change.id);
      return { all: false, ids, anchor: change.index };
    }
    case 'range': {
      if (selection.all) return selection;
      const from = selection.anchor ?? change.index;
      const ids = new Set(selection.ids);
      for (let index = Math.min(from, change.index); index <= Math.max(from, change.index); index++) {
        const id = change.idAt(index);
        if (id !== undefined) ids.add(id);
      }
      return { all: false, ids, anchor: from };
    }
  }
}

export const isSelected = (selection: Selection, id: string | undefined): boolean =>
  id !== undefined && (selection.all || selection.ids.has(id));

export const selectedCount = (selection: Selection, total: number): number => (selection.all ? total : selection.ids.size);
