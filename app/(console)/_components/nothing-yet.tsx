import { Gauge } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { LoadSampleButton } from "#components/pipelines/load-sample-button";
import { buttonClass } from "#components/ui/button";

/** The dashboard of a newcomer: what will be here, and the way to begin. */
export function NothingYet() {
  return (
    <EmptyState
      icon={<Gauge />}
      title="Nothing has run yet"
      action={
        <>
          <LoadSampleButton look="primary" />
          <Link href="/control" className={buttonClass("plain")}>
            Go to Pipeline Control
          </Link>
        </>
      }
    >
      Here you see how every stage stands and what ran last. Begin with the sample archive, a made-up mailbox, or import your own in Pipeline Control.
    </EmptyState>
  );
}
