import { PRICE_SOURCES, type LlmPrice } from "#lib/llm-prices/fields";

const CELL = "border-t px-2 py-1.5 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const HEAD = "h-8 px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
/** Whole cents at least, so that the points stand above each other; more where the price has more. */
const usd = (price: number): string => `$${price.toFixed(6).replace(/(\.\d{2}\d*?)0+$/, "$1")}`;

/** Every price there has been by model, the newest first. One ends where the next of its model begins. */
export function PriceTable({ prices }: { prices: LlmPrice[] }) {
  return (
    <table aria-label="Prices of models" className="mb-8 w-full text-sm">
      <thead>
        <tr>
          <th scope="col" className={`${HEAD} text-left`}>Model</th>
          <th scope="col" className={`${HEAD} text-left`}>From</th>
          <th scope="col" className={`${HEAD} text-right`}>Input</th>
          <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>Cached</th>
          <th scope="col" className={`${HEAD} text-right max-md:pr-4`}>Output</th>
          <th scope="col" className={`${HEAD} text-left max-md:hidden`}>Source</th>
        </tr>
      </thead>
      <tbody>
        {prices.map(({ id, model, provider, validFrom, inputUsd, cachedUsd, outputUsd, sourceKind, source, createdBy, isCurrent }) => (
          <tr key={id} className={isCurrent ? undefined : "text-ink-soft"}>
            <th scope="row" className={`${CELL} text-left ${isCurrent ? "font-semibold" : "font-normal"}`}>{model}{provider && <span className="font-normal text-ink-soft"> at {provider}</span>}</th>
            <td className={`${CELL} whitespace-nowrap`}>{validFrom.toISOString().slice(0, 10)}{!isCurrent && <span className="text-xs"> {validFrom > new Date() ? "to come" : "earlier"}</span>}</td>
            <td className={`${CELL} text-right tabular-nums`}>{usd(inputUsd)}</td>
            <td className={`${CELL} text-right tabular-nums max-sm:hidden`}>{cachedUsd === null ? "as input" : usd(cachedUsd)}</td>
            <td className={`${CELL} text-right tabular-nums max-md:pr-4`}>{usd(outputUsd)}</td>
            <td className={`${CELL} max-md:hidden`}>{source}, {PRICE_SOURCES[sourceKind]}{createdBy && ` by ${createdBy}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
