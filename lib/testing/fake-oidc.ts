/** An OpenID Connect provider on a free port of this machine, which signs in whomever it is told to. */
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Claims = { sub: string; email: string; email_verified: boolean; name: string };
/** What is wrong with a token: its content was changed after signing, it says it needs no signature, it is signed with the public key as if that were a shared secret, by a key that it brings along, or it is over. */
export type Spoilt = "changed" | "unsigned" | "shared" | "own key" | "expired";
export type FakeOidc = { issuer: string; /** Who comes next. */ person: Claims; /** What its tokens are signed for; somebody else's, to see them refused. */ audience: string | null; spoilt: Spoilt | null; close(): void };

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export async function startFakeOidc(clientId: string): Promise<FakeOidc> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const codes = new Map<string, { nonce: string | null; challenge: string | null }>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", fake.issuer);
    const json = (body: unknown, status = 200) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (url.pathname === "/.well-known/openid-configuration") {
      return json({
        issuer: fake.issuer, authorization_endpoint: `${fake.issuer}/authorize`, token_endpoint: `${fake.issuer}/token`, userinfo_endpoint: `${fake.issuer}/me`, jwks_uri: `${fake.issuer}/keys`,
        response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"], code_challenge_methods_supported: ["S256"],
      });
    }
    if (url.pathname === "/keys") return json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] });
    if (url.pathname === "/other-keys") return json({ keys: [{ ...stranger.publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig" }] });
    if (url.pathname === "/me") return json(fake.person);
    if (url.pathname === "/authorize") {
      const code = randomBytes(16).toString("hex");
      codes.set(code, { nonce: url.searchParams.get("nonce"), challenge: url.searchParams.get("code_challenge") });
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", url.searchParams.get("state") ?? "");
      return response.writeHead(302, { Location: back.href }).end();
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    const begun = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!begun || begun.challenge !== challenge) return json({ error: "invalid_grant" }, 400);
    const now = Math.floor(Date.now() / 1_000);
    const claims = { ...fake.person, iss: fake.issuer, aud: fake.audience ?? clientId, iat: now - 3_600, exp: fake.spoilt === "expired" ? now - 600 : now + 300, ...(begun.nonce && { nonce: begun.nonce }) };
    const bring = fake.spoilt === "own key" ? { jwk: stranger.publicKey.export({ format: "jwk" }), jku: `${fake.issuer}/other-keys` } : { kid: "one" };
    const head = base64({ alg: fake.spoilt === "unsigned" ? "none" : fake.spoilt === "shared" ? "HS256" : "RS256", typ: "JWT", ...bring });
    const content = `${head}.${base64(claims)}`;
    const told = fake.spoilt === "changed" ? `${head}.${base64({ ...claims, email: "root@example.org" })}` : content;
    const signature = fake.spoilt === "unsigned" ? "" : fake.spoilt === "shared" ? createHmac("sha256", publicKey.export({ format: "pem", type: "spki" })).update(content).digest("base64url") : createSign("RSA-SHA256").update(content).sign(fake.spoilt === "own key" ? stranger.privateKey : privateKey).toString("base64url");
    return json({ access_token: randomBytes(16).toString("hex"), token_type: "Bearer", expires_in: 300, id_token: `${told}.${signature}` });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeOidc = { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, person: { sub: "1", email: "first@example.org", email_verified: true, name: "First" }, audience: null, spoilt: null, close: () => server.close() };
  return fake;
}
