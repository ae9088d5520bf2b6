// How long the first view takes with the findings of a store that is there, such as the one of `cargo xtask bench --only
// api`: `node e2e/first-view.mjs DATA_DIR [REGION]`. Each time in a context of its own, so that nothing is cached; the
// first one also warms the store.
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { Browser } from "./browser.mjs";
import { Server } from "./server.mjs";

const TIMES = 10;
const [folder, region = "us-east-1"] = process.argv.slice(2);
if (!folder) throw new Error("which store? node e2e/first-view.mjs DATA_DIR [REGION]");

const server = new Server();
server.data = resolve(folder);
await server.serve();
const user = `first-view-${Date.now()}`;
let browser;
try {
  server.addUser(user, "administrator");
  browser = await new Browser(server).open();
  for (const where of [`?in=${region}`, "", `findings?in=${region}`]) {
    const took = [];
    for (let n = 0; n < TIMES; n += 1) {
      const page = await browser.page({ user });
      const began = performance.now();
      await page.at(where);
      if (where.startsWith("findings")) await page.getByRole("table", { name: "Findings" }).locator("tbody tr").nth(49).waitFor();
      else await page.getByRole("heading", { name: "Top accounts" }).waitFor();
      took.push(performance.now() - began);
      if (page.faults.length > 0) throw new Error(page.faults.join("\n"));
      await page.context().close();
    }
    const [first, ...rest] = took.map(Math.round);
    rest.sort((a, b) => a - b);
    console.log(`/console/${where}: first ${first} ms, then median ${rest[Math.floor(rest.length / 2)]} ms, most ${rest.at(-1)} ms`);
  }
} finally {
  await browser?.close();
  server.run(["user", "remove", user]);
  server.process.kill("SIGTERM");
  rmSync(server.folder, { recursive: true });
}
