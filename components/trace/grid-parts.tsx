import type { ComponentProps } from "react";

/**
 * The parts of a treegrid without the elements of a table, which could not hold 50,000 rows of which a few are there.
 * None of them takes the focus: the grid has it, and says by aria-activedescendant which row is meant.
 */
const ROLES = { rows: { role: "rowgroup" }, row: { role: "row" }, head: { role: "columnheader" }, cell: { role: "gridcell" } } as const;

export const GridRows = (props: ComponentProps<"div">) => <div {...ROLES.rows} {...props} />;
export const GridRow = (props: ComponentProps<"div">) => <div {...ROLES.row} {...props} />;
export const GridHead = (props: ComponentProps<"div">) => <div {...ROLES.head} {...props} />;
export const GridCell = (props: ComponentProps<"div">) => <div {...ROLES.cell} {...props} />;
