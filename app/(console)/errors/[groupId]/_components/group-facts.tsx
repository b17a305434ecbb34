import type { ReactNode } from "react";
import { FullTime } from "#components/layout/clock";
import { CopyButton } from "#components/ui/copy-button";
import type { ErrorGroupDetail } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";

/** What is known of a group at a glance, and who did what with it. */
export function GroupFacts({ group }: { group: ErrorGroupDetail }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-t px-4 py-4 text-sm sm:grid-cols-3 sm:px-6 lg:grid-cols-4 xl:grid-cols-6">
      <Fact name="Failures">{formatCount(group.count)}</Fact>
      <Fact name="Runs affected">{formatCount(group.runs)}</Fact>
      <Fact name="First seen"><FullTime date={group.firstSeen} /></Fact>
      <Fact name="Last seen"><FullTime date={group.lastSeen} /></Fact>
      <Fact name="Version">{group.versionFirst === group.versionLast ? group.versionLast : `${group.versionFirst} to ${group.versionLast}`}</Fact>
      {group.regressions > 0 && <Fact name="Came back">{group.regressions === 1 ? "once" : `${formatCount(group.regressions)} times`} after it was resolved</Fact>}
      <Did what="Resolved" at={group.resolvedAt} by={group.resolvedBy} />
      <Did what="Ignored" at={group.ignoredAt} by={group.ignoredBy} />
      <Did what="Reopened" at={group.reopenedAt} by={group.reopenedBy ?? "itself"} />
      <Fact name="Fingerprint">
        <span className="inline-flex items-center gap-1 font-mono">
          {group.fingerprint.slice(0, 12)}
          <CopyButton text={group.fingerprint} label="Copy the fingerprint" />
        </span>
      </Fact>
    </dl>
  );
}

function Did({ what, at, by }: { what: string; at: Date | null; by: string | null }) {
  if (!at) return null;
  return (
    <Fact name={what}>
      <FullTime date={at} /> <span className="text-ink-soft">by {by}</span>
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs font-semibold text-ink-soft">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}
