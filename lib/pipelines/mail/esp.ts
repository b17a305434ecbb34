/**
 * Which service sent a message. Each kind of trace has a weight below 1; several traces of one service combine as
 * independent hints, 1 - (1 - a)(1 - b)…, and the best score wins. A service that carries others' mail counts for 0.8 of it.
 */
import { readSigners } from "./auth.ts";
import { FINGERPRINTS, type Fingerprint } from "./esp-fingerprints.ts";
import { type Headers, parseMessageIds } from "./headers.ts";
import { readHops } from "./received.ts";

export type EspGuess = { esp: string; /** 0-1 */ confidence: number; evidence: string[] };

const WEIGHTS = { returnPath: 0.8, dkim: 0.7, header: 0.8, mailer: 0.6, feedbackId: 0.8, received: 0.6, tracking: 0.5 };
const CARRIER_SHARE = 0.8;

type Traces = { returnPath: string[]; dkim: string[]; mailer: string; feedbackId: string; received: string[]; tracking: string[] };

/** "custom_smtp" when no service is recognised: 0.3 when there were traces to look at, 0 when there were none. */
export function detectEsp(headers: Headers): EspGuess {
  const traces = readTraces(headers);
  let best: EspGuess | null = null;
  for (const fingerprint of FINGERPRINTS) {
    const found = match(fingerprint, headers, traces);
    if (found.confidence > (best?.confidence ?? 0)) best = found;
  }
  const hasTraces = traces.received.length + traces.dkim.length + traces.returnPath.length > 0;
  return best ?? { esp: "custom_smtp", confidence: hasTraces ? 0.3 : 0, evidence: [] };
}

function readTraces(headers: Headers): Traces {
  const hostsOf = (value: string | undefined) => [...(value ?? "").slice(0, 4_000).toLowerCase().matchAll(/[@/]([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)/g)].map(([, host = ""]) => host);
  return {
    returnPath: hostsOf(headers.get("return-path")).slice(0, 1),
    dkim: readSigners(headers),
    mailer: `${headers.get("x-mailer") ?? ""} ${headers.get("user-agent") ?? ""}`.trim().slice(0, 300),
    feedbackId: (headers.get("feedback-id") ?? "").trim().slice(0, 300),
    received: readHops(headers).flatMap(({ hosts }) => hosts),
    tracking: [...hostsOf(headers.get("list-unsubscribe")), ...parseMessageIds(headers.get("message-id")).flatMap((id) => hostsOf(id))],
  };
}

function match(fingerprint: Fingerprint, headers: Headers, traces: Traces): EspGuess {
  const evidence: string[] = [];
  let doubt = 1;
  const note = (kind: keyof typeof WEIGHTS, trace: string | undefined, text: string) => {
    if (trace === undefined) return;
    evidence.push(`${text} ${trace}`.slice(0, 200));
    doubt *= 1 - WEIGHTS[kind];
  };
  const below = (hosts: string[], domains: string[] | undefined) => domains && hosts.find((host) => domains.some((domain) => host === domain || host.endsWith(`.${domain}`)));
  note("returnPath", below(traces.returnPath, fingerprint.returnPath), "return path");
  note("dkim", below(traces.dkim, fingerprint.dkim), "signed by");
  note("header", fingerprint.headers?.find((name) => headers.has(name)), "header");
  note("mailer", traces.mailer && fingerprint.mailer?.test(traces.mailer) ? traces.mailer : undefined, "mailer");
  note("feedbackId", traces.feedbackId && fingerprint.feedbackId?.test(traces.feedbackId) ? traces.feedbackId : undefined, "feedback id");
  note("received", below(traces.received, fingerprint.received), "handed over by");
  note("tracking", below(traces.tracking, fingerprint.tracking), "address at");
  const confidence = (1 - doubt) * (fingerprint.carrier ? CARRIER_SHARE : 1);
  return { esp: fingerprint.name, confidence: Math.round(confidence * 100) / 100, evidence };
}
