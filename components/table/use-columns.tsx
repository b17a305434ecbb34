import { columnResizingFeature, columnSizingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { type MouseEvent, type TouchEvent, useMemo } from "react";
import { type ColumnField, MAX_WIDTH, MIN_WIDTH, type TableView } from "#lib/table/view";

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });
/** The size, in px, that stands for "what is left": no width that a person drags to by whole pixels. */
const FREE = 240.5;

type Column<Id> = { id: Id; /** In px, also under the hand that drags it; null takes what is left. */ width: number | null; startDrag(event: MouseEvent | TouchEvent): void };

/** The columns of a view and the rows below them, as TanStack Table has them. `onDone` hears of a width once the hand lets go. */
export function useColumns<Id extends string, Row extends { id: number }>(fields: Record<Id, ColumnField>, view: TableView<Id>, data: Row[], onDone: (view: TableView<Id>) => void): { columns: Column<Id>[]; rows: Row[] } {
  const defined = useMemo(() => view.columns.map(({ id, width }) => ({ id, header: fields[id].label, minSize: MIN_WIDTH, maxSize: MAX_WIDTH, size: width ?? fields[id].width ?? FREE })), [fields, view]);
  const table = useTable({ features, columns: defined, data, getRowId: ({ id }) => String(id), columnResizeMode: "onChange" });
  const columns = table.getFlatHeaders().map((header): Column<Id> => ({
    // It is given these ids, and gives them back.
    id: header.id as Id,
    width: header.getSize() === FREE ? null : Math.round(header.getSize()),
    startDrag: (event) => {
      header.getResizeHandler()(event);
      const done = new AbortController();
      const keep = () => {
        done.abort();
        // After its own listener, which has the last word on the size.
        setTimeout(() => {
          const width = Math.round(header.getSize());
          onDone({ ...view, columns: view.columns.map((column) => (column.id === header.id ? { ...column, width } : column)) });
          table.resetColumnSizing(true);
        });
      };
      for (const type of ["mouseup", "touchend"]) document.addEventListener(type, keep, { signal: done.signal });
    },
  }));
  return { columns, rows: table.getRowModel().rows.map(({ original }) => original) };
}
