import { definePipeline } from "#lib/engine/define";
import { classify } from "./stage-classify.ts";
import { content } from "./stage-content.ts";
import { engage } from "./stage-engage.ts";
import { entities } from "./stage-entities.ts";
import { metadata } from "./stage-metadata.ts";
import { profile } from "./stage-profile.ts";
import { segment } from "./stage-segment.ts";

/** From a mail archive to who its senders are, what they offer, and drafts of answers. */
export const mail = definePipeline("mail", {
  title: "Mail archive",
  description: "Reads an imported mail archive message by message, learns who its senders are, and drafts answers where one is worth it.",
  stages: [metadata, content, entities, classify, profile, segment, engage],
});
