import type { Field } from "#lib/api/reference";

export function ShapeLink({ name }: { name: string }) {
  return <a href={`#shape-${name}`} className="font-mono text-sm text-accent underline underline-offset-2">{name}</a>;
}

/** Lines of a text as they are; a wide one scrolls within itself. */
export function Code({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section tabIndex={0} aria-label={label} className="overflow-x-auto rounded-md bg-sunken p-3">
      <pre className="font-mono text-sm">{children}</pre>
    </section>
  );
}

/** A sentence, with what stands between backquotes as code. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that never changes
    index % 2 === 1 ? <code key={index} className="font-mono text-sm">{part}</code> : part,
  );
}

/** What there is to say, or what is answered, line by line. */
export function FieldList({ title, fields }: { title: string; fields: (Field & { in?: string })[] }) {
  return (
    <div>
      <h3 className="mb-1 font-semibold">{title}</h3>
      <dl className="grid gap-x-4 sm:grid-cols-[minmax(10rem,max-content)_1fr]">
        {fields.map(({ name, type, shape, isRequired, description, in: where }) => (
          <div key={`${where} ${name}`} className="border-t border-line py-1.5 sm:contents">
            <dt className="font-mono text-sm break-all sm:border-t sm:border-line sm:py-1.5">
              {name}
              {isRequired && <span className="ml-1 text-failed" title="Must be given">*<span className="sr-only">must be given</span></span>}
            </dt>
            <dd className="min-w-0 text-ink-soft sm:border-t sm:border-line sm:py-1.5">
              {shape ? <ShapeLink name={shape} /> : null}
              <span className="font-mono text-sm break-words text-ink">{shape === type ? "" : ` ${type}`}</span>
              {where && where !== "query" && ` in the ${where}`}
              {description && <span> – <Prose text={description} /></span>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
