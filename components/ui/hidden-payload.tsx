/** In place of a payload that is there, and that the reader's role may not see. */
export function HiddenPayload({ label, className = "text-sm text-ink-soft" }: { label?: string; className?: string }) {
  return (
    <p className={className}>
      {label && <><span className="text-xs font-semibold">{label}</span> · </>}
      Hidden: your role may not see payloads.
    </p>
  );
}
