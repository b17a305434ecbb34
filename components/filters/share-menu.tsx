"use client";
import { ChevronDown, Link2 } from "lucide-react";
import { useState } from "react";
import { type FilteredPage, filteredOn, filterHref } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { Menu, MenuAction } from "#components/ui/menu";
import type { FilterTree } from "#lib/filters/filter";
import { printCommand, printRequest } from "#lib/filters/share";

/** The filter to take along: as an address, for a program, for the command line. */
export function ShareMenu({ tree, page }: { tree: FilterTree | null; page: FilteredPage }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async (what: string, text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`${what} copied`);
    } catch {
      // Without clipboard access (plain http on a network) the text can still be taken by hand.
      window.prompt("The browser did not allow copying. Copy it from here:", text);
    }
    setTimeout(() => setSaid(null), 2_000);
  };
  return (
    <>
      <Menu
        trigger={
          <Button size="sm">
            <Link2 aria-hidden className="size-3.5 text-ink-soft" />
            {said ?? "Copy as"}
            <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
          </Button>
        }
      >
        <MenuAction onSelect={() => copy("Link", new URL(filterHref(page, tree), location.origin).href)}>Link</MenuAction>
        <MenuAction onSelect={() => copy("curl line", printRequest(tree, location.origin, filteredOn(page)))}>curl line</MenuAction>
        <MenuAction onSelect={() => copy("Command", printCommand(tree, filteredOn(page)))}>./penstock command</MenuAction>
      </Menu>
      <span role="status" className="sr-only">{said}</span>
    </>
  );
}
