/** How a person has a table: which columns in which order, how wide, how dense. Pure, isomorphic, no nouns. */

export type ColumnField = {
  /** Header of the column, and its name in menus. */
  label: string;
  /** What the field means, for the column menu. */
  description: string;
  /** `locked` is always shown; `yes` and `no` are where a person's choice begins. */
  shown: "locked" | "yes" | "no";
  /** Numbers and durations stand right. */
  align: "start" | "end";
  /** In px, unless a person drags it; null takes what is left. */
  width: number | null;
};

export const DENSITIES = ["compact", "comfortable"] as const;
export type Density = (typeof DENSITIES)[number];
export type TableView<Id extends string> = { columns: { id: Id; /** In px; null as declared. */ width: number | null }[]; density: Density };

/** Of a column, in px. */
export const MIN_WIDTH = 48;
export const MAX_WIDTH = 1_200;

/** The views of a table with these fields: the usual one, and their form in an address (`cols=id,stage:220&density=comfortable`). */
export function tableViews<Id extends string>(fields: Record<Id, ColumnField>) {
  const ids = Object.keys(fields) as Id[];
  const usual: TableView<Id> = { columns: ids.filter((id) => fields[id].shown !== "no").map((id) => ({ id, width: null })), density: "compact" };
  return {
    usual,
    /** Total; null when the address says nothing of a view. */
    read(params: URLSearchParams): TableView<Id> | null {
      const [cols, density] = [params.get("cols"), params.get("density")];
      const columns: TableView<Id>["columns"] = [];
      for (const word of (cols ?? "").split(",").slice(0, 100)) {
        const [name = "", px] = word.split(":");
        const id = ids.find((known) => known === name);
        const width = px !== undefined && /^\d{1,4}$/.test(px) ? Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Number(px))) : null;
        if (id && columns.every((column) => column.id !== id)) columns.push({ id, width });
      }
      const known = DENSITIES.find((one) => one === density);
      if (columns.length === 0 && !known) return null;
      const locked = ids.filter((id) => fields[id].shown === "locked" && columns.every((column) => column.id !== id)).map((id) => ({ id, width: null }));
      return { columns: columns.length > 0 ? [...locked, ...columns] : usual.columns, density: known ?? usual.density };
    },
    /** Inverse of `read`; nothing for the view that everybody begins with. */
    print({ columns, density }: TableView<Id>): URLSearchParams {
      const params = new URLSearchParams();
      const print = (list: TableView<Id>["columns"]) => list.map(({ id, width }) => (width === null ? id : `${id}:${width}`)).join(",");
      if (print(columns) !== print(usual.columns)) params.set("cols", print(columns));
      if (density !== usual.density) params.set("density", density);
      return params;
    },
  };
}
