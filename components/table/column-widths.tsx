import { type PointerEvent, useState } from "react";
import { type ColumnField, MAX_WIDTH, MIN_WIDTH, type TableView } from "#lib/table/view";

/** Widths in px as the view has them, and under the hand that drags one; null takes what is left. `onDone` hears of it once the hand lets go. */
export function useColumnWidths<Id extends string>(fields: Record<Id, ColumnField>, view: TableView<Id>, onDone: (view: TableView<Id>) => void) {
  const [dragged, setDragged] = useState<{ id: Id; width: number } | null>(null);
  const widthOf = (id: Id): number | null => (dragged?.id === id ? dragged.width : (view.columns.find((column) => column.id === id)?.width ?? fields[id].width));

  /** The handle keeps the pointer, wherever it goes. */
  function startDrag(id: Id, event: PointerEvent<HTMLElement>) {
    const handle = event.currentTarget;
    const from = event.clientX;
    const before = handle.closest("th")?.getBoundingClientRect().width ?? MIN_WIDTH;
    let width: number | null = null;
    const gone = new AbortController();
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener(
      "pointermove",
      ({ clientX }: globalThis.PointerEvent) => {
        width = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, before + clientX - from)));
        setDragged({ id, width });
      },
      { signal: gone.signal },
    );
    handle.addEventListener(
      "lostpointercapture",
      () => {
        gone.abort();
        setDragged(null);
        if (width !== null) onDone({ ...view, columns: view.columns.map((column) => (column.id === id ? { ...column, width } : column)) });
      },
      { signal: gone.signal },
    );
  }
  return { widthOf, startDrag };
}
