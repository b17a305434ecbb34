/** The candle chart that the pattern and trend agents are shown. */
import { fitTrend } from "./indicators.ts";
import type { Bar } from "./price-rows.ts";

const WIDTH = 800;
const HEIGHT = 450;
const PAD = { left: 12, right: 76, top: 12, bottom: 12 };
/** Bars in the picture: those that the lines are fitted to. */
const SHOWN = 50;
const GRID_LINES = 5;

/** The picture as SVG: bars, green up and red down; with `lines`, support in blue and resistance in red. */
export function drawChart(bars: Bar[], { lines }: { lines: boolean }): string {
  const shown = bars.slice(-SHOWN);
  const trend = fitTrend(shown);
  const bottom = Math.min(...shown.map(({ low }) => low));
  const top = Math.max(...shown.map(({ high }) => high));
  const room = Math.max(top - bottom, top * 1e-6) * 0.06;
  const y = (price: number) => round(HEIGHT - PAD.bottom - ((price - bottom + room) / (top - bottom + 2 * room)) * (HEIGHT - PAD.top - PAD.bottom));
  const step = (WIDTH - PAD.left - PAD.right) / shown.length;
  const x = (index: number) => round(PAD.left + (index + 0.5) * step);
  const grid = Array.from({ length: GRID_LINES }, (_, index) => bottom + ((top - bottom) * index) / (GRID_LINES - 1));
  const candles = shown.map(({ open, high, low, close }, index) => {
    const colour = close >= open ? "#1a7f4b" : "#b42318";
    const [upper, lower] = [y(Math.max(open, close)), y(Math.min(open, close))];
    return `<path d="M${x(index)} ${y(high)}V${y(low)}" stroke="${colour}" stroke-width="1.5"/><rect x="${round(x(index) - step * 0.34)}" y="${upper}" width="${round(step * 0.68)}" height="${Math.max(1, round(lower - upper))}" fill="${colour}"/>`;
  });
  const line = ({ last, slope }: { last: number; slope: number }, colour: string) => `<path d="M${x(0)} ${y(last - slope * (shown.length - 1))}L${x(shown.length - 1)} ${y(last)}" stroke="${colour}" stroke-width="2.5" fill="none"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...grid.map((price) => `<path d="M${PAD.left} ${y(price)}H${WIDTH - PAD.right}" stroke="#d8dde3" stroke-width="1"/>${writeNumber(price, WIDTH - PAD.right + 8, y(price) - 5)}`),
    ...candles,
    ...(lines ? [line(trend.support, "#1d4ed8"), line(trend.resistance, "#dc2626")] : []),
    "</svg>",
  ].join("");
}

/** The picture as a PNG. The library that draws it is loaded here, since pages import this pipeline too. */
export async function renderChart(bars: Bar[], options: { lines: boolean }): Promise<Buffer> {
  const { Resvg } = await import("@resvg/resvg-js");
  return Buffer.from(new Resvg(drawChart(bars, options), { font: { loadSystemFonts: false } }).render().asPng());
}

/** Segments of a digital clock, lit per digit: top, upper left, upper right, middle, lower left, lower right, bottom. */
const SEGMENTS = ["M0 0H6", "M0 0V5", "M6 0V5", "M0 5H6", "M0 5V10", "M6 5V10", "M0 10H6"];
const LIT: Record<string, string> = { "0": "012456", "1": "25", "2": "02346", "3": "02356", "4": "1235", "5": "01356", "6": "013456", "7": "025", "8": "0123456", "9": "012356" };

/** A price in strokes: servers often have no fonts at all. */
function writeNumber(value: number, x: number, y: number): string {
  let at = x;
  const strokes = [...value.toPrecision(5)].map((sign) => {
    if (sign === ".") {
      at += 4;
      return `<rect x="${at - 3}" y="${y + 9}" width="2" height="2" fill="#475467"/>`;
    }
    const path = [...(LIT[sign] ?? "3")].map((segment) => SEGMENTS[Number(segment)] ?? "").join("");
    at += 9;
    return `<path transform="translate(${at - 9} ${y})" d="${path}" stroke="#475467" stroke-width="1.4" fill="none"/>`;
  });
  return strokes.join("");
}

const round = (value: number): number => Math.round(value * 100) / 100;
