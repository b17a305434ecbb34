import type { ReactNode } from "react";
import { IfMay } from "#components/access";
import { GroupMark } from "#components/errors/group-mark";
import type { ErrorGroupDetail } from "#lib/error-groups/queries";
import { GroupActions } from "./group-actions";

/** Which error it is, how it stands, and what can be done with it. */
export function GroupHeader({ group, retry }: { group: ErrorGroupDetail; retry: ReactNode }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-3 px-4 pt-5 pb-4 sm:px-6">
      <div className="min-w-0">
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-title font-semibold">
          <span className="break-all">{group.errorClass}</span>
          <GroupMark group={group} className="text-base" />
        </h1>
        <p className="mt-1 break-words text-ink-soft">
          {group.pipeline} / <span className="font-semibold text-ink">{group.stage}</span>
          {group.step && <> / {group.step}</>}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {retry}
        <IfMay permission="errors.resolve"><GroupActions group={{ id: group.id, status: group.status, count: group.count, runs: group.runs }} /></IfMay>
      </div>
    </div>
  );
}
