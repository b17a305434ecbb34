import fc from "fast-check";
import { expect, it } from "vitest";
import { readChunks, readJson, readText } from "#lib/api/body";
import { parseJson } from "#lib/api/json";
import type { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";

const post = (body: BodyInit, headers: Record<string, string> = {}) => new Request("http://127.0.0.1/", { method: "POST", body, headers: { "content-type": "application/json", ...headers }, duplex: "half" } as RequestInit);
const fault = (read: Promise<unknown>) => read.then(() => null, (error: AppError) => ({ code: error.code, message: error.message, path: error.faults[0]?.path }));

it("property: whatever JSON.stringify writes is read as it was, however it is spaced", () => {
  // Two keys alike cannot be written by it; -0 is 0 in JSON.
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 2), (text, space) => {
    fc.pre(!text.includes("__proto__"));
    const spaced = JSON.stringify(JSON.parse(text), null, space);
    expect(parseJson(spaced)).toEqual(JSON.parse(spaced));
  }));
});

it.each([
  ['{"a":1,"a":2}', "a", "twice"],
  ['{"a":{"b":1,"\\u0062":2}}', "a.b", "twice"],
  ['{"a":[{"__proto__":{"isAdmin":true}}]}', "a.__proto__", "name"],
  ['{"__pr\\u006fto__" : 1}', "__proto__", "name"],
  ['{"n":1e400}', "n", "too large"],
  ["[".repeat(20_000), undefined, "deeper than 32"],
  [`{${Array.from({ length: LIMITS.jsonKeys + 1 }, (_, i) => `"k${i}":0`).join(",")}}`, undefined, "more than 20000 keys"],
  ['{"a":', undefined, "no valid JSON"],
])("refuses %.60s", async (text, path, said) => {
  const refused = await fault(readJson(post(text)));
  expect(refused).toMatchObject({ code: "INVALID", message: expect.stringContaining(said) });
  expect(refused?.path).toBe(path);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

it("the same key in two objects, or as a text, is no fault", () => {
  expect(parseJson('[{"a":"a"},{"a":["a","a"]},"__proto__"]')).toEqual([{ a: "a" }, { a: ["a", "a"] }, "__proto__"]);
});

it("no more is read than the limit, whatever the request says of its length", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => { sent += 65_536; controller.enqueue(new Uint8Array(65_536).fill(32)); } });
  expect(await fault(readText(post(endless)))).toMatchObject({ code: "TOO_LARGE" });
  expect(sent).toBeLessThan(LIMITS.bodyBytes * 2);
  expect(await fault(readText(post("{}", { "content-length": "99999999" })))).toMatchObject({ code: "TOO_LARGE" });
});

it("a body that does not come is not waited for", async () => {
  let isCancelled = false;
  const slow = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array([123])), cancel: () => { isCancelled = true; } });
  expect(await fault(readText(post(slow), 50))).toMatchObject({ code: "TOO_SLOW" });
  expect(isCancelled).toBe(true);
});

it("a file may come slowly, but not stop coming", async () => {
  const source = (pauses: (number | null)[]) => new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const pause = pauses.shift();
      if (pause === undefined) return controller.close();
      await new Promise((resolve) => pause === null || setTimeout(resolve, pause));
      controller.enqueue(new Uint8Array([97]));
    },
  }, { highWaterMark: 0 });
  const take = async (body: ReadableStream<Uint8Array>, idleMs: number) => {
    let size = 0;
    for await (const chunk of readChunks(body, idleMs)) size += chunk.byteLength;
    return size;
  };
  expect(await take(source([60, 60, 60]), 5_000)).toBe(3);
  const silent = source([1, null]);
  expect(await fault(take(silent, 50))).toMatchObject({ code: "TOO_SLOW" });
  expect(silent.locked, "whoever answers can still throw the rest away").toBe(false);
});
