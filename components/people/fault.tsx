/** What was wrong with a form as a whole, said to screen readers too. */
export function Fault({ text }: { text: string | null }) {
  return (
    <div role="alert" aria-live="assertive">
      {text && <p className="rounded-md border border-failed/40 bg-failed-wash px-3 py-2 text-sm">{text}</p>}
    </div>
  );
}
