import type { Io } from "./command.ts";
import { cut } from "./output.ts";

/**
 * Lines that are drawn over themselves on a terminal. Elsewhere there is nothing to draw over: `draw` does nothing,
 * and whoever uses it prints plain lines with `say`.
 */
export type Canvas = { draw(lines: string[]): void; say(line: string): void; end(): void };

export function openCanvas(io: Io): Canvas {
  if (!io.errIsTty) return { draw: () => {}, say: (line) => io.err(`${line}\n`), end: () => {} };
  let drawn: string[] = [];
  // Up to the first line drawn, and everything from there on erased (ECMA-48, CUU and ED).
  const erase = () => (drawn.length === 0 ? "" : `\x1b[${drawn.length}A\r\x1b[J`);
  const print = (lines: string[]) => lines.map((line) => `${line}\n`).join("");
  return {
    draw(lines) {
      const next = lines.map((line) => cut(line, io.width - 1));
      if (next.join("\n") === drawn.join("\n")) return;
      io.err(erase() + print(next));
      drawn = next;
    },
    say(line) {
      io.err(`${erase()}${line}\n${print(drawn)}`);
    },
    end() {
      io.err(erase());
      drawn = [];
    },
  };
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` columns filled to `ratio`, to an eighth of a column. */
export function bar(ratio: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, ratio)) * width * 8);
  const full = Math.floor(eighths / 8);
  const filled = "█".repeat(full) + (EIGHTHS[eighths % 8] ?? "");
  return filled + "░".repeat(width - full - (eighths % 8 > 0 ? 1 : 0));
}
