import { hasProvider, finishOidc } from "#lib/auth/oidc";
import { publicOrigin } from "#lib/auth/request";
import { webDb } from "#lib/db/client";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Where an OpenID Connect provider sends the browser back to: checks the answer, signs in, and goes on. */
export async function GET(request: Request): Promise<Response> {
  if (!hasProvider()) return Response.redirect(`${publicOrigin(request.headers)}/sign-in`, 303);
  return finishOidc(webDb(), request);
}
