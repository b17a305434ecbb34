import Link from "next/link";
import type { ActionError } from "#lib/web/action";

/** Why a run was not started, with the way to the run that is in the way. */
export function Refusal({ error }: { error: ActionError }) {
  const { runId } = error.details;
  return (
    <p role="alert" className="text-sm font-medium break-words text-failed">
      {error.message}
      {typeof runId === "number" && (
        <>
          {" "}
          <Link href={`/runs/${runId}`} className="underline">
            Open run #{runId}
          </Link>
        </>
      )}
    </p>
  );
}
