/** Ten hues that stay apart on both grounds; past the tenth, and for who sees no colour, the dashes tell lines apart. */
const HUES = [235, 27, 148, 300, 75, 195, 345, 115, 265, 50];
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

export function lineLook(index: number): { stroke: string; strokeDasharray: string } {
  const hue = HUES[index % HUES.length];
  return { stroke: `light-dark(oklch(0.5 0.13 ${hue}), oklch(0.76 0.12 ${hue}))`, strokeDasharray: DASHES[(Math.floor(index / HUES.length) + (index % 2)) % DASHES.length] ?? "" };
}

/** The line of a series as it looks in its chart. */
export const LineMark = ({ index }: { index: number }) => (
  <svg width="20" height="8" aria-hidden className="shrink-0"><line x1="0" y1="4" x2="20" y2="4" strokeWidth="2" {...lineLook(index)} /></svg>
);
