/** Which sender a host belongs to. */
import { domainToASCII } from "node:url";
import { parse } from "tldts";

/** The sender of messages without a readable From address. */
export const NO_SENDER = "(none)";

/**
 * Registered domain of a host: news.mail.example.co.uk becomes example.co.uk; a host without one (localhost) stands for itself.
 * Private suffixes of the Public Suffix List count, since below uk.com, myshopify.com or blogspot.com every name is another
 * company; mail from such a suffix itself (github.io) falls back to the official list.
 */
export function registeredDomain(host: string): string {
  const ascii = (domainToASCII(host) || host).toLowerCase().slice(0, 255);
  return parse(ascii, { allowPrivateDomains: true }).domain ?? parse(ascii).domain ?? ascii;
}
