// What every file of stories needs: the server, the browser, and the words in which stories are told.
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { ListFindingsCommand } from "@aws-sdk/client-guardduty";
import { Browser, CHROMIUM } from "./browser.mjs";
import { Built } from "./built.mjs";
import { Server } from "./server.mjs";

const missing = existsSync(CHROMIUM) ? false : `Chromium is not at ${CHROMIUM}`;
export let server;
export let browser;

/** Begins what a file's stories need, before the first one: `config` is the server's, `begin` what else it waits for. */
export function stage({ config, begin } = {}) {
  let built;
  before(async () => {
    if (missing) return;
    server = await new Server({ config }).start();
    if (process.env.PICQUET_CONSOLE) {
      built = new Built(process.env.PICQUET_CONSOLE, server.url);
      server.url = await built.start();
    }
    await begin?.();
    browser = await new Browser(server).open();
  }, { timeout: 180_000 });

  after(async () => {
    await browser?.close();
    await built?.stop();
    await server?.stop();
  });
}

export const story = (name, run, timeout = 90_000) => test(name, { skip: missing, timeout }, run);
export const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();
export const rows = (page, name = "Findings") => page.getByRole("table", { name }).locator("tbody tr");
export const link = (page, name) => page.getByRole("main").getByRole("link", { name });
export const counter = (page, n) => page.getByText(`(${n})`, { exact: true }).first().waitFor();
export const act = async (page, name) => {
  await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name, exact: true }).click();
};
export const open = async (user, path, options = {}) => {
  const page = await browser.page({ user, ...options });
  await page.at(path);
  return page;
};

/** Every current finding of a region, by the API. */
export const idsOf = async (region, more = {}) => {
  const all = [];
  let NextToken;
  do {
    const FindingCriteria = { Criterion: { "service.archived": { Eq: ["false"] }, ...more } };
    const page = await server.client(region).send(new ListFindingsCommand({ DetectorId: server.detectors[region], FindingCriteria, NextToken }));
    all.push(...page.FindingIds);
    NextToken = page.NextToken || undefined;
  } while (NextToken);
  return all;
};
