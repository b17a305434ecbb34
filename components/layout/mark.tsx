/** The gate in the pipe. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-6 shrink-0">
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <path d="M7 9.5h18M7 22.5h18M13 6v20M19 6v20" className="stroke-on-accent" strokeWidth="2.5" strokeLinecap="round" />
      <path d="M16 6v10" className="stroke-on-accent" strokeWidth="3.5" />
    </svg>
  );
}
