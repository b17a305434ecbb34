import { expect, it } from "vitest";
import { z } from "zod";
import { paramFields } from "#lib/stages/rules";

it("draws each kind of parameter with its bounds, default and words", () => {
  const params = z.object({
    batchSize: z.int().min(1).max(1000).default(200).describe("Messages per unit"),
    ratio: z.number().gt(0).optional(),
    retrain: z.boolean().default(false),
    mode: z.enum(["fast", "full"]).default("fast").meta({ title: "How" }),
    only_domain: z.string().nullable().default(null),
    seed: z.int().default(1),
  });
  expect(paramFields(params)).toEqual([
    { name: "batchSize", label: "Batch size", kind: "integer", default: 200, min: 1, max: 1000, description: "Messages per unit" },
    { name: "ratio", label: "Ratio", kind: "number", default: null, min: 0 },
    { name: "retrain", label: "Retrain", kind: "boolean", default: false },
    { name: "mode", label: "How", kind: "choice", default: "fast", choices: ["fast", "full"] },
    { name: "only_domain", label: "Only domain", kind: "text", default: null },
    { name: "seed", label: "Seed", kind: "integer", default: 1 },
  ]);
});
