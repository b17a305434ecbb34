/** What routes take in their body, and in the address beside a file: declared once, for the route and for the document. */
import { z } from "zod";
import { LimitInput, PauseInput } from "#lib/engine/control";
import { RetryInput } from "#lib/engine/retry";
import { RetryErrorGroupInput } from "#lib/engine/retry-group";
import { TriggerAllInput, TriggerInput } from "#lib/engine/trigger";
import { VIEW_LISTS } from "#lib/views/rules";

const Params = z.record(z.string(), z.unknown()).default({});

export const TriggerBody = z.strictObject({ params: Params, onBusy: TriggerInput.shape.onBusy, priority: TriggerInput.shape.priority });
export const TriggerAllBody = z.strictObject({ params: Params, onBusy: TriggerAllInput.shape.onBusy, priority: TriggerAllInput.shape.priority });
export const RetryBody = RetryInput.pick({ params: true, onlyFailed: true, onBusy: true, priority: true });
export const RetryGroupBody = RetryErrorGroupInput.omit({ groupId: true });
export const PauseBody = PauseInput.pick({ reason: true });
export const LimitBody = LimitInput.pick({ limit: true });
export const AnnotationBody = z.strictObject({ value: z.json() }, { error: 'The body must be an object with a value and nothing else, such as {"value": "red"}.' });

/** The last part of a path, whatever system wrote it, without control characters; "" when nothing is left. */
const fileName = (path: string): string => path.replace(/^.*[\\/]/, "").replace(/[\0-\x1f\x7f]/g, "").trim().slice(0, 255);

export const MailImportRequest = z.object({ name: z.string().max(500).transform(fileName).refine((name) => name !== "", { error: "is no file name" }).default("upload.mbox") });
/** The rest of the address is what `importPrices` takes: it says itself what is wrong with it. */
export const PriceImportRequest = z.object({
  name: z.string().max(500).transform((path) => fileName(path) || "prices.csv").default("prices.csv"),
  symbol: z.string().max(100).optional(),
  timeframe: z.string().max(20).optional(),
  dates: z.enum(["mdy", "dmy"]).optional(),
});

/** As `importNews` takes it. */
export const NewsImportRequest = PriceImportRequest.omit({ timeframe: true }).extend({ name: z.string().max(500).transform((path) => fileName(path) || "news.csv").default("news.csv") });

export const BulksRequest = z.object({ cursor: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(), limit: z.coerce.number().int().min(1).max(200).optional() });
export const ViewsRequest = z.object({ list: z.enum(VIEW_LISTS, { error: `is one of ${VIEW_LISTS.join(", ")}` }).default("runs") });
/** `ended`: also keys that have expired or were revoked. */
export const KeysRequest = z.strictObject({ ended: z.stringbool({ error: "is true or false" }).default(false) });
export const EventsRequest = z.object({
  run: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  lastEventId: z.string().regex(/^\d{1,18}$/, { error: "is no event id" }).transform(BigInt).optional(),
});
