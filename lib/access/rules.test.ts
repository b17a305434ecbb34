import { expect, it } from "vitest";
import { ALL_PERMISSIONS, allow, can, PERMISSIONS_OF, ROLES } from "#lib/access/rules";
import { person } from "#lib/testing/people";

it("each role may what the one before it may, and more", () => {
  for (const [index, role] of ROLES.entries()) {
    const less = ROLES[index - 1];
    if (!less) continue;
    expect(PERMISSIONS_OF[role]).toEqual(expect.arrayContaining([...PERMISSIONS_OF[less]]));
    expect(PERMISSIONS_OF[role].length).toBeGreaterThan(PERMISSIONS_OF[less].length);
  }
  expect([...PERMISSIONS_OF.admin].sort()).toEqual([...ALL_PERMISSIONS].sort());
});

it("what is not given is refused, with who can give it", () => {
  const viewer = { actor: person("ann", "viewer") };
  expect(() => allow(viewer, "runs.read")).not.toThrow();
  expect(() => allow(viewer, "runs.cancel")).toThrow("ann may not cancel runs. An admin can give the role operator, which may.");
  expect(() => allow(viewer, "people.manage")).toThrow("the role admin");
  expect(ALL_PERMISSIONS.filter((permission) => can({ ...viewer.actor, may: new Set() }, permission))).toEqual([]);
});
