import { expect, it } from "vitest";
import { type CauseRule, findCause, fits } from "#lib/causes/rules";

it.each([
  ["Error", 'unable to infer type for attribute "REGEX"', "The language model does not fit the Python version"],
  ["WorkerDied", "Its worker died 3 times while it held this unit; it is not tried again", "It killed its worker three times"],
  ["RangeError", "JavaScript heap out of memory", "Out of memory"],
  ["Error", "ENOSPC: no space left on device, write", "The disk is full"],
  ["OperationalError", "database is locked", "The database was locked"],
  ["Error", "canceling statement due to statement timeout", "A database statement took too long"],
  ["Error", "sorry, too many clients already", "The database has no free connection"],
  ["Error", "terminating connection due to administrator command", "The database could not be reached"],
  ["PrismaClientKnownRequestError", "Can't reach database server at 127.0.0.1:5432", "The database could not be reached"],
  ["RateLimitError", "429 You exceeded your current quota", "The AI provider limits the rate"],
  ["AuthenticationError", "401 Incorrect API key provided", "The AI provider refused the key"],
  ["NotFoundError", "404 model 'llama3' not found", "The AI provider does not know the model"],
  ["APIConnectionTimeoutError", "Request timed out.", "The AI provider did not answer in time"],
  ["APIConnectionError", "Connection error.", "The AI provider could not be reached"],
  ["TypeError", "fetch failed", "The AI provider could not be reached"],
  ["InternalServerError", "503 status code (no body)", "The AI provider has a fault of its own"],
  ["InvalidAnswerError", "The answer is not valid JSON", "The AI provider's answer was not usable"],
  ["Error", "EACCES: permission denied, open '/x'", "Penstock may not read or write there"],
])("%s: %s", (errorClass, message, title) => {
  expect(findCause({ errorClass, message })?.title).toBe(title);
});

it("knows nothing of an error of the pipeline's own", () => {
  expect(findCause({ errorClass: "RangeError", message: "unit-2 was told to fail" })).toBeNull();
  expect(findCause({ errorClass: null, message: "" })).toBeNull();
});

it.each([
  ["Nothing listens at 127.0.0.1:11434. Start the model server there, or change PENSTOCK_AI_BASE_URL.", "The AI provider could not be reached"],
  ["The name of llm.invalid could not be looked up. Check PENSTOCK_AI_BASE_URL and the network.", "The AI provider could not be reached"],
  ["example.org timed out after 60 s.", "The AI provider did not answer in time"],
  ['example.org has no model "x" (404). Check PENSTOCK_AI_MODEL.', "The AI provider does not know the model"],
  ["example.org failed with a server error (500). It said: the model is away", "The AI provider has a fault of its own"],
  ["The model's answer is not the JSON that was asked for: it holds no JSON.", "The AI provider's answer was not usable"],
  ["Its worker died 3 times in a row while it held this unit; it is not tried again", "It killed its worker three times"],
])("what Penstock itself says is known to it: %s", (message, title) => {
  expect(findCause({ errorClass: null, message: `12 of 40 items failed, the first with: example.com: ${message}` })?.title).toBe(title);
});

const rule = (given: Partial<CauseRule>): CauseRule => ({ id: 1, kind: "contains", pattern: "quota", pipeline: null, stage: null, title: "Ours", hint: "Ask Ada", position: 0, enabled: true, updatedBy: "test", updatedAt: new Date(0), ...given });

it.each([
  ["contains", "Connection*", "connection* refused", true],
  ["contains", "connection*", "connection refused", false],
  ["wildcard", "connection * refused", "Error: Connection to 10.0.0.1 REFUSED by peer", true],
  ["wildcard", "refused*connection", "connection refused", false],
  ["wildcard", "*no*space*", "ENOSPC: no space left", true],
  ["wildcard", "aa*aa", "aaa", false],
  ["wildcard", "(a+)+$", "aaaaaaaa!", false],
] as const)("%s %j and %j: %j", (kind, pattern, text, expected) => expect(fits({ kind, pattern }, text)).toBe(expected));

it("a pattern of wildcards and a long message cost nothing", () => {
  const message = "a".repeat(1_000_000);
  const rules = Array.from({ length: 200 }, () => rule({ kind: "wildcard", pattern: `${"a*".repeat(149)}b` }));
  const started = performance.now();
  expect(findCause({ errorClass: "E", message }, rules)).toBeNull();
  expect(performance.now() - started).toBeLessThan(500);
});

it("what people wrote down comes before what is built in, for the pipeline and stage that it is for, while it is enabled", () => {
  const failure = { errorClass: "Error", message: "429 quota exceeded", pipeline: "mail", stage: "classify" };
  expect(findCause(failure, [rule({ title: "First" }), rule({ title: "Second" })])?.title).toBe("First");
  expect(findCause(failure, [rule({ pipeline: "mail", stage: "classify" })])?.title).toBe("Ours");
  for (const other of [{ enabled: false }, { stage: "engage" }, { pipeline: "trading" }, { pattern: "nothing of it" }]) {
    expect(findCause(failure, [rule(other)])?.title).toBe("The AI provider limits the rate");
  }
});
