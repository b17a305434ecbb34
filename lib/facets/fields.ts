/** Which fields have facets. Isomorphic. */
import { isSystemKey, subjectOf, type SystemKey } from "#lib/filters/fields";

/** Those that statistics are broken down by: counted exactly over every run that matches, where the rest of the filter is one that is counted in advance. */
export const COUNTED_FACETS = {
  "system/pipeline_run.status": "status",
  "system/pipeline_run.stage": "stage",
  "system/pipeline_run.pipeline": "pipeline",
  "system/pipeline_run.triggered_by": "trigger",
} as const satisfies Partial<Record<SystemKey, string>>;
export type CountedFacet = keyof typeof COUNTED_FACETS;
export const isCounted = (key: string): key is CountedFacet => Object.hasOwn(COUNTED_FACETS, key);

const SAMPLED = ["system/pipeline_run.created_by", "system/pipeline_run.outcome"];
/** Whether a field has facets at all: the counted ones, creators, outcomes, subjects and annotations. */
export const hasFacets = (key: string): boolean => isCounted(key) || SAMPLED.includes(key) || subjectOf(key) !== null || !isSystemKey(key);

/** Values told of one field at most, the most frequent. */
export const MAX_FACETS = 50;
/** Of what is not counted in advance, only so many of the newest runs that match are looked at, however many there are. */
export const SAMPLE = 20_000;
