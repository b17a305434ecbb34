"use client";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState, useTransition } from "react";
import { Time } from "#components/layout/clock";
import { Button } from "#components/ui/button";
import { sayFault } from "#lib/audit/fields";
import type { AuditChain } from "#lib/audit/queries";
import { formatCount } from "#lib/format/number";
import { verifyAuditAction } from "../../actions";

/** Up to where the chain held when it was last checked, and the check. */
export function ChainLine({ chain }: { chain: AuditChain }) {
  const [refusal, setRefusal] = useState("");
  const [isPending, startTransition] = useTransition();
  const { fault, checkedAt, checkedBy, checkedEntry, waiting, prunedEntries, prunedAt } = chain;
  const check = () =>
    startTransition(async () => {
      const result = await verifyAuditAction({});
      setRefusal(result.ok ? "" : result.error.message);
    });
  const Icon = fault ? ShieldAlert : ShieldCheck;
  return (
    <div className={`flex flex-wrap items-center gap-x-4 gap-y-2 border-t px-4 py-2.5 text-sm sm:px-6 ${fault ? "bg-failed-wash" : ""}`}>
      <p role={fault ? "alert" : "status"} className={`flex min-w-0 flex-1 basis-80 items-start gap-2 ${fault ? "font-medium text-failed" : ""}`}>
        <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${fault ? "" : checkedAt ? "text-completed" : "text-ink-soft"}`} />
        <span>
          {fault
            ? `The chain does not hold. ${sayFault(fault)}.${checkedEntry === null ? "" : ` It holds up to entry ${checkedEntry}.`} Somebody changed the log past Penstock.`
            : checkedAt
              ? checkedEntry === null ? "The chain holds; it has no entry yet" : `The chain holds up to entry ${checkedEntry}`
              : "The chain has not been checked yet"}
          {checkedAt && <span className="font-normal text-ink-soft">{fault ? " Checked " : ", checked "}<Time date={checkedAt} /> by {checkedBy}</span>}
          {waiting > 0 && <span className="font-normal text-ink-soft">; {formatCount(waiting)} newer wait to be sealed</span>}
          {prunedEntries > 0 && <span className="font-normal text-ink-soft">; retention took {formatCount(prunedEntries)} away, the last <Time date={prunedAt} /></span>}
        </span>
      </p>
      <Button size="sm" disabled={isPending} onClick={check}>{isPending ? "Checking …" : "Check the chain"}</Button>
      {refusal && <p role="alert" className="w-full font-medium text-failed">{refusal}</p>}
    </div>
  );
}
