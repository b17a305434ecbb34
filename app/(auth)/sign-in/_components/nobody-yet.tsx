import { KeyRound } from "lucide-react";
import { EmptyState } from "#components/layout/empty-state";

/** A fresh Penstock: whoever started it has the link. */
export function NobodyYet() {
  return (
    <EmptyState icon={<KeyRound />} title="Nobody can sign in yet" level="h1">
      <p>
        Open the link that <code className="font-mono text-sm">./penstock start</code> printed in the terminal: it makes the first admin. It works once, for 15 minutes.
      </p>
      <p className="mt-3">
        Too late? <code className="font-mono text-sm">./penstock users setup-link</code> prints a new one.
      </p>
    </EmptyState>
  );
}
