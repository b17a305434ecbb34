import { Gauge } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import { EmptyState } from "#components/layout/empty-state";
import { LoadSampleButton } from "#components/pipelines/load-sample-button";
import { buttonClass } from "#components/ui/button";
import { fillDemoAction } from "../actions";
import { FillDemoButton } from "./fill-demo-button";

/** The dashboard of a newcomer: what will be here, and the way to begin. */
export function NothingYet() {
  return (
    <EmptyState
      icon={<Gauge />}
      level="h1"
      title="Nothing has run yet"
      action={
        <>
          <IfMay permission="imports.run"><LoadSampleButton look="primary" /></IfMay>
          <Link href="/control" className={buttonClass("plain")}>
            Go to Pipeline Control
          </Link>
          <IfMay permission="demo.change"><FillDemoButton fillDemo={fillDemoAction} /></IfMay>
        </>
      }
    >
      Here you see how every stage stands and what ran last.{" "}
      <IfMay permission="imports.run" otherwise="Operators and admins import what is to be worked on, and start it.">
        Begin with the sample archive, a made-up mailbox, or import your own in Pipeline Control. Demo data is a made-up month of runs, to look around in; it goes away with one click.
      </IfMay>
    </EmptyState>
  );
}
