// Debian's Chromium, with what every story watches: violations of the policy, errors, other origins, accessibility.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { PASSWORD, ROOT } from "./server.mjs";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(ROOT, "console/test-results");
export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 844 };

export class Browser {
  constructor(server) {
    this.server = server;
    this.states = {};
    mkdirSync(SHOTS, { recursive: true });
  }

  async open() {
    this.chromium = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    return this;
  }

  close() {
    return this.chromium.close();
  }

  /** A page of its own; of a user who is signed in, if one is named. */
  async page({ user, size = WIDE, dark = false } = {}) {
    const state = user ? (this.states[user] ??= await this.signIn(user)) : undefined;
    const context = await this.chromium.newContext({
      viewport: size,
      colorScheme: dark ? "dark" : "light",
      storageState: state,
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const faults = [];
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.server.url && !/^(data|blob):$/.test(protocol)) faults.push(`another origin: ${request.url()}`);
    });
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.faults = faults;
    page.at = (path) => page.goto(`${this.server.url}/console/${path}`);
    return page;
  }

  async signIn(user) {
    const page = await this.page();
    await page.at("");
    await signInHere(page, user);
    await page.getByRole("heading", { level: 1, name: /Summary|No detector/ }).waitFor();
    const state = await page.context().storageState();
    await page.context().close();
    return state;
  }
}

export async function signInHere(page, user, password = PASSWORD) {
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Ends a story: a screenshot, nothing went wrong, nothing serious for axe. */
export async function done(page, name, { axe = true } = {}) {
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  assert.deepEqual(page.faults, [], name);
  assert.equal(await page.evaluate(() => window.stolen), undefined, "a text of a log was run");
  if (axe) await accessible(page, name);
  await page.context().close();
}

export async function accessible(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = bad.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
  assert.deepEqual(told, [], name);
}

export const shot = (page, name) => page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: false });
