import fc from "fast-check";
import { expect, test } from "vitest";
import { readAuth } from "./auth.ts";
import { detectEsp } from "./esp.ts";
import { FINGERPRINTS } from "./esp-fingerprints.ts";
import { parseHeaders } from "./headers.ts";
import { isPublicIp, readDelivery } from "./received.ts";

const read = (...lines: string[]) => parseHeaders(Buffer.from(`${lines.join("\r\n")}\r\n`));

test.each([
  ["mailchimp", ["Return-Path: <bounce-mc.us12_1@mail3.suw17.mcsv.net>", "DKIM-Signature: v=1; a=rsa; d=mailchimpapp.net; s=k2", "X-MC-User: abc"]],
  ["sendgrid", ["Return-Path: <bounces+1@em.sendgrid.net>", "X-SG-EID: abc="]],
  ["amazon_ses", ["Return-Path: <0100@eu-west-1.amazonses.com>", "Feedback-ID: 1.eu-west-1.abc=:AmazonSES"]],
  ["substack", ["Return-Path: <bounce+1@mg-d1.substack.com>", "X-Mailgun-Sid: Wy", "DKIM-Signature: a=b; d=mg-d1.substack.com"]],
  ["customer_io", ["X-Mailgun-Sid: Wy", "List-Unsubscribe: <https://track.customer.io/unsubscribe/x>", "DKIM-Signature: a=b; d=customeriomail.com"]],
  ["klaviyo", ["X-Kmail-Account: a", "Received: from o1.sendgrid.net (o1.sendgrid.net [167.89.1.1]) by mx.example.com"]],
  ["google_workspace", ["Received: from mail-ed1-f41.google.com (mail-ed1-f41.google.com [209.85.208.41]) by mx.example.com", "X-Gm-Message-State: x", "Message-ID: <CA@mail.gmail.com>"]],
  ["microsoft_365", ["Received: from EUR04.outbound.protection.outlook.com ([40.107.1.1]) by x", "DKIM-Signature: d=contoso.onmicrosoft.com; s=1"]],
  ["custom_smtp", ["Received: from mail.example.org ([203.0.113.9]) by mx.google.com with ESMTPS", "Return-Path: <a@example.org>"]],
  ["custom_smtp", ["Subject: notgmail.com", "Return-Path: <a@notgmail.com>"]],
])("%s is known by its traces", (esp, lines) => {
  const guess = detectEsp(read(...lines));
  expect(guess.esp).toBe(esp);
  expect(guess.evidence.length > 0).toBe(esp !== "custom_smtp");
});

test("more traces, more confidence; none at all, none", () => {
  const one = detectEsp(read("X-MC-User: a")).confidence;
  const two = detectEsp(read("X-MC-User: a", "Return-Path: <a@x.mcsv.net>")).confidence;
  expect(one).toBe(0.8);
  expect(two).toBe(0.96);
  expect(detectEsp(read("Subject: x"))).toEqual({ esp: "custom_smtp", confidence: 0, evidence: [] });
  expect(new Set(FINGERPRINTS.map(({ name }) => name)).size).toBe(FINGERPRINTS.length);
});

test("results of the topmost server count, comments and quotes do not mislead", () => {
  const headers = read(
    'Authentication-Results: mx.google.com; dkim=pass header.i=@news.example.com header.s=x;',
    ' dkim=pass header.i=@sendgrid.info; spf=softfail (google.com: dkim=fail; spf=fail) smtp.mailfrom="a;dmarc=fail"@x;',
    " dmarc=pass (p=NONE) header.from=example.com",
    "Authentication-Results: evil.example; spf=pass; dmarc=pass",
    "Received-SPF: fail (x) client-ip=203.0.113.77;",
    "DKIM-Signature: v=1; d=sendgrid.info; s=a",
  );
  expect(readAuth(headers, "example.com")).toEqual({ spf: "softfail", dkim: "pass", dmarc: "pass", dkimDomain: "news.example.com" });
});

test("without Authentication-Results: the newest ARC set, Received-SPF, the bare signature", () => {
  const arc = read("ARC-Authentication-Results: i=1; a.example; spf=fail", "ARC-Authentication-Results: i=2; b.example; spf=pass; dkim=fail header.d=x.org; dmarc=none");
  expect(readAuth(arc, "x.org")).toEqual({ spf: "pass", dkim: "fail", dmarc: "none", dkimDomain: null });
  expect(readAuth(read("Received-SPF: Pass (mail) client-ip=198.51.100.1", "DKIM-Signature: v=1;\r\n d=Example.org.; s=1"), "example.org")).toEqual({ spf: "pass", dkim: "unverified", dmarc: "unknown", dkimDomain: "example.org" });
  expect(readAuth(read("Authentication-Results: spf=pass (sender IP is 1.1.1.1) smtp.mailfrom=x.org; dkim=none; dmarc=bestguesspass action=none"), "x.org")).toEqual({ spf: "pass", dkim: "none", dmarc: "neutral", dkimDomain: null });
  expect(readAuth(read("Subject: x"), "(none)")).toEqual({ spf: "unknown", dkim: "none", dmarc: "unknown", dkimDomain: null });
});

test("the sending address is the newest public one on the sending side", () => {
  const headers = read("Received: from mail.internal ([10.0.0.1]) by mx ([8.8.8.8])", "Received: from out.example.org (rdns.example.org [203.0.114.9]) by mx.example.com", "Received: from laptop ([IPv6:2a01:4f8::1]) by out.example.org");
  expect(readDelivery(headers)).toEqual({ sendingIp: "203.0.114.9", mailServer: "out.example.org" });
  expect(readDelivery(read("Received: from laptop ([IPv6:2a01:4f8::1]) by out"))).toMatchObject({ sendingIp: "2a01:4f8::1" });
  expect(readDelivery(read("Received-SPF: pass client-ip=2a01:4f8::7; x", "X-Originating-IP: [1.2.3.4]"))).toMatchObject({ sendingIp: "2a01:4f8::7" });
  expect(readDelivery(read("X-Originating-IP: [1.2.3.4]")).sendingIp).toBe("1.2.3.4");
  expect(["10.1.1.1", "172.16.0.1", "100.64.0.1", "999.1.1.1", "::1", "fe80::1", "x"].filter(isPublicIp)).toEqual([]);
});

test("nothing throws, whatever the fields hold", () => {
  const noise = fc.stringMatching(/^[a-z0-9=;:.()"\\@<>[\] -]{0,200}$/);
  fc.assert(fc.property(noise, noise, (first, second) => {
    const headers = read(`Authentication-Results: ${first}`, `Received: from ${second}`, `DKIM-Signature: ${second}`, `Return-Path: ${first}`, `Message-ID: <${second}>`);
    const { confidence } = detectEsp(headers);
    expect(confidence >= 0 && confidence <= 1).toBe(true);
    readAuth(headers, "x.org");
    readDelivery(headers);
  }));
});
