import type { Shape } from "#lib/api/reference";
import { Code, FieldList, Prose } from "./field-list";

export function ShapeEntry({ shape: { name, description, fields, type, example } }: { shape: Shape }) {
  return (
    <li id={`shape-${name}`} data-search-text={name.toLowerCase()} className="scroll-mt-24 border-b border-line last:border-b-0 target:bg-accent-wash [&[hidden]]:hidden">
      <details>
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 py-2 hover:bg-hover">
          <span className="font-mono text-sm font-semibold">{name}</span>
          <span className="text-ink-soft">{(description && <Prose text={description} />) || (fields.length === 0 ? type : `${fields.length} fields`)}</span>
        </summary>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3 pt-1 pb-5 sm:pl-4">
          {fields.length > 0 ? <FieldList title="Fields" fields={fields} /> : <p className="font-mono text-sm">{type}</p>}
          {example && <Code label={`Example of ${name}`}>{example}</Code>}
        </div>
      </details>
    </li>
  );
}
