"use client";
import { useEffect, useState } from "react";

/** The part of the run's time that is drawn, in milliseconds since its zero. */
export type TimeWindow = { fromMs: number; toMs: number };

/** No closer than this, in milliseconds: below it there is nothing to see. */
const CLOSEST_MS = 2;

export type Zoom = {
  window: TimeWindow;
  isZoomed: boolean;
  /** Closer (factor < 1) or further, around `at`: 0 the left edge, 1 the right. */
  by: (factor: number, at?: number) => void;
  /** Along, by a share of what is seen. */
  pan: (share: number) => void;
  show: (window: TimeWindow) => void;
  reset: () => void;
};

/** Which part of a trace of `endMs` milliseconds is seen. Whole until somebody zooms; then it stays while the run grows. */
export function useZoom(endMs: number): Zoom {
  const [chosen, choose] = useState<TimeWindow | null>(null);
  const whole: TimeWindow = { fromMs: 0, toMs: Math.max(1, endMs) };
  const window = chosen ?? whole;

  function show({ fromMs, toMs }: TimeWindow) {
    const length = Math.min(whole.toMs, Math.max(CLOSEST_MS, toMs - fromMs));
    const from = Math.min(Math.max(0, fromMs), whole.toMs - length);
    choose(length >= whole.toMs ? null : { fromMs: from, toMs: from + length });
  }
  const length = window.toMs - window.fromMs;
  return {
    window,
    isZoomed: chosen !== null,
    by: (factor, at = 0.5) => {
      const middle = window.fromMs + length * at;
      show({ fromMs: middle - length * factor * at, toMs: middle + length * factor * (1 - at) });
    },
    pan: (share) => show({ fromMs: window.fromMs + length * share, toMs: window.toMs + length * share }),
    show,
    reset: () => choose(null),
  };
}

/** Ctrl, ⌘ or a pinch with the wheel zooms around the pointer; Shift goes along. Plain turning scrolls, as ever. */
export function useWheelZoom(element: HTMLElement | null, zoom: Zoom): void {
  useEffect(() => {
    if (!element) return;
    function onWheel(event: WheelEvent) {
      const track = element?.querySelector<HTMLElement>("[data-track]")?.getBoundingClientRect();
      if (!track) return;
      const onAxis = event.target instanceof Element && event.target.closest("[data-track]") !== null;
      if (event.ctrlKey || event.metaKey || (onAxis && !event.shiftKey)) {
        event.preventDefault();
        const at = Math.min(1, Math.max(0, (event.clientX - track.left) / track.width));
        zoom.by(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), at);
      } else if (event.shiftKey && zoom.isZoomed) {
        event.preventDefault();
        zoom.pan((event.deltaY || event.deltaX) / 1_000);
      }
    }
    // React listens passively, and a passive listener cannot keep the page from zooming.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [element, zoom]);
}

/** Round times for the marks of an axis: 1, 2 or 5 times a power of ten, about `count` of them. */
export function ticksOf({ fromMs, toMs }: TimeWindow, count: number): number[] {
  const rough = (toMs - fromMs) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-3)));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
