"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { isTyping } from "#components/layout/keys";
import { buttonClass } from "#components/ui/button";

type Neighbour = { id: number; status: string } | null;

/** The way to the stage's runs before and after this one: two links, and the keys `[` and `]`. */
export function RunNeighbours({ previous, next }: { previous: Neighbour; next: Neighbour }) {
  const router = useRouter();
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || isTyping(event)) return;
      const target = event.key === "[" ? previous : event.key === "]" ? next : null;
      if (target) router.push(`/runs/${target.id}`);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, previous, next]);

  if (!previous && !next) return null;
  return (
    <nav aria-label="Runs of this stage" className="flex">
      <Step to={previous} label="Previous run of the stage" hint="[">
        <ChevronLeft aria-hidden className="size-4" />
      </Step>
      <Step to={next} label="Next run of the stage" hint="]">
        <ChevronRight aria-hidden className="size-4" />
      </Step>
    </nav>
  );
}

function Step({ to, label, hint, children }: { to: Neighbour; label: string; hint: string; children: React.ReactNode }) {
  if (!to) return <span aria-hidden className={`${buttonClass("quiet", "icon")} opacity-30`}>{children}</span>;
  return (
    <Link href={`/runs/${to.id}`} aria-label={`${label}, #${to.id} ${to.status}`} title={`${label}: #${to.id} ${to.status} (${hint})`} className={buttonClass("quiet", "icon")}>
      {children}
    </Link>
  );
}
