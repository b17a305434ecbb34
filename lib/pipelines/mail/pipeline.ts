import { definePipeline } from "#lib/engine/define";
import { classify } from "./stage-classify.ts";
import { content } from "./stage-content.ts";
import { engage } from "./stage-engage.ts";
import { entities } from "./stage-entities.ts";
import { metadata } from "./stage-metadata.ts";
import { profile } from "./stage-profile.ts";
import { segment } from "./stage-segment.ts";

/** Seven stages over a mail archive, from headers to a drafted answer; each takes only what is new. */
export const mail = definePipeline("mail", {
  title: "Mail archive",
  description: "Turns an imported mail archive into senders, what they want, and drafts of answers worth sending. Nothing is ever sent.",
  stages: [metadata, content, entities, classify, profile, segment, engage],
});
