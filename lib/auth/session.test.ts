import { afterAll, beforeAll, expect, it } from "vitest";
import { createPerson } from "#lib/people/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { IP_HEADER } from "./request.ts";
import { openSession } from "./session.ts";
import { signIn } from "./sign-in.ts";

let test: TestDatabase;
const PASSWORD = " Three unrelated Words ";
const email = "tess@example.org";
beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  await createPerson(test.ctx, { email, name: "Tess", role: "viewer", password: PASSWORD });
});
afterAll(() => test.drop());

/** Each try from an address of its own account of wrong tries. */
let tries = 0;
const enter = (password: string) => signIn({ db: test.db, headers: new Headers({ host: "localhost:3000", [IP_HEADER]: `10.0.1.${++tries}` }) }, { email, password });

it("tokens are unlike each other and too many to be guessed", async () => {
  const { id } = await test.db.user.findUniqueOrThrow({ where: { email }, select: { id: true } });
  for (let n = 0; n < 100; n += 1) await openSession(test.db, id, new Headers());
  for (let n = 0; n < 3; n += 1) await enter(PASSWORD);
  const tokens = (await test.db.$queryRaw<{ token: string }[]>`select token from sessions`).map(({ token }) => token);
  expect(tokens.length).toBeGreaterThanOrEqual(101);
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{32,}$/);
  // Of 128 bits at least: no place of the token is the same, or nearly always the same, in all of them.
  for (let place = 0; place < 32; place += 1) expect(new Set(tokens.map((token) => token[place])).size).toBeGreaterThan(20);
});

it("a password is what was typed: its case, its blanks and its end count", async () => {
  for (const near of [PASSWORD.trim(), PASSWORD.toLowerCase(), `${PASSWORD} `, PASSWORD.slice(0, -2)]) await expect(enter(near)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect((await enter(PASSWORD)).step).toBe("done");
  const long = `${"long words ".repeat(10)}end`;
  await createPerson(test.ctx, { email: "long@example.org", name: "Long", role: "viewer", password: `${long} one` });
  const at = { db: test.db, headers: new Headers({ host: "localhost:3000", [IP_HEADER]: "10.0.2.1" }) };
  await expect(signIn(at, { email: "long@example.org", password: `${long} two` })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});
