import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { readAnswer } from "./answer.ts";

const Industry = z.object({ industry: z.string(), confidence: z.number().min(0).max(1) });

test("JSON is found in fences, between thoughts and courtesies, and whatever stands around it nothing throws", () => {
  const wanted = { industry: "a } ] ``` b", confidence: 0.5 };
  const json = JSON.stringify(wanted);
  for (const text of [json, `\`\`\`json\n${JSON.stringify({ industry: "x", confidence: 0.5 }, null, 2)}\n\`\`\``, `<think>{"industry":1}</think>Sure: ${json} Anything else?`, `{"not":"it"} but ${json}`]) {
    expect(readAnswer(text, Industry).ok, text).toBe(true);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (before, after) => {
    const read = readAnswer(`${before}${json}${after}`, Industry);
    return read.ok || /[{["`<\\]/.test(before + after);
  }));
  const started = performance.now();
  readAnswer("{".repeat(1_000_000), Industry);
  expect(performance.now() - started).toBeLessThan(20_000);
});
