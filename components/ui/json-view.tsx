"use client";
import { Braces, ChevronDown, ChevronUp, Download, FoldVertical, UnfoldVertical } from "lucide-react";
import { type ReactNode, useId, useMemo, useState } from "react";
import { CopyButton } from "#components/ui/copy-button";
import { IconButton } from "#components/ui/icon-button";
import { JsonRows } from "#components/ui/json-rows";
import type { Json } from "#lib/engine/define";
import { prettyJson } from "#lib/format/json";
import { flattenJson, foldedFrom, isFoldable, type JsonNode, parentsOf, readJson, searchJson, visibleJson } from "#lib/format/json-tree";
import { formatBytes } from "#lib/format/number";

/** Text that is no JSON, and JSON shown raw, is cut on the page past this many characters: a browser lays out a megabyte in seconds. */
const RAW_MAX = 100_000;
/** Fewer rows than this need no search. */
const SEARCHED_FROM = 4;
/** Longer values than this begin folded from their second level on. */
const FOLDED_FROM = 200;

type JsonViewProps = {
  label: string;
  /** What it belongs to, where several stand on one page: "step 3". */
  of?: string;
  /** Where the whole can be downloaded. */
  href?: string;
  /** Size of the whole, where `text` is only its beginning. */
  cutFrom?: number;
  /** More buttons beside the label. */
  actions?: ReactNode;
} & ({ text: string } | { value: Json });

/** JSON for reading: folded and unfolded, searched, copied by value and by path, or raw. Text that is no JSON is shown as it is. */
export function JsonView(props: JsonViewProps) {
  const { label, of, href, cutFrom, actions } = props;
  const source = "text" in props ? props.text : props.value;
  const isText = "text" in props;
  const read = useMemo(() => (isText && typeof source === "string" ? readJson(source) : { value: source }), [source, isText]);
  const name = of ? `${label} of ${of}` : label;
  const isTree = "value" in read && cutFrom === undefined;
  const pretty = "value" in read ? () => prettyJson(read.value) : () => String(source);

  return (
    <figure className="min-w-0">
      {isTree ? (
        <JsonTree value={read.value} label={label} name={name} pretty={pretty()} actions={actions} download={<DownloadLink href={href} name={name} />} />
      ) : (
        <>
          <Bar label={label} name={name} pretty={pretty()} actions={actions} download={<DownloadLink href={href} name={name} />} />
          <RawText text={String(source)} name={name} />
          <p className="mt-1 text-xs text-ink-soft">
            {cutFrom === undefined ? "This is no valid JSON, and is shown as it was recorded." : `The beginning of ${formatBytes(cutFrom)}, too large to be shown whole. Download it to read the rest.`}
          </p>
        </>
      )}
    </figure>
  );
}

const DownloadLink = ({ href, name }: { href?: string; name: string }) =>
  href && (
    <a href={href} download aria-label={`Download ${name.toLowerCase()}`} title="Download" className="inline-flex size-6 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink">
      <Download aria-hidden className="size-3.5" />
    </a>
  );

function Bar({ label, name, pretty, actions, download, children }: { label: string; name: string; pretty: string; actions?: ReactNode; download?: ReactNode; children?: ReactNode }) {
  return (
    <figcaption className="flex min-h-8 flex-wrap items-center gap-x-1 gap-y-1 text-xs font-semibold text-ink-soft">
      <span className="mr-1">{label}</span>
      <CopyButton text={pretty} label={`Copy ${name.charAt(0).toLowerCase()}${name.slice(1)}`} />
      {download}
      {children}
      {actions && <span className="ml-auto flex items-center gap-1">{actions}</span>}
    </figcaption>
  );
}

function RawText({ text, name }: { text: string; name: string }) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={name}
      className="max-h-96 overflow-auto rounded-md border bg-sunken p-3"
    >
      <pre dir="auto" className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{text.length > RAW_MAX ? `${text.slice(0, RAW_MAX)}\n…` : text}</pre>
    </section>
  );
}

function JsonTree({ value, label, name, pretty, actions, download }: { value: Json; label: string; name: string; pretty: string; actions?: ReactNode; download?: ReactNode }) {
  const searchId = useId();
  const nodes = useMemo(() => flattenJson(value), [value]);
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => foldedFrom(nodes, nodes.length > FOLDED_FROM ? 2 : Number.POSITIVE_INFINITY));
  const [isRaw, setRaw] = useState(false);
  const [q, setQ] = useState("");
  const [current, setCurrent] = useState(0);
  const matches = useMemo(() => searchJson(nodes, q.trim()), [nodes, q]);
  const shown = useMemo(() => visibleJson(nodes, folded), [nodes, folded]);
  const at = matches[Math.min(current, matches.length - 1)];

  /** Unfolds the way to a match and makes it the one to scroll to. */
  function goTo(list: number[], wanted: number) {
    const target = list[((wanted % list.length) + list.length) % list.length];
    if (target === undefined) return;
    setCurrent(list.indexOf(target));
    const path = new Set(parentsOf(nodes, target));
    setFolded((old) => new Set([...old].filter((index) => !path.has(index))));
  }

  function search(text: string) {
    setQ(text);
    goTo(searchJson(nodes, text.trim()), 0);
  }

  return (
    <>
      <Bar label={label} name={name} pretty={pretty} actions={actions} download={download}>
        {nodes.length >= SEARCHED_FROM && (
          <>
            <IconButton small label={`Show ${name} raw`} aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
              <Braces aria-hidden className="size-3.5" />
            </IconButton>
            {!isRaw && (
              <>
                <FoldButtons nodes={nodes} name={name} onFold={setFolded} />
                <span className="flex items-center gap-0.5">
                  <label htmlFor={searchId} className="sr-only">
                    Search in {name}
                  </label>
                  <input
                    id={searchId}
                    type="search"
                    value={q}
                    placeholder="Search"
                    onChange={(event) => search(event.target.value)}
                    onKeyDown={(event) => {
                      if (event.key === "Enter") goTo(matches, current + (event.shiftKey ? -1 : 1));
                    }}
                    className="h-6 w-28 rounded-md border border-line-strong bg-surface px-1.5 text-xs font-normal text-ink placeholder:text-ink-soft"
                  />
                  {q.trim() !== "" && (
                    <>
                      <span role="status" className="px-1 font-normal whitespace-nowrap">
                        {matches.length === 0 ? "None" : `${Math.min(current, matches.length - 1) + 1} of ${matches.length}`}
                      </span>
                      <IconButton small label={`Previous match in ${name}`} disabled={matches.length === 0} onClick={() => goTo(matches, current - 1)}>
                        <ChevronUp aria-hidden className="size-3.5" />
                      </IconButton>
                      <IconButton small label={`Next match in ${name}`} disabled={matches.length === 0} onClick={() => goTo(matches, current + 1)}>
                        <ChevronDown aria-hidden className="size-3.5" />
                      </IconButton>
                    </>
                  )}
                </span>
              </>
            )}
          </>
        )}
      </Bar>
      {isRaw ? (
        <RawText text={pretty} name={name} />
      ) : (
        <JsonRows
          nodes={nodes}
          shown={shown}
          folded={folded}
          name={name}
          q={q.trim()}
          current={at ?? null}
          onToggle={(index) => setFolded((old) => (old.has(index) ? new Set([...old].filter((one) => one !== index)) : new Set([...old, index])))}
        />
      )}
    </>
  );
}

function FoldButtons({ nodes, name, onFold }: { nodes: JsonNode[]; name: string; onFold: (folded: Set<number>) => void }) {
  if (!nodes.some((node) => node.depth > 0 && isFoldable(node))) return null;
  return (
    <>
      <IconButton small label={`Fold ${name} to its first level`} onClick={() => onFold(foldedFrom(nodes, 1))}>
        <FoldVertical aria-hidden className="size-3.5" />
      </IconButton>
      <IconButton small label={`Unfold all of ${name}`} onClick={() => onFold(new Set())}>
        <UnfoldVertical aria-hidden className="size-3.5" />
      </IconButton>
    </>
  );
}
