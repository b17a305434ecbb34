import { CopyButton } from "#components/ui/copy-button";
import type { Answer, Entry } from "#lib/api/reference";
import { Code, FieldList, Prose, ShapeLink } from "./field-list";

/** One operation: closed a line, open everything that is said of it. `data-search-text` is what the search looks through. */
export function OperationEntry({ entry }: { entry: Entry }) {
  const { id, method, path, summary, description, permission, parameters, body, answers, curl } = entry;
  return (
    <li id={id} data-search-text={`${method} ${path} ${summary} ${permission}`.toLowerCase()} className="border-b border-line last:border-b-0 [&[hidden]]:hidden">
      <details className="group">
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2 hover:bg-hover">
          <span className={`w-14 shrink-0 font-mono text-xs ${method === "GET" ? "text-ink-soft" : "font-semibold"}`}>{method}</span>
          <span className="min-w-0 font-mono text-sm break-all">{path}</span>
          <span className="text-ink-soft max-sm:w-full">{summary}</span>
        </summary>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 pt-1 pb-5 sm:pl-17">
          <p className="max-w-[80ch]">
            {description && <><Prose text={description} /> </>}
            {permission ? <>Wants <code className="font-mono text-sm">{permission}</code>.</> : "Whoever asks is answered."}
          </p>
          {parameters.length > 0 && <FieldList title="Parameters" fields={parameters} />}
          {body && (
            <div className="grid gap-2">
              <FieldList title={`Body: ${body.media}`} fields={body.fields} />
              {body.example && <Code label={`Example of a body for ${id}`}>{body.example}</Code>}
            </div>
          )}
          <div>
            <h3 className="mb-1 font-semibold">Answers</h3>
            <ul className="grid gap-1">{answers.filter(isWell).map((answer) => <AnswerLine key={answer.status} answer={answer} />)}</ul>
            <p className="mt-1 text-ink-soft">
              Refused with <span className="font-mono text-sm">{answers.filter((answer) => !isWell(answer)).map(({ status }) => status).join(" ")}</span> and a <ShapeLink name={answers.findLast(({ shape }) => shape?.endsWith("Problem"))?.shape ?? "Problem"} />.
            </p>
          </div>
          <div>
            <div className="mb-1 flex items-center justify-between gap-2">
              <h3 className="font-semibold">Example</h3>
              <CopyButton text={curl} label={`Copy the example of ${id}`} />
            </div>
            <Code label={`Example of ${id}`}>{curl}</Code>
          </div>
        </div>
      </details>
    </li>
  );
}

/** 503 of /health and /readyz is an answer, too: it has the same body. */
const isWell = ({ status, media }: Answer): boolean => Number(status) < 400 || media === "application/json";

function AnswerLine({ answer: { status, description, media, shape, fields } }: { answer: Answer }) {
  return (
    <li className="flex flex-wrap gap-x-3">
      <span className="w-10 shrink-0 font-mono text-sm">{status}</span>
      <span><Prose text={description} /></span>
      {shape && <ShapeLink name={shape} />}
      {media && <span className="font-mono text-xs leading-5 text-ink-soft">{media}</span>}
      {fields.length > 0 && <span className="w-full pl-13 font-mono text-xs text-ink-soft">{`{ ${fields.map(({ name, type }) => `${name}: ${type}`).join(", ")} }`}</span>}
    </li>
  );
}
