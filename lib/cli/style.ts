import type { RunStatus } from "#lib/runs/rules";

/** The mark that stands for a status wherever there are no icons. Word and mark go together, so that colour says nothing alone. */
export const STATUS_MARKS: Record<RunStatus, string> = {
  pending: "○",
  running: "↻",
  completed: "✓",
  partial: "◐",
  hold: "‖",
  skipped: "–",
  failed: "✗",
  cancelled: "■",
};

/** SGR codes (ECMA-48, 8.3.117) of the sixteen-colour set, which every terminal theme makes readable. */
const STATUS_COLOURS: Record<RunStatus, Colour> = {
  pending: "grey",
  running: "blue",
  completed: "green",
  partial: "yellow",
  hold: "cyan",
  skipped: "grey",
  failed: "red",
  cancelled: "grey",
};

const SGR = { bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, grey: 90 } as const;
export type Colour = keyof typeof SGR;

export function paint(io: { colour: boolean }, colour: Colour, text: string): string {
  return io.colour ? `\x1b[${SGR[colour]}m${text}\x1b[0m` : text;
}

/** `✓ completed` in its colour. */
export function printStatus(io: { colour: boolean }, status: RunStatus): string {
  return paint(io, STATUS_COLOURS[status], `${STATUS_MARKS[status]} ${status}`);
}

/** The mark alone, in its colour. */
export function printMark(io: { colour: boolean }, status: RunStatus): string {
  return paint(io, STATUS_COLOURS[status], STATUS_MARKS[status]);
}
