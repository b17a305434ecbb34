"use client";
import { Check, EyeOff, RotateCcw } from "lucide-react";
import { type ReactNode, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { ErrorGroupRow } from "#lib/error-groups/sql/group-row";
import { formatCount } from "#lib/format/number";
import { ignoreErrorGroupAction, reopenErrorGroupAction, resolveErrorGroupAction } from "../../actions";

type Group = Pick<ErrorGroupRow, "id" | "status" | "count" | "runs">;

/** What can be done with a group in its state; each says first what it means and for how many. */
export function GroupActions({ group }: { group: Group }) {
  const failures = `${formatCount(group.count)} ${group.count === 1 ? "failure" : "failures"} in ${formatCount(group.runs)} ${group.runs === 1 ? "run" : "runs"}`;
  return (
    <div className="flex flex-wrap gap-2">
      {group.status !== "open" && (
        <GroupAction
          group={group}
          verb="Reopen"
          icon={<RotateCcw aria-hidden className="size-3.5" />}
          change={reopenErrorGroupAction}
          points={[`It stands among the open errors again, with its ${failures}.`]}
        />
      )}
      {group.status !== "ignored" && (
        <GroupAction
          group={group}
          verb="Ignore"
          icon={<EyeOff aria-hidden className="size-3.5" />}
          change={ignoreErrorGroupAction}
          points={[`Its ${failures} leave the open errors, and so does every later one.`, "It goes on counting, and stays ignored until somebody reopens it.", "Runs fail with it as before."]}
        />
      )}
      {group.status === "open" && (
        <GroupAction
          group={group}
          verb="Resolve"
          look="primary"
          icon={<Check aria-hidden className="size-3.5" />}
          change={resolveErrorGroupAction}
          points={[`Its ${failures} leave the open errors; the runs themselves stay as they are.`, "Should it happen once more, it opens by itself and is marked as one that came back."]}
        />
      )}
    </div>
  );
}

function GroupAction({ group, verb, icon, look, change, points }: { group: Group; verb: string; icon: ReactNode; look?: "primary"; change: typeof resolveErrorGroupAction; points: string[] }) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function act() {
    startTransition(async () => {
      const result = await change({ groupId: group.id });
      if (!result.ok) setSaid(result.error.message);
      else setOpen(false);
    });
  }

  return (
    <>
      <Button look={look} onClick={() => { setSaid(null); setOpen(true); }}>
        {icon} {verb}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`${verb} this error?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            {points.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it as it is</Button>
            <Button look="primary" disabled={isPending} onClick={act}>
              {verb} the error
            </Button>
          </>
        }
      >
        {said && (
          <p role="alert" className="text-failed">
            {said}
          </p>
        )}
      </Dialog>
    </>
  );
}
