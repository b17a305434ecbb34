import { CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "#components/ui/copy-button";

/** Something failed: what, why as far as it is known, what to do, and the id under which the server's log has it. */
export function ErrorCard({ title, children, requestId, action, level = "h2" }: {
  title: string;
  children: ReactNode;
  requestId?: string;
  action?: ReactNode;
  level?: "h1" | "h2";
}) {
  const Heading = level;
  return (
    <div role="alert" className="mx-4 my-6 max-w-2xl rounded-md border border-failed/40 bg-failed-wash p-4 sm:mx-6">
      <div className="flex gap-3">
        <CircleX aria-hidden className="mt-0.5 size-5 shrink-0 text-failed" />
        <div className="min-w-0 flex-1">
          <Heading className="text-lg leading-6 font-semibold">{title}</Heading>
          <div className="mt-1">{children}</div>
          {requestId && (
            <p className="mt-2 flex items-center gap-1 text-sm">
              Request <span className="font-mono">{requestId}</span>
              <CopyButton text={requestId} label="Copy the request id" />
            </p>
          )}
          {action && <div className="mt-4 flex flex-wrap gap-2">{action}</div>}
        </div>
      </div>
    </div>
  );
}
