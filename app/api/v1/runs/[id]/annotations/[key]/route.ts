import { DeleteAnnotationInput, deleteAnnotation, SetAnnotationInput, setAnnotation } from "#lib/annotations/mutations";
import { keyOf, parseAnnotation } from "#lib/api/annotations";
import { AnnotationBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const PUT = route<{ id: string }>(async (ctx, { request, url, params }) => {
  const { value } = parseAnnotation(AnnotationBody, await readJson(request));
  const { created, ...data } = await setAnnotation(ctx, parseAnnotation(SetAnnotationInput, { runId: parseRunId(params.id), key: keyOf(url), value }));
  return answer({ data }, { status: created ? 201 : 200 });
});

export const DELETE = route<{ id: string }>(async (ctx, { url, params }) => {
  await deleteAnnotation(ctx, parseAnnotation(DeleteAnnotationInput, { runId: parseRunId(params.id), key: keyOf(url) }));
  return new Response(null, { status: 204 });
});
