import { afterAll, beforeAll, expect, it } from "vitest";
import { createPerson, disablePerson } from "#lib/people/mutations";
import { getPerson } from "#lib/people/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { type Claims, type FakeOidc, startFakeOidc } from "#lib/testing/fake-oidc";
import { findSession } from "./actor.ts";
import { beginOidc, finishOidc } from "./oidc.ts";
import { IP_HEADER } from "./request.ts";

let test: TestDatabase;
let provider: FakeOidc;
beforeAll(async () => {
  test = await cloneDatabase();
  provider = await startFakeOidc("penstock");
  Object.assign(process.env, { DATABASE_URL: test.url, PENSTOCK_OIDC_ISSUER: provider.issuer, PENSTOCK_OIDC_CLIENT_ID: "penstock", PENSTOCK_OIDC_CLIENT_SECRET: "a secret", PENSTOCK_OIDC_ROLE: "operator" });
});
afterAll(async () => {
  for (const name of ["ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ROLE"]) delete process.env[`PENSTOCK_OIDC_${name}`];
  provider.close();
  await test.drop();
});

const headersOf = (cookie = "") => new Headers({ host: "localhost:3000", [IP_HEADER]: "10.0.0.1", cookie });

/** The whole way round, as a browser goes it. `lose`: without the cookie that binds the answer to the browser. */
async function goRound(person: Claims, { lose = false, next = "/runs?status=failed" } = {}) {
  provider.person = person;
  const begun = await beginOidc({ db: test.db, headers: headersOf() }, next);
  const sent = await fetch(begun.url, { redirect: "manual" });
  const cookie = begun.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
  const answer = await finishOidc(test.db, new Request(sent.headers.get("location") ?? "", { headers: headersOf(lose ? "" : cookie) }));
  const session = answer.headers.getSetCookie().find((line) => line.startsWith("penstock="))?.split(";")[0];
  return { status: answer.status, location: answer.headers.get("location") ?? "", signedIn: session ? await findSession(test.db, headersOf(session)) : null };
}
const claims = (name: string, more: Partial<Claims> = {}): Claims => ({ sub: `sub of ${name}`, email: `${name}@example.org`, email_verified: true, name, ...more });

it("signs somebody new in with the role that the environment says, and leads on", async () => {
  const { location, signedIn } = await goRound(claims("olga"));
  expect(new URL(location, "http://localhost:3000").pathname).toBe("/runs");
  expect(signedIn).toMatchObject({ email: "olga@example.org", name: "olga", role: "operator" });
  expect((await goRound(claims("olga"))).signedIn?.userId).toBe(signedIn?.userId);
});

it("somebody who is here already keeps their role, when the provider has verified the address", async () => {
  await createPerson(test.ctx, { email: "vic@example.org", role: "viewer", password: "three unrelated words" });
  expect((await goRound(claims("vic", { email_verified: false }))).signedIn).toBeNull();
  expect((await goRound(claims("vic"))).signedIn).toMatchObject({ email: "vic@example.org", role: "viewer" });
});

it("a disabled person, a token for somebody else, and an answer that this browser did not ask for get no session", async () => {
  await disablePerson(test.ctx, { id: (await getPerson(test.ctx, "vic@example.org")).id });
  const refused = await goRound(claims("vic"));
  expect(refused).toMatchObject({ signedIn: null, status: 303, location: "http://localhost:3000/sign-in?refused=1" });
  expect((await goRound(claims("mallory"), { lose: true })).signedIn).toBeNull();
  provider.audience = "another program";
  expect((await goRound(claims("eve"))).signedIn).toBeNull();
  provider.audience = null;
  expect(await test.db.user.count({ where: { email: { in: ["mallory@example.org", "eve@example.org"] } } })).toBe(0);
  const denied = await test.db.$queryRaw<unknown[]>`select from audit_entries where action = 'session.denied'`;
  expect(denied.length).toBeGreaterThanOrEqual(3);
});

it.each(["changed", "unsigned", "shared", "own key", "expired"] as const)("a token that is %s is nobody's, and its person is not made", async (spoilt) => {
  provider.spoilt = spoilt;
  const name = `sven ${spoilt}`.replace(" ", ".").replace(" ", ".");
  expect((await goRound(claims(name))).signedIn).toBeNull();
  provider.spoilt = null;
  expect(await test.db.user.count({ where: { email: { in: [`${name}@example.org`, "root@example.org"] } } })).toBe(0);
  expect((await goRound(claims(name))).signedIn).toMatchObject({ email: `${name}@example.org` });
});
