import { CircleX } from "lucide-react";
import { classNames } from "#components/ui/class-names";
import { CopyButton } from "#components/ui/copy-button";

/** A line of a stack: `    at run (file.ts:1:2)`, or Python's `  File "x.py", line 3`. */
const STACK_LINE = /^\s+at\s|^\s+File "|^Traceback \(most recent call last\)/;

/** The message and, from its first line on, the stack. */
function splitStack(text: string): { message: string; stack: string | null } {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => STACK_LINE.test(line));
  if (at < 0) return { message: text, stack: null };
  return { message: lines.slice(0, at).join("\n"), stack: lines.slice(at).join("\n") };
}

type ErrorDetailProps = {
  errorClass: string | null;
  message: string;
  /** It is no fault, such as why a step was left out. */
  isQuiet?: boolean;
  /** It stands in a frame already. */
  isFlat?: boolean;
};

/** Why something failed: class, message, and the stack folded away. */
export function ErrorDetail({ errorClass, message: text, isQuiet = false, isFlat = false }: ErrorDetailProps) {
  const { message, stack } = splitStack(text);
  return (
    <div className={classNames("p-3 text-sm", isFlat ? "rounded-t-md" : "rounded-md border", !isQuiet && "border-failed/40 bg-failed-wash")}>
      <div className="flex items-start gap-2">
        {!isQuiet && <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-failed" />}
        <div className="min-w-0 flex-1">
          {errorClass && <p className="font-semibold [overflow-wrap:anywhere]">{errorClass}</p>}
          <section
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label="Message"
            className="max-h-48 overflow-auto"
          >
            <p dir="auto" className="whitespace-pre-wrap [overflow-wrap:anywhere]">{message || stack}</p>
          </section>
          {stack && message && (
            <details className="mt-1">
              <summary className="min-h-6 text-ink-soft hover:text-ink">Stack</summary>
              <section
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
                tabIndex={0}
                aria-label="Stack"
                className="max-h-64 overflow-auto"
              >
                <pre className="font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">{stack}</pre>
              </section>
            </details>
          )}
        </div>
        <CopyButton text={[errorClass, text].filter(Boolean).join(": ")} label="Copy the error" />
      </div>
    </div>
  );
}
