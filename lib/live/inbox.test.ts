import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HeardEvent, LiveInbox, readEvent } from "./inbox.ts";

const event = (id: number | null, type = "run.running"): HeardEvent => ({ id, type, runId: 1, data: {} });
/** Ids before and after all others. */
const [BEGINNING, END] = [20_000, 20_001];
const typesOf = (events: HeardEvent[]) => events.map(({ id, type }) => (type === "run.running" ? id : type));

describe("a tab's place in the stream", () => {
  it("takes each event once, whatever the order of their ids", () => {
    const inbox = new LiveInbox();
    expect(inbox.last).toBeNull();
    expect(typesOf(inbox.take(event(7, "ready"), null))).toEqual([]);
    expect(typesOf(inbox.take(event(9), 7))).toEqual([9]);
    expect(typesOf(inbox.take(event(8), 9))).toEqual([8]);
    expect(typesOf(inbox.take(event(9), 8))).toEqual([]);
    expect(inbox.last).toBe(8);
    expect(typesOf(inbox.take(event(null, "progress"), null))).toEqual(["progress"]);
    expect(inbox.last).toBe(8);
  });

  it("loads anew when something has passed it by, once", () => {
    const inbox = new LiveInbox();
    inbox.join(5);
    expect(typesOf(inbox.take(event(8), 7))).toEqual(["resync", 8]);
    expect(typesOf(inbox.take(event(9), 8))).toEqual([9]);
    expect(typesOf(inbox.join(9))).toEqual([]);
    expect(typesOf(inbox.join(12))).toEqual(["resync"]);
    expect(typesOf(inbox.take(event(20, "ready"), 12))).toEqual(["resync"]);
  });

  it("a new leader that stands further back repeats what this tab knows, and nothing comes twice", () => {
    const inbox = new LiveInbox();
    for (const [id, previous] of [[1, null], [2, 1], [3, 2]] as const) inbox.take(event(id), previous);
    expect(typesOf([...inbox.take(event(2), 1), ...inbox.take(event(3), 2), ...inbox.take(event(4), 3)])).toEqual([4]);
  });

  it("whichever tab takes the lead wherever: each tab handles each event once, or is told to load anew", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 60 }), fc.array(fc.record({ leader: fc.nat({ max: 2 }), length: fc.nat({ max: 12 }), lost: fc.array(fc.boolean(), { maxLength: 3 }) }), { maxLength: 12 }), (stream, reigns) => {
        const inboxes = [new LiveInbox(), new LiveInbox(), new LiveInbox()];
        for (const inbox of inboxes) inbox.join(BEGINNING);
        const handled: number[][] = [[], [], []];
        const resyncs = [0, 0, 0];
        const losses = [0, 0, 0];
        const hand = (tab: number, events: HeardEvent[]) => {
          for (const { id, type } of events) {
            if (type === "resync") resyncs[tab] = (resyncs[tab] ?? 0) + 1;
            else if (id !== null) handled[tab]?.push(id);
          }
        };
        for (const { leader, length, lost } of [...reigns, { leader: 0, length: 1_000, lost: [] }]) {
          const inbox = inboxes[leader];
          if (!inbox) continue;
          const from = stream.indexOf(inbox.last ?? BEGINNING) + 1;
          for (const id of stream.slice(from, from + length)) {
            const previous = inbox.last;
            hand(leader, inbox.take(event(id), previous));
            // The last word of a leader that crashes may reach some tabs and not others.
            for (const tab of [0, 1, 2]) if (tab !== leader) {
              if (lost[tab] && id === stream[from + length - 1]) losses[tab] = (losses[tab] ?? 0) + 1;
              else hand(tab, inboxes[tab]?.take(event(id), previous) ?? []);
            }
          }
        }
        const place = inboxes[0]?.last ?? BEGINNING;
        for (const tab of [0, 1, 2]) hand(tab, inboxes[tab]?.take(event(END), place) ?? []);
        for (const tab of [0, 1, 2]) {
          expect(new Set(handled[tab]).size).toBe(handled[tab]?.length);
          const missed = stream.filter((id) => !handled[tab]?.includes(id));
          if (losses[tab] === 0) expect({ missed, resyncs: resyncs[tab] }).toEqual({ missed: [], resyncs: 0 });
          if (missed.length > 0) expect(resyncs[tab]).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

it("reads what the stream sends, and passes over what is no object", () => {
  expect(readEvent("run.running", '{"runId":4,"stage":"content"}', "12")).toEqual({ id: 12, type: "run.running", runId: 4, data: { runId: 4, stage: "content" } });
  expect(readEvent("import.completed", '{"runId":null}', "13")).toMatchObject({ id: 13, runId: null });
  // The browser repeats the last id with every message that has none.
  expect(readEvent("progress", '{"runId":4}', "12")).toMatchObject({ id: null, runId: 4 });
  for (const data of ["", "null", "[1]", "{"]) expect(readEvent("resync", data, "")).toEqual({ id: null, type: "resync", runId: null, data: {} });
});
