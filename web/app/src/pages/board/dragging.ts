import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { useEffect, useEffectEvent, useState, type RefObject } from 'react';

/** Pixels from an edge within which it scrolls, and how many a frame at most. */
const EDGE = 72;
const SPEED = 16;

/** How fast to scroll with the pointer this far from the two edges of something. */
export function scrollSpeed(before: number, after: number): number {
  if (before < EDGE && before <= after) return -SPEED * Math.min(1, (EDGE - before) / EDGE);
  if (after < EDGE) return SPEED * Math.min(1, (EDGE - after) / EDGE);
  return 0;
}

/** Has a card be dragged, if it may be; true while it is. */
export function useDraggable(element: RefObject<HTMLElement | null>, id: string, allowed: boolean): boolean {
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    if (!element.current || !allowed) return;
    return draggable({
      element: element.current,
      getInitialData: () => ({ task: id }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [element, id, allowed]);
  return dragged;
}

/** Has a column take cards; gives the card that is above it. */
export function useDropTarget(element: RefObject<HTMLElement | null>, column: string): string | undefined {
  const [over, setOver] = useState<string>();
  useEffect(() => {
    if (!element.current) return;
    return dropTargetForElements({
      element: element.current,
      getData: () => ({ column }),
      getDropEffect: () => 'move',
      onDragEnter: ({ source }) => setOver(String(source.data.task)),
      onDragLeave: () => setOver(undefined),
      onDrop: () => setOver(undefined),
    });
  }, [element, column]);
  return over;
}

interface Drags {
  onStart: (task: string) => void;
  /** `column` is absent if it was dropped elsewhere. */
  onEnd: (task: string, column: string | undefined) => void;
}

/** Follows what is dragged on the board, and scrolls it and the column under the pointer near their edges. */
export function useDrags(board: RefObject<HTMLElement | null>, { onStart, onEnd }: Drags): void {
  const started = useEffectEvent(onStart);
  const ended = useEffectEvent(onEnd);
  useEffect(() => {
    let frame = 0;
    let at = { x: 0, y: 0 };
    const step = () => {
      frame = requestAnimationFrame(step);
      const area = board.current;
      if (!area) return;
      const box = area.getBoundingClientRect();
      area.scrollLeft += scrollSpeed(at.x - box.left, box.right - at.x);
      const list = document.elementFromPoint(at.x, at.y)?.closest('[data-column]')?.querySelector('[data-scroller]');
      if (!list) return;
      const inner = list.getBoundingClientRect();
      list.scrollTop += scrollSpeed(at.y - inner.top, inner.bottom - at.y);
    };
    const end = monitorForElements({
      onDragStart: ({ source, location }) => {
        at = { x: location.current.input.clientX, y: location.current.input.clientY };
        frame = requestAnimationFrame(step);
        started(String(source.data.task));
      },
      onDrag: ({ location }) => {
        at = { x: location.current.input.clientX, y: location.current.input.clientY };
      },
      onDrop: ({ source, location }) => {
        cancelAnimationFrame(frame);
        const column = location.current.dropTargets[0]?.data.column;
        ended(String(source.data.task), typeof column === 'string' ? column : undefined);
      },
    });
    return () => {
      cancelAnimationFrame(frame);
      end();
    };
  }, [board]);
}
