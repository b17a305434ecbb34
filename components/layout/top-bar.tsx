import type { ReactNode } from "react";
import { KeySheet } from "#components/layout/keys";
import { LiveBadge } from "#components/layout/live";
import { Palette } from "#components/layout/palette";
import { SearchBox } from "#components/layout/search-box";
import { ThemeMenu } from "#components/layout/theme-menu";
import { WhereIAm } from "#components/layout/where-i-am";

/** Where I am, search, whether the page is fresh, the keys, the ground, and who I am. */
export function TopBar({ person }: { person: ReactNode }) {
  return (
    <header className="sticky top-0 z-20 flex h-(--top-bar) items-center gap-2 border-b bg-ground/95 px-4 backdrop-blur-sm sm:gap-3 sm:px-6">
      <WhereIAm />
      <div className="ml-auto flex min-w-0 items-center gap-1 sm:gap-2">
        <SearchBox />
        <LiveBadge />
        <KeySheet />
        <Palette />
        <ThemeMenu />
        {person}
      </div>
    </header>
  );
}
