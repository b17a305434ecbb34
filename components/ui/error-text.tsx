/** Longer than this, in characters, or of several lines, an error shows its beginning and opens on demand. */
const SHORT = 200;

export function ErrorText({ text }: { text: string }) {
  const firstLine = text.split("\n", 1)[0] ?? "";
  if (text.length <= SHORT && firstLine === text) return <p className="max-w-[90ch] break-words text-failed">{text}</p>;
  return (
    <details className="group max-w-[90ch] text-failed">
      <summary className="line-clamp-2 break-words">
        {firstLine.slice(0, SHORT)} <span className="underline">Show all</span>
      </summary>
      <p className="max-h-80 overflow-auto break-words whitespace-pre-wrap">{text}</p>
    </details>
  );
}
