import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";
export default defineConfig({ ...base, webServer: undefined, outputDir: "/tmp/wt/live-e2e", use: { ...base.use, baseURL: "http://127.0.0.1:3102", launchOptions: { executablePath: "/usr/bin/chromium", args: base.use!.launchOptions!.args } } });
