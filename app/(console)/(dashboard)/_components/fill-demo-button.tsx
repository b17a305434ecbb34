"use client";
import { FlaskConical } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import type { CreateDemoResult } from "#lib/demo/mutations";
import type { ActionResult } from "#lib/web/action";

/** Fills an empty home with demo data; the page that comes back is full. */
export function FillDemoButton({ fillDemo }: { fillDemo: (input: Record<string, never>) => Promise<ActionResult<CreateDemoResult>> }) {
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function fill() {
    setFault(null);
    startTransition(async () => {
      const result = await fillDemo({});
      if (!result.ok) setFault(result.error.message);
    });
  }

  return (
    <>
      <Button look="quiet" disabled={isPending} onClick={fill}>
        <FlaskConical aria-hidden className="size-4" />
        {isPending ? "Making a month of runs" : "Fill with demo data"}
      </Button>
      {fault && (
        <p role="alert" className="w-full text-sm text-failed">
          {fault}
        </p>
      )}
    </>
  );
}
