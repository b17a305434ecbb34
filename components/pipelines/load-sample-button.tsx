"use client";
import { Archive } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { readData } from "#components/layout/read-data";
import { Button, type ButtonLook } from "#components/ui/button";
import { countOf, formatCount } from "#lib/format/number";
import type { ImportResult } from "#lib/pipelines/mail/import";

/** Loads the mail archive that comes with Penstock. A second time changes nothing, and says so. */
export function LoadSampleButton({ look = "plain" }: { look?: ButtonLook }) {
  const router = useRouter();
  const [isLoading, setLoading] = useState(false);
  const [said, setSaid] = useState<{ failed: boolean; text: string } | null>(null);

  async function load() {
    setLoading(true);
    setSaid(null);
    const answer = await readData<ImportResult>("/api/v1/pipelines/mail/imports/sample", { method: "POST" });
    setLoading(false);
    if (!answer.ok) return setSaid({ failed: true, text: answer.message });
    const { messages, duplicates } = answer.data;
    setSaid({ failed: false, text: messages > 0 ? `${countOf(messages, "message")} loaded.` : `Nothing new: all ${formatCount(duplicates)} messages were here already.` });
    router.refresh();
  }

  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Button look={look} disabled={isLoading} onClick={load}>
        <Archive aria-hidden className="size-4" />
        {isLoading ? "Loading the sample archive" : "Load the sample archive"}
      </Button>
      <span role={said?.failed ? "alert" : "status"} className={said?.failed ? "text-sm text-failed" : "text-sm text-ink-soft"}>
        {said?.text}
      </span>
    </span>
  );
}
