import fc from "fast-check";
import { expect, test } from "vitest";
import { readHtml } from "./html.ts";

test("text as it is seen: blocks are lines, lists are marked, what is hidden stays hidden", () => {
  const { text, headline } = readHtml(`<html><head><title>T</title><style>p{}</style></head><body><div style="display:none">preheader &zwnj;</div>
    <h2>Sub</h2><h1>Big &amp; bold</h1><p>One<br>two&nbsp;three</p><ul><li>a<li>b</ul><script>x</script><table><tr><td>1</td><td>2</td></tr></table></body></html>`);
  expect(text).toBe("Sub\n\nBig & bold\n\nOne\ntwo three\n\n- a\n\n- b\n\n1 2");
  expect(headline).toBe("Big & bold");
});

test("quoted answers of the usual programs are left out", () => {
  for (const quote of ['<div class="gmail_quote">On Monday x wrote:<blockquote>old</blockquote></div>', '<blockquote type="cite"><p>old</p></blockquote>', '<div id="divRplyFwdMsg">old</div>']) {
    expect(readHtml(`<p>new</p>${quote}`).text).toBe("new");
  }
  expect(readHtml("<blockquote>A saying</blockquote>").text).toBe("A saying");
});

test("pixels are apart from images; a linked image lends its alt text; buttons are known", () => {
  const html = readHtml(`<img src=a width=600 alt=Hero><img width="1" height="1" src=t><img style="width:0px; height:0" src=t><img style="display:none" src=t><div style="display:none"><img src=t></div>
    <a href="https://x.org/a"><img src=b alt="Shop all"></a><a class="btn" href="https://x.org/b"> Buy <b>now</b></a><a style="padding:12px 20px;background:#c00" href="/c">Go</a><a>no href</a><a href="https://x.org/never">open`);
  expect(html).toMatchObject({ images: 2, trackingPixels: 4 });
  expect(html.links.map(({ text, isButton }) => [text, isButton])).toEqual([["Shop all", false], ["Buy now", true], ["Go", true], ["open", false]]);
});

test("deep, long and broken markup takes a moment, not more", () => {
  const started = performance.now();
  expect(readHtml("<div>".repeat(200_000)).problem).toMatch(/deeper than 1000/);
  expect(readHtml("<b>x".repeat(1_000_000)).problem).not.toBeNull();
  readHtml("<a href='x".repeat(300_000));
  readHtml("</p>".repeat(250_000));
  readHtml("&amp;".repeat(200_000));
  readHtml(`<p ${"a=b ".repeat(250_000)}>`);
  readHtml(" ".repeat(1_000_000));
  readHtml(`<div style="${"width:".repeat(100_000)}">`);
  expect(readHtml(`<p>${"word ".repeat(300_000)}`).text.length).toBeLessThanOrEqual(300_000);
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("never throws", () => {
  fc.assert(fc.property(fc.stringMatching(/^(?:<\/?(?:a|p|td|table|img|blockquote|h1|svg|title|math)(?: style="display:none"| hidden| href=x)?\/?>|[&x\u0000 ;<>"'!-]){0,60}$/), (html) => {
    const { text, trackingPixels } = readHtml(html);
    expect(text).toBe(text.trim());
    expect(trackingPixels).toBeGreaterThanOrEqual(0);
  }));
});
