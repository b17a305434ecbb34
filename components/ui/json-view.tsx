import { CopyButton } from "#components/ui/copy-button";
import { prettyJson, prettyJsonText } from "#lib/format/json";

/** Longer text is cut on the page, in characters: a browser lays out a megabyte of JSON in seconds. Copying gives all of it. */
const SHOWN_MAX = 20_000;

/** JSON for reading, in a region of its own that scrolls. `text` is stored JSON text; `value` is a value. */
export function JsonView(props: { label: string; /** What it belongs to, where several stand on one page: "step 3". */ of?: string } & ({ text: string } | { value: unknown })) {
  const pretty = "text" in props ? prettyJsonText(props.text) : prettyJson(props.value);
  const name = props.of ? `${props.label} of ${props.of}` : props.label;
  const cut = pretty.length > SHOWN_MAX;
  return (
    <figure className="min-w-0">
      <figcaption className="flex h-7 items-center gap-1 text-xs font-semibold text-ink-soft">
        {props.label}
        <CopyButton text={pretty} label={`Copy ${name.charAt(0).toLowerCase()}${name.slice(1)}`} />
      </figcaption>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={name}
        className="max-h-96 overflow-auto rounded-md border bg-sunken p-3"
      >
        <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{cut ? `${pretty.slice(0, SHOWN_MAX)}\n…` : pretty}</pre>
      </section>
      {cut && <p className="mt-1 text-xs text-ink-soft">Cut after {SHOWN_MAX} characters; copying gives the whole.</p>}
    </figure>
  );
}
