import type { ReactNode } from "react";
import { ThemeMenu } from "#components/layout/theme-menu";
import { Mark } from "#components/layout/mark";

// Whether there is anybody yet, and who asks, is known only when somebody does.
export const dynamic = "force-dynamic";

/** Before one is in: the name, one form, and nothing else. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-(--top-bar) items-center justify-between px-4 sm:px-6">
        <span className="flex items-center gap-2 text-lg font-semibold tracking-tight">
          <Mark />
          Penstock
        </span>
        <ThemeMenu />
      </header>
      <main id="content" className="flex flex-1 items-start justify-center px-4 pt-[12vh] pb-16">
        <div className="w-full max-w-sm">{children}</div>
      </main>
    </div>
  );
}
