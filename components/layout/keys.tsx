"use client";
import { Keyboard } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { PAGES } from "#components/layout/nav";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Kbd } from "#components/ui/kbd";

/** How long after `g` its second key may come, in milliseconds. */
const CHORD_MS = 1_200;

/** Whether a bare letter belongs to what has the focus rather than to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null;
}

const SHEET: { keys: string[]; means: string }[] = [
  { keys: ["/"], means: "Search runs, or the page" },
  ...PAGES.map(({ key, word }) => ({ keys: ["g", key], means: `Go to ${word}` })),
  { keys: ["j"], means: "Next row of the table" },
  { keys: ["k"], means: "Previous row of the table" },
  { keys: ["Enter"], means: "Open what the row is about" },
  { keys: ["o"], means: "Look into the run beside the table" },
  { keys: ["x"], means: "Pick the run" },
  { keys: ["Ctrl", "k"], means: "Go anywhere by typing" },
  { keys: ["e"], means: "Next error of the run; E the one before" },
  { keys: ["["], means: "Previous run of the stage" },
  { keys: ["]"], means: "Next run of the stage" },
  { keys: ["+"], means: "Zoom into the waterfall; - out, 0 the whole" },
  { keys: ["Esc"], means: "Close, or leave the search" },
  { keys: ["?"], means: "Show these keys" },
];

/** Listens for the keys that work on every page, and lists them all. */
export function KeySheet() {
  const router = useRouter();
  const [open, setOpen] = useState(false);

  useEffect(() => {
    let chordUntil = 0;
    function onKey(event: KeyboardEvent) {
      if (isTyping(event)) return;
      if (Date.now() < chordUntil) {
        chordUntil = 0;
        const page = PAGES.find(({ key }) => key === event.key);
        if (!page) return;
        event.preventDefault();
        router.push(page.href);
      } else if (event.key === "g") chordUntil = Date.now() + CHORD_MS;
      else if (event.key === "?") setOpen(true);
      else if (event.key === "/") {
        event.preventDefault();
        // A page with a search of its own has it after the one of the top bar.
        [...document.querySelectorAll<HTMLInputElement>("[data-search]")].at(-1)?.select();
      }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router]);

  return (
    <>
      <Button look="quiet" size="icon" aria-label="Keys" title="Keys (?)" onClick={() => setOpen(true)} className="max-sm:hidden">
        <Keyboard aria-hidden className="size-4" />
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Keys" footer={<Button onClick={() => setOpen(false)}>Close keys</Button>}>
        <dl className="divide-y divide-line">
          {SHEET.map(({ keys, means }) => (
            <div key={means} className="flex items-center justify-between gap-4 py-1.5">
              <dt>{means}</dt>
              <dd className="flex gap-1">
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <p className="mt-3 text-ink-soft">
          For programs: <Link href="/docs" onClick={() => setOpen(false)} className="text-accent underline underline-offset-2">the API, operation by operation</Link>.
        </p>
      </Dialog>
    </>
  );
}
