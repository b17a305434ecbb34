"use client";
import { Keyboard } from "lucide-react";
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

type Key = { keys: string[]; means: string };
const SHEET: { where: string; keys: Key[] }[] = [
  {
    where: "Everywhere",
    keys: [
      { keys: ["/"], means: "Search runs, or the page" },
      { keys: ["Ctrl", "k"], means: "Go anywhere by typing" },
      { keys: ["Esc"], means: "Close, or leave the search" },
      { keys: ["?"], means: "Show these keys" },
    ],
  },
  { where: "Go to", keys: PAGES.map(({ key, word }) => ({ keys: ["g", key], means: word })) },
  {
    where: "In lists of runs, errors and model calls",
    keys: [
      { keys: ["j"], means: "Next row" },
      { keys: ["k"], means: "Previous row" },
      { keys: ["Enter"], means: "Open it" },
      { keys: ["o"], means: "Look into a run or a call" },
      { keys: ["x"], means: "Pick a run" },
    ],
  },
  {
    where: "On a run",
    keys: [
      { keys: ["e"], means: "Next error" },
      { keys: ["E"], means: "Previous error" },
      { keys: ["["], means: "Previous run of the stage" },
      { keys: ["]"], means: "Next run of the stage" },
    ],
  },
  {
    where: "In the waterfall of a run",
    keys: [
      { keys: ["↑", "↓"], means: "From step to step" },
      { keys: ["←", "→"], means: "Fold, unfold" },
      { keys: ["Enter"], means: "Open the step" },
      { keys: ["+", "-"], means: "Zoom in, out" },
      { keys: ["0"], means: "See the whole" },
    ],
  },
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
      <Dialog open={open} onOpenChange={setOpen} title="Keys" footer={<Button onClick={() => setOpen(false)}>Close</Button>}>
        <div className="grid gap-4">
          {SHEET.map(({ where, keys }) => (
            <section key={where} aria-label={where}>
              <h3 className="border-b pb-1 text-sm font-semibold text-ink-soft">{where}</h3>
              <dl className="grid gap-x-8 pt-1 sm:grid-cols-2">
                {keys.map((key) => (
                  <div key={key.means} className="flex min-h-7 items-center justify-between gap-4">
                    <dt>{key.means}</dt>
                    <dd className="flex gap-1">{key.keys.map((one) => <Kbd key={one}>{one}</Kbd>)}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </Dialog>
    </>
  );
}
