/** Who pulls the plug. Every act is chosen by the seed, and told. */
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbedded } from "#lib/db/embedded";
import { ACT_FAILPOINTS, FAILPOINTS, RUN_FAILPOINTS, UNIT_FAILPOINTS } from "#lib/failpoint";
import type { Fleet, Member } from "./fleet.ts";
import type { Random } from "./random.ts";
import type { Recovery } from "./recovery.ts";

export const DEEDS = ["kill", "pause", "term", "database", "failpoint", "session"] as const;
export type Deed = (typeof DEEDS)[number];
export type Deeds = Record<Deed, number>;

/** A pause past the age at which a worker's heartbeat is stale, in milliseconds. */
const PAUSE_MS = { least: 3_500, most: 7_000 };

export type Stage = { fleet: Fleet; recovery: Recovery; home: string; random: Random; say(line: string): void; /** Ends a session of the server at random. */ endSession(): Promise<void> };

/** Does every deed as often as `deeds` says, in an order of the seed's, between `gapMs`. */
export async function pullPlugs(stage: Stage, deeds: Deeds, gapMs: { least: number; most: number }): Promise<void> {
  const { random, say } = stage;
  const order = DEEDS.flatMap((deed) => Array.from({ length: deeds[deed] }, () => deed)).map((deed) => ({ deed, place: random.next() })).sort((a, b) => a.place - b.place);
  const pauses: Promise<void>[] = [];
  for (const [index, { deed }] of order.entries()) {
    await sleep(random.int(gapMs.least, gapMs.most));
    say(`${index + 1}/${order.length} ${deed}`);
    if (deed === "database") await killDatabase(stage.home);
    else if (deed === "session") await stage.endSession().catch(() => {});
    else {
      const member = await pickReady(stage);
      if (deed === "kill") kill(stage, member);
      else if (deed === "term") member.child.kill("SIGTERM");
      else if (deed === "pause") pauses.push(pause(member, random.int(PAUSE_MS.least, PAUSE_MS.most)));
      else armAndKill(stage, member);
    }
  }
  await Promise.all(pauses);
}

/** A worker that takes units; one that has just been killed is on its way back. */
async function pickReady({ fleet, random }: Stage): Promise<Member> {
  for (;;) {
    const ready = fleet.members().filter(({ workerId, isPaused }) => workerId !== null && !isPaused);
    if (ready.length > 0) return random.pick(ready);
    await sleep(20);
  }
}

function kill({ recovery }: Stage, member: Member): void {
  member.child.kill("SIGKILL");
  if (member.workerId !== null) recovery.note(member.workerId);
}

/** The next one in its place dies by itself at a boundary; this one is killed to make room. */
function armAndKill(stage: Stage, member: Member): void {
  const { fleet, random, say } = stage;
  const name = random.pick(FAILPOINTS);
  const kinds = (UNIT_FAILPOINTS as readonly string[]).includes(name) ? ["", "/plan", "/work", "/settle"] : (ACT_FAILPOINTS as readonly string[]).includes(name) ? ["", "/work", "/settle"] : [""];
  const order = `${name}${random.pick(kinds)}=kill@${random.int(1, 5)}`;
  say(`  ${order}${(RUN_FAILPOINTS as readonly string[]).includes(name) ? " (if it comes there)" : ""}`);
  fleet.arm(member.slot, order);
  kill(stage, member);
}

async function pause(member: Member, ms: number): Promise<void> {
  member.isPaused = true;
  member.child.kill("SIGSTOP");
  await sleep(ms);
  member.child.kill("SIGCONT");
  member.isPaused = false;
}

/** Kills the server, and starts it again as the supervisor would. */
export async function killDatabase(home: string): Promise<void> {
  const { pid } = await startEmbedded(home);
  process.kill(pid, "SIGKILL");
  await startAgain(home);
}

/** The server of `home`, up again; one that is still going down is waited for. */
export async function startAgain(home: string, tries = 100): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await startEmbedded(home);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}
