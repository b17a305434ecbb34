"use client";
import { Columns2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button, buttonClass } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";

/** Lays this run beside another: the one before it, the last that succeeded, or any by its number. */
export function CompareButton({ runId, previousId, successId }: { runId: number; previousId: number | null; successId: number | null }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string>();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("other")).trim().replace(/^#/, "");
    if (!/^[1-9]\d{0,14}$/.test(text)) return setFault("A run has a number, such as 1042.");
    setOpen(false);
    router.push(`/runs/compare?a=${text}&b=${runId}`);
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Columns2 aria-hidden className="size-3.5" /> Compare
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={`Compare run #${runId}`} description="Steps side by side, and where the two part.">
        <div className="flex flex-col gap-4">
          <div className="flex flex-wrap gap-2">
            {previousId !== null && (
              <Link href={`/runs/compare?a=${previousId}&b=${runId}`} className={buttonClass("plain")}>
                Compare with previous, #{previousId}
              </Link>
            )}
            {successId !== null && successId !== previousId && (
              <Link href={`/runs/compare?a=${successId}&b=${runId}`} className={buttonClass("plain")}>
                Compare with last success, #{successId}
              </Link>
            )}
          </div>
          <form onSubmit={submit} noValidate className="flex items-start gap-2">
            <div className="flex-1">
              <Field id="compare-with" label="Another run, by its number" fault={fault}>
                <Input id="compare-with" name="other" inputMode="numeric" autoComplete="off" aria-describedby="compare-with-hint" aria-invalid={fault ? true : undefined} />
              </Field>
            </div>
            <Button type="submit" look="primary" className="mt-6">
              Compare runs
            </Button>
          </form>
        </div>
      </Dialog>
    </>
  );
}
