"use client";
import { type PointerEvent, useRef, useState } from "react";
import { ticksOf, type Zoom } from "#components/trace/use-zoom";
import { css } from "#components/ui/css";
import { formatDuration } from "#lib/format/duration";

/** Shorter drags than this are clicks, in pixels. */
const DRAG_PX = 4;

/** The times above the bars. Dragging along it shows that part alone; two clicks show the whole again. */
export function TimeAxis({ zoom }: { zoom: Zoom }) {
  const { window } = zoom;
  const length = window.toMs - window.fromMs;
  const track = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);

  const shareOf = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : 0;
  };
  function end() {
    if (drag && Math.abs(drag.to - drag.from) * (track.current?.clientWidth ?? 0) > DRAG_PX) {
      const [left, right] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      zoom.show({ fromMs: window.fromMs + left * length, toMs: window.fromMs + right * length });
    }
    setDrag(null);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for the hand; the buttons and keys of the grid do the same
    <div
      ref={track}
      data-track
      title="Drag to show a part, double-click for the whole"
      className="relative h-full cursor-ew-resize touch-pan-y overflow-hidden select-none"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = shareOf(event);
        setDrag({ from: at, to: at });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: shareOf(event) })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={zoom.reset}
    >
      {ticksOf(window, 5).map((at) => (
        <span key={at} className="absolute top-0 flex h-full items-center border-l pl-1 text-xs font-normal whitespace-nowrap text-ink-soft" {...css({ left: `${((at - window.fromMs) / length) * 100}%` })}>
          {formatTick(at)}
        </span>
      ))}
      {drag && (
        <span className="absolute inset-y-0 bg-accent/25 outline outline-accent" {...css({ left: `${Math.min(drag.from, drag.to) * 100}%`, width: `${Math.abs(drag.to - drag.from) * 100}%` })} />
      )}
    </div>
  );
}

const formatTick = (ms: number): string => (ms === 0 ? "0" : ms < 1 ? `${ms.toFixed(1)}ms` : formatDuration(ms).replace(/\.0s$/, "s"));
