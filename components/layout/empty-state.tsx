import type { ReactNode } from "react";

/** Nothing here: what this place is for, or why it is empty, and the one thing to do about it. */
export function EmptyState({ icon, title, children, action, level = "h2" }: { icon: ReactNode; title: string; children: ReactNode; action?: ReactNode; level?: "h1" | "h2" }) {
  const Heading = level;
  return (
    <div className="mx-auto flex max-w-lg flex-col items-center px-6 py-16 text-center">
      <span aria-hidden className="mb-4 flex size-12 items-center justify-center rounded-full bg-accent-wash text-accent [&_svg]:size-6">
        {icon}
      </span>
      <Heading className="text-lg font-semibold">{title}</Heading>
      <div className="mt-1 text-pretty text-ink-soft">{children}</div>
      {action && <div className="mt-5 flex flex-wrap items-center justify-center gap-2">{action}</div>}
    </div>
  );
}
