import { Pencil } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { buttonClass } from "#components/ui/button";
import type { CauseRule } from "#lib/causes/rules";
import { RemoveCause } from "./remove-cause";

/** The causes that people have written down, in the order in which they are asked. */
export function CauseList({ rules, path }: { rules: CauseRule[]; path: string }) {
  if (rules.length === 0) {
    return <p className="px-4 pb-6 text-ink-soft sm:px-6">None yet. <IfMay permission="errors.resolve" otherwise="Operators and admins write them down.">Add one when you have found out why something fails: the next person is told at once.</IfMay></p>;
  }
  return (
    <ul>
      {rules.map((rule) => (
        <li key={rule.id} className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b px-4 py-3 sm:px-6">
          <div className="min-w-0 flex-1 basis-72">
            <h3 className="font-semibold break-words">
              {rule.title}
              {!rule.enabled && <span className="ml-2 text-sm font-normal text-ink-soft">switched off</span>}
            </h3>
            <p className="max-w-[90ch] break-words whitespace-pre-line">{rule.hint}</p>
            <p className="mt-1 text-sm break-words text-ink-soft">
              {rule.kind === "contains" ? "Contains" : "Fits"} <code className="font-mono text-ink">{rule.pattern}</code> in {rule.pipeline ?? "any pipeline"}, {rule.stage ? `stage ${rule.stage}` : "any stage"} · changed{" "}
              <Time date={rule.updatedAt} /> by {rule.updatedBy}
            </p>
          </div>
          <IfMay permission="errors.resolve">
            <div className="flex gap-2">
              <Link href={`${path}?edit=${rule.id}` as Route} aria-label={`Edit ${rule.title}`} className={buttonClass("plain", "sm")}>
                <Pencil aria-hidden className="size-3.5" /> Edit
              </Link>
              <RemoveCause rule={{ id: rule.id, title: rule.title }} />
            </div>
          </IfMay>
        </li>
      ))}
    </ul>
  );
}
