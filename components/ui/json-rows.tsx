"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { CopyButton } from "#components/ui/copy-button";
import { css } from "#components/ui/css";
import { prettyJson } from "#lib/format/json";
import { isFoldable, type JsonNode, pathOf } from "#lib/format/json-tree";

/** More rows than this are drawn only where they are seen. */
const VIRTUAL_FROM = 200;
const ROW_PX = 20;
/** Longer texts show their beginning, in characters, and open on demand. */
const LONG_TEXT = 500;

type JsonRowsProps = {
  nodes: JsonNode[];
  shown: number[];
  folded: ReadonlySet<number>;
  name: string;
  q: string;
  /** The match to scroll to. */
  current: number | null;
  onToggle: (index: number) => void;
};

export function JsonRows(props: JsonRowsProps) {
  const { nodes, shown, name, current } = props;
  const box = useRef<HTMLElement>(null);
  const isVirtual = shown.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({ count: isVirtual ? shown.length : 0, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 20 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: goes there when the match changes, not whenever rows do
  useEffect(() => {
    if (current === null) return;
    const row = shown.indexOf(current);
    if (isVirtual) virtualizer.scrollToIndex(row, { align: "center" });
    else {
      const target = box.current?.querySelector<HTMLElement>(`[data-node="${current}"]`);
      if (target && box.current) box.current.scrollTop = target.offsetTop - box.current.clientHeight / 2;
    }
  }, [current]);

  const row = (index: number) => {
    const node = nodes[index];
    return node && <JsonRow key={index} {...props} node={node} index={index} />;
  };
  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={name}
      className="relative max-h-96 overflow-auto rounded-md border bg-sunken py-1.5 pr-1 pl-1.5 font-mono text-xs leading-5"
    >
      {isVirtual ? (
        <div className="relative" {...css({ height: virtualizer.getTotalSize() })}>
          {virtualizer.getVirtualItems().map((item) => (
            <div key={item.key} ref={virtualizer.measureElement} data-index={item.index} className="absolute inset-x-0 top-0" {...css({ transform: `translateY(${item.start}px)` })}>
              {row(shown[item.index] ?? 0)}
            </div>
          ))}
        </div>
      ) : (
        shown.map(row)
      )}
    </section>
  );
}

function JsonRow({ nodes, node, index, folded, name, q, current, onToggle }: JsonRowsProps & { node: JsonNode; index: number }) {
  const [isWhole, setWhole] = useState(false);
  const canFold = isFoldable(node);
  const isFolded = folded.has(index);
  const isLong = node.text.length > LONG_TEXT;
  const said = isLong && !isWhole ? `${node.text.slice(0, LONG_TEXT)}…` : node.text;
  const path = pathOf(nodes, index);
  return (
    <div
      data-node={index}
      className={classNames("group flex items-start gap-1 rounded-sm pr-1 hover:bg-hover", current === index && "bg-accent-wash outline outline-accent")}
      {...css({ paddingLeft: Math.min(node.depth, 20) * 14 })}
    >
      {canFold ? (
        <button type="button" aria-expanded={!isFolded} aria-label={`${isFolded ? "Unfold" : "Fold"} ${path} of ${name}`} onClick={() => onToggle(index)} className="flex size-5 shrink-0 items-center justify-center rounded-sm text-ink-soft hover:text-ink">
          <ChevronRight aria-hidden className={classNames("size-3.5", !isFolded && "rotate-90")} />
        </button>
      ) : (
        <span className="w-5 shrink-0" />
      )}
      <span className="min-w-0 flex-1 break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
        {node.key !== null && (
          <>
            <bdi className="text-ink-soft">
              <Marked text={String(node.key)} q={typeof node.key === "string" ? q : ""} />
            </bdi>
            <span className="text-ink-soft">: </span>
          </>
        )}
        <bdi className={valueClass(node)}>
          <Marked text={said} q={canFold ? "" : q} />
        </bdi>
        {isLong && (
          <button type="button" onClick={() => setWhole(!isWhole)} className="ml-1 min-h-5 font-sans text-accent underline">
            {isWhole ? "Show less" : `Show all ${node.text.length} characters`}
          </button>
        )}
      </span>
      <span className="flex shrink-0 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:hidden">
        <CopyButton text={path} label={`Copy path ${path}`} className="h-5" />
        <CopyButton text={typeof node.value === "string" ? node.value : prettyJson(node.value)} label={`Copy value of ${path}`} className="h-5" />
      </span>
    </div>
  );
}

function valueClass({ value, size }: JsonNode): string {
  if (size > 1) return "text-ink-soft italic";
  if (typeof value === "string") return "text-completed";
  if (value === null || typeof value === "boolean") return "text-hold";
  return typeof value === "number" ? "text-running" : "text-ink-soft";
}

/** The text with every place where `q` is found marked. */
function Marked({ text, q }: { text: string; q: string }) {
  if (q === "") return text;
  const parts: { at: number; text: string; isHit: boolean }[] = [];
  const lower = text.toLowerCase();
  const wanted = q.toLowerCase();
  // Lower case of some letters is longer than they are; then places do not correspond, and nothing is marked.
  if (lower.length !== text.length) return text;
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push({ at: from, text: text.slice(from, at), isHit: false }, { at, text: text.slice(at, at + q.length), isHit: true });
    from = at + q.length;
  }
  parts.push({ at: from, text: text.slice(from), isHit: false });
  return parts.map((part) => (part.isHit ? <mark key={`${part.at}+`} className="rounded-[2px] bg-partial-wash text-ink outline outline-partial">{part.text}</mark> : <span key={part.at}>{part.text}</span>));
}
