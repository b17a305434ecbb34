/** Where the structure of a run is read: the page that is drawn and the browser that asks must mean the same. */
export const traceHref = (runId: number): string => `/api/v1/runs/${runId}/trace`;
