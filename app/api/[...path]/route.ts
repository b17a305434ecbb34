import { route } from "#lib/api/route";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Programs that ask for what is not here get a problem, not a page. */
const nothing = route<{ path: string[] }>(async (_ctx, { url }) => {
  throw new AppError("NOT_FOUND", `There is nothing at ${url.pathname.slice(0, 200)}.`);
});
export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
