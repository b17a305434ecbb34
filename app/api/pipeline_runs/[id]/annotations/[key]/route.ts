import { DeleteAnnotationInput, deleteAnnotation, SetAnnotationInput, setAnnotation } from "#lib/annotations/mutations";
import { keyOf, parseAnnotation } from "#lib/api/annotations";
import { parseRunId } from "#lib/api/inputs";
import { answerPlain, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The seed's way: the value is a parameter, and none is the empty text. */
export const PUT = route<{ id: string }>(async (ctx, { url, params }) => {
  await setAnnotation(ctx, parseAnnotation(SetAnnotationInput, { runId: parseRunId(params.id), key: keyOf(url), value: url.searchParams.get("value") ?? "" }));
  return answerPlain(null);
});

export const DELETE = route<{ id: string }>(async (ctx, { url, params }) => {
  await deleteAnnotation(ctx, parseAnnotation(DeleteAnnotationInput, { runId: parseRunId(params.id), key: keyOf(url) }));
  return answerPlain(null);
});
