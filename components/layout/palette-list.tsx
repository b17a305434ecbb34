"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { useEffect, useMemo, useState } from "react";
import { PAGES } from "#components/layout/nav";
import { readData } from "#components/layout/read-data";

/** Somewhere to go. */
export type Place = { href: string; label: string; note: string };

const KNOWN: Place[] = PAGES.map(({ href, word }) => ({ href, label: word, note: "Page" }));
const MAX_SHOWN = 12;

/** The search field of the palette with what fits beneath it. */
export default function PaletteList({ onGo }: { onGo: (href: string) => void }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Place[]>([]);

  useEffect(() => {
    let gone = false;
    (async () => {
      const [pipelines, views] = await Promise.all([
        readData<{ name: string; stages: { name: string }[] }[]>("/api/v1/pipelines"),
        readData<{ name: string; query: string }[]>("/api/v1/views"),
      ]);
      if (gone) return;
      setFound([
        ...(views.ok ? views.data.map(({ name, query }) => ({ href: `/runs?${query || "view=all"}`, label: name, note: "View" })) : []),
        ...(pipelines.ok ? pipelines.data.flatMap(({ name, stages }) => stages.map((stage) => ({ href: `/runs?pipeline=${name}&stage=${stage.name}`, label: `${name} / ${stage.name}`, note: "Runs of the stage" }))) : []),
      ]);
    })();
    return () => {
      gone = true;
    };
  }, []);

  const places = useMemo(() => {
    const words = text.trim().toLowerCase();
    const [, id] = /^#?(\d{1,15})$/.exec(words) ?? [];
    return [
      ...(id ? [{ href: `/runs/${id}`, label: `Run #${id}`, note: "Run" }] : []),
      ...[...KNOWN, ...found].filter(({ label }) => label.toLowerCase().includes(words)),
      ...(words ? [{ href: `/runs?q=${encodeURIComponent(text.trim())}`, label: `Search runs for “${text.trim()}”`, note: "Search" }] : []),
    ].slice(0, MAX_SHOWN);
  }, [text, found]);

  return (
    <Autocomplete.Root inline open mode="none" items={places} value={text} onValueChange={setText} autoHighlight="always" keepHighlight itemToStringValue={(place: Place) => place.label}>
      <Autocomplete.Input autoFocus aria-label="Where to" placeholder="Page, stage, view, run number or words" className="h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-base" />
      <Autocomplete.List className="mt-2 max-h-[50dvh] overflow-y-auto">
        {(place: Place) => (
          <Autocomplete.Item key={`${place.note} ${place.href}`} value={place} onClick={() => onGo(place.href)} className="flex min-h-8 cursor-default items-center justify-between gap-4 rounded-sm px-2 text-sm data-highlighted:bg-hover">
            <span className="truncate">{place.label}</span>
            <span className="shrink-0 text-xs text-ink-soft">{place.note}</span>
          </Autocomplete.Item>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}
