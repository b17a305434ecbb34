import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ctx } from "#lib/ctx";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { createFirstAdmin } from "#lib/people/mutations";
import { admin } from "#lib/testing/people";
import { deleteView, saveView } from "#lib/views/mutations";
import { listViews } from "#lib/views/queries";

let test: TestDatabase;
let ann: Ctx;
let bob: Ctx;
beforeAll(async () => {
  test = await cloneDatabase();
  ann = { ...test.ctx, actor: { ...admin("ann"), userId: "u-ann" } };
  bob = { ...test.ctx, actor: { ...admin("bob"), userId: "u-bob" } };
});
afterAll(() => test.drop());

describe("saved views", () => {
  it("mine, then what others share; the same name again replaces; one default at most", async () => {
    await saveView(ann, { name: "Failures", query: "status=failed&cursor=xyz&utm=1&cols=id,stage:220", isDefault: true });
    await saveView(ann, { name: "Slow", query: "duration=5m..", isDefault: true });
    await saveView(bob, { name: "Shared", query: "sort=-items", shared: true });
    await saveView(bob, { name: "Secret", query: "" });
    await saveView(ann, { name: "Failures", query: "status=failed&status=partial", shared: true });
    expect((await listViews(ann)).map(({ name, query, isMine, isDefault }) => [name, query, isMine, isDefault])).toEqual([
      ["Failures", "status=failed&status=partial", true, false], ["Slow", "duration=5m..", true, true], ["Shared", "sort=-items", false, false],
    ]);
    expect((await listViews(bob)).map(({ name, isDefault }) => [name, isDefault])).toEqual([["Secret", false], ["Shared", false], ["Failures", false]]);
  });

  it("each list has its own: names, defaults, and what its addresses may say", async () => {
    const before = await listViews(ann);
    await saveView(ann, { list: "ai-audit", name: "Failures", query: "status=error&cost=0.01..&cols=id,role:220&cursor=x", isDefault: true });
    expect((await listViews(ann, "ai-audit")).map(({ name, query, isDefault }) => [name, query, isDefault])).toEqual([["Failures", "status=error&cost=0.01..&cols=id%2Crole%3A220", true]]);
    expect(await listViews(ann)).toEqual(before);
    await expect(Promise.resolve().then(() => saveView(ann, { list: "ai-audit", name: "x", query: "status=failed" }))).rejects.toThrow(/cannot be read/);
  });

  it("many at once leave one default", async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => saveView(bob, { name: `v${n}`, query: "", isDefault: true })));
    expect((await listViews(bob)).filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  it.each([{ name: " ", query: "" }, { name: "x".repeat(81), query: "" }, { name: "a\nb", query: "" }, { name: "x", query: "status=bogus" }, { name: "x", query: "a".repeat(8_001) }])("refuses %.60j", async (input) => {
    await expect(Promise.resolve().then(() => saveView(ann, input))).rejects.toThrow();
  });

  it("only its owner deletes one", async () => {
    const { id } = await saveView(bob, { name: "Mine", query: "", shared: true });
    await expect(deleteView(ann, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await deleteView(bob, { id });
    await expect(deleteView(bob, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("a key keeps its owner's; of two who were called the same each has their own", async () => {
    const key: Ctx = { ...test.ctx, actor: { kind: "api", name: "ci", may: admin("ci").may, userId: "u-cat", keyId: "k1" } };
    const cat: Ctx = { ...test.ctx, actor: { ...admin("ann"), userId: "u-cat" } };
    await saveView(key, { name: "Of cat", query: "", isDefault: true });
    expect((await listViews(cat)).find(({ name }) => name === "Of cat")).toMatchObject({ isMine: true, isDefault: true });
    expect((await listViews(ann)).map(({ name }) => name)).not.toContain("Of cat");
    await expect(deleteView({ ...test.ctx, actor: { ...admin("u-cat"), userId: "u-dan" } }, { id: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("what was kept before anybody signed in is the first admin's", async () => {
    await test.db.savedView.create({ data: { owner: "local", name: "Of old", query: "status=failed", isDefault: true } });
    const userId = (await createFirstAdmin(test.ctx, { email: "first@example.org", password: "three unrelated words" })) ?? "";
    const first: Ctx = { ...test.ctx, actor: { ...admin("First"), userId } };
    expect((await listViews(first)).filter(({ isMine }) => isMine)).toMatchObject([{ name: "Of old", owner: "First", isDefault: true }]);
    await saveView(first, { name: "For all", query: "", shared: true });
    expect((await listViews(ann)).find(({ name }) => name === "For all")).toMatchObject({ owner: "First", isMine: false });
  });
});
