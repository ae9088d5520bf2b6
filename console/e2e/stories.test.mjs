// What people do in the console: the real binary, real findings, Debian's Chromium. Each story leaves a screenshot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CreateSampleFindingsCommand, ListFindingsCommand } from "@aws-sdk/client-guardduty";
import { done, NARROW, signInHere } from "./browser.mjs";
import { TEXTS } from "./hostile.mjs";
import { PASSWORD, REGIONS } from "./server.mjs";
import { act, browser, counter, heading, idsOf, link, open, rows, server, stage, story } from "./stage.mjs";

const { demo, hostile, empty } = REGIONS;
stage();

story("01 a wrong password is refused and the right one leads on", async () => {
  const page = await browser.page();
  await page.goto(`${server.url}/`);
  assert.equal(new URL(page.url()).pathname, "/console/");
  await signInHere(page, "ann", "not the password at all");
  await page.getByText("The user name or the password is wrong.").waitFor();
  await signInHere(page, "ann");
  await heading(page, "Summary");
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["picquet-session", true, "Strict"]]);
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), /ASIA|secret/i);
  await done(page, "01-sign-in");
});

story("02 the sign-in page itself is usable with keys alone", async () => {
  const page = await browser.page();
  await page.at("");
  await page.getByLabel("User name").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("autocomplete")), "username");
  await page.keyboard.type("reader");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.screenshot();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await heading(page, /Summary|No detector/);
  await page.getByRole("heading", { name: "Top accounts" }).waitFor();
  await done(page, "02-keyboard-sign-in");
});

story("03 a session that ended asks again and returns to the same address", async () => {
  const page = await open("ann", `findings?in=${demo}&severity>=7`);
  await counter(page, 6);
  const address = page.url();
  await page.context().clearCookies();
  await page.reload();
  await signInHere(page, "ann");
  await counter(page, 6);
  assert.equal(page.url(), address);
  await done(page, "03-session-ended");
});

story("04 signing out ends the session and its keys", async () => {
  const page = await browser.page();
  await page.at("");
  await signInHere(page, "ann");
  await heading(page, "Summary");
  const requested = page.waitForRequest((request) => request.headers().authorization?.includes("Credential="));
  await page.getByRole("button", { name: "Load again" }).click();
  const asked = await requested;
  const replay = { method: asked.method(), headers: await asked.allHeaders(), data: asked.postDataBuffer() ?? undefined };
  const repeated = async () => (await page.request.fetch(asked.url(), replay)).status();
  assert.equal(await repeated(), 200);
  await page.getByRole("button", { name: "ann", exact: false }).first().click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
  assert.equal(await repeated(), 403);
  await page.reload();
  await page.getByLabel("Password").waitFor();
  await done(page, "04-signed-out");
});

story("05 the summary counts what there is, and a number leads to its findings", async () => {
  const page = await open("ann", `?in=${demo}`);
  await link(page, "6 findings of severity High").click();
  await heading(page, "Findings");
  await counter(page, 6);
  // The counter may be there before the rows are.
  await rows(page).nth(5).waitFor();
  assert.equal(await rows(page).count(), 6);
  for (const badge of await rows(page).locator("td:nth-child(2)").allInnerTexts()) assert.equal(badge.trim(), "High");
  await page.goBack();
  await page.getByRole("heading", { name: "Findings over time" }).waitFor();
  await done(page, "05-summary");
});

story("06 the summary in the dark, on a telephone", async () => {
  const page = await open("ann", `?in=${demo}`, { size: NARROW, dark: true });
  await page.getByRole("heading", { name: "Top resources" }).waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= NARROW.width, `${width} is wider than the window`);
  assert.ok(await page.evaluate(() => document.body.classList.contains("awsui-dark-mode")));
  await done(page, "06-summary-narrow-dark");
});

story("07 findings are filtered by the server, and the filter is in the address", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  const filter = page.getByRole("combobox", { name: "Filter findings" });
  await filter.fill("Finding type : Policy:*");
  await filter.press("Enter");
  await counter(page, 3);
  assert.match(decodeURIComponent(page.url()), /type:Policy:\*/);
  const other = await open("ann", page.url().split("/console/")[1]);
  await counter(other, 3);
  assert.equal(await rows(other).count(), 3);
  await other.context().close();
  await page.goBack();
  await counter(page, 14);
  await page.goForward();
  await counter(page, 3);
  await done(page, "07-filter");
});

story("08 an address that is partly wrong says so and shows the rest", async () => {
  const page = await open("ann", `findings?in=${demo}&severity>=high&nonsense&type:Recon:*`);
  await page.getByText("Part of the address was not understood").waitFor();
  await counter(page, 2);
  await done(page, "08-bad-address");
});

story("09 findings are sorted by the server", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  const head = page.getByRole("columnheader", { name: /Severity/ }).getByRole("button").first();
  const { x, y } = await head.boundingBox();
  await page.mouse.click(x + 20, y + 10);
  await page.waitForURL(/sort=severity/);
  await page.waitForFunction(() => document.querySelector("tbody tr td:nth-child(2)")?.textContent?.trim() === "Low");
  await head.press("Enter");
  await page.waitForURL(/sort=-severity/);
  await page.waitForFunction(() => document.querySelector("tbody tr td:nth-child(2)")?.textContent?.trim() === "High");
  await done(page, "09-sort");
});

story("10 all pages of many findings are walked through", async () => {
  const page = await open("ann", `findings?in=${hostile}&tab=all`);
  await rows(page).nth(49).waitFor();
  const ids = new Set(await page.locator("tbody a[href*='/findings/']").evaluateAll((all) => all.map((one) => one.pathname)));
  assert.equal(ids.size, 50);
  for (;;) {
    const next = page.getByRole("button", { name: "Next page" });
    if (await next.isDisabled()) break;
    const before = await page.locator("tbody a[href*='/findings/']").first().getAttribute("href");
    await next.click();
    await page.waitForFunction((old) => document.querySelector("tbody a[href*='/findings/']")?.getAttribute("href") !== old, before);
    for (const path of await page.locator("tbody a[href*='/findings/']").evaluateAll((all) => all.map((one) => one.pathname))) ids.add(path);
  }
  const client = server.client(hostile);
  const all = [];
  let NextToken;
  do {
    const found = await client.send(new ListFindingsCommand({ DetectorId: server.detectors[hostile], NextToken }));
    all.push(...found.FindingIds);
    NextToken = found.NextToken || undefined;
  } while (NextToken);
  assert.ok(all.length > 100);
  assert.equal(ids.size, all.length);
  await done(page, "10-pages");
});

story("11 a finding says what happened, why, and what to do", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await link(page, /SSHBruteForce/).click();
  await page.getByText("198.51.100.77 connected to port 22 (SSH) of i-0demo0000000bas1 240 times.").waitFor();
  await page.getByText(/as password guessing does/).first().waitFor();
  await page.getByRole("img", { name: "connections in the hour: observed 106, against 20 or more" }).waitFor();
  await page.getByRole("table", { name: "Observations" }).getByText("mean bytes sent per connection").waitFor();
  await page.getByText("240 times within 36 minutes.").waitFor();
  await page.getByText(/close port 22 to the internet/).waitFor();
  await page.getByText("Name=bastion").waitFor();
  await done(page, "11-finding");
});

story("12 a finding on a telephone, in the dark", async () => {
  const page = await open("ann", `findings?in=${demo}`, { size: NARROW, dark: true });
  await link(page, /C&CActivity.B!DNS/).first().click();
  await page.getByText("i-0demo0000000wrk1 asked for vertizam.net 4 times.").waitFor();
  await page.getByText("maltrail malware domains").first().waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= NARROW.width, `${width} is wider than the window`);
  await done(page, "12-finding-narrow-dark");
});

story("13 related findings lead from one to the next", async () => {
  const page = await open("ann", `findings?in=${demo}&type=UnauthorizedAccess:IAMUser/TorIPCaller`);
  await link(page, /TorIPCaller/).first().click();
  await page.getByRole("table", { name: "Related findings" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await page.goBack();
  await link(page, "All findings of the resource analyst").click();
  await heading(page, "Findings");
  await counter(page, 5);
  await done(page, "13-related");
});

story("14 the raw document is shown and the command copied", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await link(page, /PortProbeUnprotectedPort/).click();
  await page.getByRole("button", { name: "Raw JSON" }).click();
  await page.getByLabel("Raw JSON").last().getByText('"AccountId": "111122223333"', { exact: false }).waitFor();
  await act(page, "Copy as CLI: get this finding");
  await page.getByText("The command is copied.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, new RegExp(`^aws guardduty get-findings --region ${demo} --detector-id [0-9a-f]{32} --finding-ids [0-9a-f]{32}$`));
  await done(page, "14-raw");
});

story("15 a finding is judged with keys alone", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  await page.keyboard.press("Enter");
  await heading(page, "Finding");
  assert.equal(new URL(page.url()).pathname, new URL(second, server.url).pathname);
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await page.keyboard.press("e");
  await page.getByText("1 finding is archived.").waitFor();
  await page.getByText("Archived", { exact: true }).waitFor();
  await page.keyboard.press("e");
  await page.getByText("1 finding is put back.").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await heading(page, "Findings");
  await counter(page, 14);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "combobox");
  await page.keyboard.press("Escape");
  await page.locator("h1").click();
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await done(page, "15-keys");
});

story("16 several findings are archived at once, and put back", async () => {
  const page = await open("ann", `findings?in=${demo}&type:Recon:*`);
  await counter(page, 2);
  await page.getByRole("checkbox", { name: "Select all of this page" }).check({ force: true });
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await page.getByText("2 findings are archived.").waitFor();
  await page.getByText("No finding meets the filter.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("2 findings are put back.").waitFor();
  await counter(page, 2);
  await done(page, "16-bulk");
});

story("17 a suppression rule shows first what it would have hidden", async () => {
  const page = await open("ann", `findings?in=${demo}&type=PenTest:IAMUser/KaliLinux`);
  await counter(page, 1);
  await act(page, "Suppress findings like these");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 of the findings that were updated in the last 30 days, 1 of all that are kept.").waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("pen-testers");
  await dialog.getByLabel("Description").fill("ours");
  await page.screenshot();
  await dialog.getByRole("button", { name: "Create the rule" }).click();
  await page.getByText("Suppression rule pen-testers is kept.").waitFor();
  await page.at(`rules?in=${demo}`);
  const row = rows(page, "Rules and saved filters").filter({ hasText: "pen-testers" });
  await row.getByText("type=PenTest:IAMUser/KaliLinux").waitFor();
  await row.getByText("Suppresses").waitFor();
  await row.getByRole("button", { name: "Pause pen-testers" }).click();
  await row.getByText("Saved filter").waitFor();
  await done(page, "17-rules");
});

story("18 a saved filter is used again, and deleted", async () => {
  const page = await open("ann", `findings?in=${demo}&severity>=4&severity<7`);
  await counter(page, 3);
  await act(page, "Save this filter");
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("medium-ones");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved filter medium-ones is kept.").waitFor();
  await page.at(`findings?in=${demo}`);
  await counter(page, 14);
  await act(page, "medium-ones");
  await counter(page, 3);
  await page.at(`rules?in=${demo}`);
  await page.getByRole("button", { name: "Delete medium-ones" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("medium-ones is deleted.", { exact: false }).waitFor();
  await rows(page, "Rules and saved filters").filter({ hasText: "medium-ones" }).waitFor({ state: "detached" });
  await done(page, "18-saved-filter");
});

story("19 findings are grouped by resource", async () => {
  const page = await open("ann", `findings?in=${demo}&group=resource`);
  const row = rows(page, "Findings by resource").filter({ hasText: "i-0demo0000000wrk1" });
  assert.match(await row.innerText(), /Instance\s+4\s/);
  await row.getByRole("link").click();
  await counter(page, 4);
  await page.goBack();
  await row.waitFor();
  await done(page, "19-groups");
});

story("20 hostile texts are shown as text in the list", async () => {
  const page = await open("ann", `findings?in=${hostile}&resource.accessKeyDetails.accessKeyId:AKIAHOSTILE*`);
  await counter(page, TEXTS.length);
  await rows(page).nth(TEXTS.length - 1).waitFor();
  const text = await page.getByRole("table", { name: "Findings" }).innerText();
  for (const part of ["<script>window.stolen=1</script>", "onerror=", "U+202E", "U+0000", "U+001B", "U+200B", "U+FEFF", "javascript:window.stolen=1", "long-xxxx"]) {
    assert.ok(text.includes(part), part);
  }
  assert.ok(!/[\u202e\u200b\u0007]/.test(text), "a hidden character is in the page");
  await done(page, "20-hostile-list");
});

story("21 hostile texts are shown as text in a finding", async () => {
  for (const [n, text] of TEXTS.entries()) {
    const page = await open("ann", `findings?in=${hostile}&resource.accessKeyDetails.accessKeyId=AKIAHOSTILE${n}`);
    await link(page, /CloudTrailLoggingDisabled/).click();
    await page.getByRole("heading", { name: "What to do" }).waitFor();
    await page.getByRole("button", { name: "Raw JSON" }).click();
    const said = await page.getByRole("main").innerText();
    assert.ok(said.includes(text.slice(0, 4)), text.slice(0, 40));
    assert.ok(!/[\u202e\u200b\ufeff\u0000\u0007\u001b]/.test(said));
    assert.equal(await page.evaluate(() => document.querySelectorAll("img[src='x'], #content script").length), 0);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 1280, `${width} for ${text.slice(0, 40)}`);
    await done(page, `21-hostile-${n}`, { axe: n === 4 });
  }
});

story("22 an export as CSV has no formula, and as JSON has everything", async () => {
  const page = await open("ann", `findings?in=${hostile}&resource.accessKeyDetails.accessKeyId:AKIAHOSTILE*`);
  await counter(page, TEXTS.length);
  const exported = async (format) => {
    const waiting = page.waitForEvent("download");
    await act(page, format);
    return readFileSync(await (await waiting).path(), "utf8");
  };
  const csv = await exported("CSV");
  const lines = csv.split("\r\n");
  assert.equal(lines.length, TEXTS.length + 2);
  for (const cell of csv.matchAll(/(?:^|,|\n)("?)\s*([=+@-])/g)) assert.fail(`a formula: ${cell[0]}`);
  const text = await exported("JSON");
  for (const file of [csv.slice(1), text]) assert.ok(!/[\u202e\u200b\ufeff\u0000\u0007\u001b]/.test(file), "a hidden character is in the file");
  const json = JSON.parse(text);
  assert.deepEqual(new Set(json.map((one) => one.Resource.AccessKeyDetails.AccessKeyId)).size, TEXTS.length);
  await done(page, "22-export");
});

story("23 a list is added, used and deleted", async () => {
  const page = await open("ann", `lists?in=${demo}`);
  await page.getByRole("button", { name: "Add a list" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("own list");
  await dialog.getByLabel("Location").fill("file:///nowhere/own.txt");
  await dialog.getByRole("button", { name: "Add and activate" }).click();
  // A folder that the operator did not name is refused in the server's words, or shown as an error of the list.
  await page.getByText(/rejected|error/i).first().waitFor();
  if (await dialog.isVisible()) await dialog.getByLabel("Location").fill(`file://${server.folder}/lists/own.txt`);
  else await page.getByRole("button", { name: "Add a list" }).click();
  if (!(await dialog.getByLabel("Name").inputValue())) await dialog.getByLabel("Name").fill("own list 2");
  await dialog.getByLabel("Location").fill(`file://${server.folder}/lists/own.txt`);
  await dialog.getByRole("button", { name: "Add and activate" }).click();
  const table = page.getByRole("table", { name: "Lists" });
  await table.getByText("Active", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Delete own list/ }).last().click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText(/own list.* is deleted\./).first().waitFor();
  await done(page, "23-lists");
});

story("24 all regions are in one view", async () => {
  const page = await open("ann", "accounts");
  const table = rows(page, "Regions");
  await table.nth(2).waitFor();
  await table.filter({ hasText: demo }).getByRole("link", { name: `6 findings of severity High in ${demo}` }).click();
  await heading(page, "Findings");
  await counter(page, 6);
  await page.goBack();
  await page.getByRole("button", { name: /Region/ }).click();
  await page.getByRole("menuitem", { name: new RegExp(hostile) }).click();
  await page.waitForURL(new RegExp(`in=${hostile}`));
  await done(page, "24-regions");
});

story("25 who may only read is shown no way to change", async () => {
  const page = await open("reader", `findings?in=${demo}`);
  await counter(page, 14);
  assert.equal(await page.getByRole("button", { name: "Archive" }).count(), 0);
  await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
  assert.equal(await page.getByRole("menuitem", { name: "Save this filter" }).count(), 0);
  await page.keyboard.press("Escape");
  await page.at(`settings?in=${demo}`);
  await page.getByRole("heading", { name: "Retention" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Delete|Save|Make/ }).count(), 0);
  await done(page, "25-read-only");
});

story("26 who may not see findings is told so", async () => {
  const page = await open("nobody", `findings?in=${demo}`);
  await page.getByText("You may not see the findings").waitFor();
  await page.getByText("Which findings there are is not known.").waitFor();
  await done(page, "26-no-permission");
});

story("27 a region without findings says what is next; one without a detector, too", async () => {
  const page = await open("ann", `findings?in=${empty}`);
  await page.getByText("Nothing has been found yet", { exact: false }).waitFor();
  await page.screenshot();
  await page.at("?in=ap-south-1");
  await heading(page, "No detector in ap-south-1");
  await page.getByRole("button", { name: "Create a detector in ap-south-1" }).click();
  await heading(page, "Summary");
  await page.getByText("There is a detector in ap-south-1 now.").waitFor();
  await page.at("settings?in=ap-south-1");
  await page.getByRole("button", { name: "Delete the detector" }).click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("button", { name: "Delete" }).isDisabled());
  const word = (await dialog.getByText(/^Type [0-9a-f]{32} to confirm$/).innerText()).split(" ")[1];
  await dialog.getByRole("textbox").fill(word);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await heading(page, "No detector in ap-south-1");
  await done(page, "27-no-detector");
});

story("28 a server that fails is told, and what was there stays", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  await page.route("**/detector/**", (route) => route.abort());
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByText("The server cannot be reached").first().waitFor({ timeout: 30_000 });
  assert.equal(await rows(page).count(), 14);
  await page.unroute("**/detector/**");
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.getByText("The server cannot be reached").first().waitFor({ state: "detached" });
  await done(page, "28-offline");
});

story("29 an address of no page says so", async () => {
  const page = await open("ann", `nothing/at/all?in=${demo}`);
  await heading(page, "There is no such page");
  await page.getByRole("link", { name: "Go to the summary" }).click();
  await heading(page, "Summary");
  await page.at(`findings/0123456789abcdef0123456789abcdef?in=${demo}`);
  await page.getByText("There is no finding").waitFor();
  await done(page, "29-not-found");
});

for (const dark of [false, true]) {
  const pages = [
    ["settings", "Retention"],
    ["coverage", "Resources with a runtime agent"],
    ["usage", "Reading logs costs nothing here"],
    ["detections", "AdminPolicyAttachedToRole"],
    ["investigations", "Begin one"],
    ["accounts", "Member accounts"],
    ["rules", "Rules and saved filters"],
    ["lists", `Lists of ${demo}`],
    ["findings", "Last seen"],
    ["", "Top accounts"],
  ];
  story(`30 every page is accessible ${dark ? "in the dark" : "in the light"}, at both widths`, async () => {
    for (const [path, text] of pages) {
      for (const size of [undefined, NARROW]) {
        const page = await open("ann", `${path}?in=${demo}`, { dark, size });
        await page.getByRole("main").getByText(text === "Last seen" && size ? "last" : text, { exact: false }).first().waitFor();
        await done(page, `30-${path || "summary"}-${dark ? "dark" : "light"}${size ? "-narrow" : ""}`);
      }
    }
  }, 300_000);
}

story("31 an investigation is begun and read", async () => {
  const page = await open("ann", `investigations?in=${demo}`);
  await page.getByLabel("What to look into").fill("Investigate account 111122223333");
  await page.getByRole("button", { name: "Investigate" }).click();
  await heading(page, "Investigation");
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await done(page, "31-investigation");
});

story("32 what the first view loads is small, of one region and of all", async () => {
  for (const [where, name] of [[demo, "32-size"], ["all", "32-size-all"]]) {
    const page = await browser.page({ user: "ann" });
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    const encodings = new Set();
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    page.on("response", (response) => response.url().includes("/assets/") && encodings.add(response.headers()["content-encoding"]));
    await page.at(`?in=${where}`);
    await page.getByRole("heading", { name: "Top accounts" }).waitFor();
    await page.waitForLoadState("networkidle");
    console.log(`the first view of ${where} loads ${(bytes / 1024).toFixed(0)} KiB, headers and answers of the API included`);
    assert.deepEqual([...encodings].filter((one) => one !== "br" && one !== undefined), []);
    assert.ok(bytes < 450 * 1024, `${bytes} bytes`);
    // What is further down is fetched when somebody comes to it.
    await page.getByRole("heading", { name: "Findings over time" }).scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => window.scrollY);
    await page.mouse.wheel(0, 400);
    await page.waitForFunction((was) => window.scrollY > was, before);
    await page.getByRole("application", { name: "Findings over time by severity" }).or(page.getByLabel("Findings over time by severity")).first().waitFor();
    // Links that scrolling put under the top bar are no fault of the page.
    await done(page, name, { axe: false });
  }
});

story("33 the summary says in words what is worst", async () => {
  const page = await open("ann", `?in=${demo}`);
  await page.getByRole("heading", { name: "Look at this first" }).waitFor();
  const first = await page.locator("ol.first > li").first().innerText();
  assert.match(first, /High[\s\S]*i-0demo0000000wrk1[\s\S]*contacted command-and-control address 44\.94\.64\.8/);
  // It is seen without scrolling.
  assert.ok((await page.locator("ol.first > li").first().boundingBox()).y < 500);
  await link(page, /contacted command-and-control address/).click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await page.goBack();
  await link(page, "All findings of i-0demo0000000wrk1").click();
  await counter(page, 4);
  // Samples, which are Critical, do not come before what is real.
  await page.at("?in=all");
  await page.locator("ol.first > li").first().getByText("i-0demo0000000wrk1", { exact: true }).waitFor();
  assert.doesNotMatch(await page.locator("ol.first").innerText(), /SAMPLE/);
  await done(page, "33-worst");
});

story("34 all regions are one list, in one order, without loss", async () => {
  const expected = [...(await idsOf(demo)), ...(await idsOf(hostile))];
  const page = await open("ann", "findings?in=all&sort=-severity");
  await counter(page, expected.length);
  await rows(page).nth(49).waitFor();
  const links = page.locator("tbody a[href*='/findings/']");
  const names = { Critical: 4, High: 3, Medium: 2, Low: 1 };
  const ids = [];
  const severities = [];
  for (;;) {
    ids.push(...(await links.evaluateAll((all) => all.map((one) => one.pathname.split("/").at(-1)))));
    severities.push(...(await rows(page).locator("td:nth-child(2)").allInnerTexts()).map((text) => names[text.trim()]));
    const next = page.getByRole("button", { name: "Next page" });
    if (await next.isDisabled()) break;
    const before = await links.first().getAttribute("href");
    await next.click();
    await page.waitForFunction((old) => document.querySelector("tbody a[href*='/findings/']")?.getAttribute("href") !== old, before);
  }
  assert.deepEqual([...ids].sort(), expected.sort());
  assert.deepEqual(severities, [...severities].sort((a, b) => b - a));
  await page.at("findings?in=all&type=Policy:IAMUser/RootCredentialUsage&type=PenTest:IAMUser/KaliLinux");
  await rows(page).filter({ hasText: demo }).first().waitFor();
  const [one] = [rows(page).filter({ hasText: "KaliLinux" }).filter({ hasText: demo })];
  await one.getByRole("checkbox").check({ force: true });
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await page.getByText("1 finding is archived.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 finding is put back.").waitFor();
  await one.getByRole("link").click();
  await page.waitForURL(new RegExp(`in=${demo}`));
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await page.goBack();
  await rows(page).filter({ hasText: demo }).first().waitFor();
  await done(page, "34-all-regions");
});

story("35 a region that does not answer is named, and the others are shown", async () => {
  const page = await browser.page({ user: "ann" });
  await page.route("**/detector/**", (route) => (route.request().headers().authorization?.includes(`/${hostile}/`) ? route.abort() : route.continue()));
  await page.at("?in=all");
  await page.getByText(`${hostile} is missing here`).waitFor({ timeout: 30_000 });
  await link(page, "6 findings of severity High").waitFor();
  await page.screenshot();
  await page.at("findings?in=all");
  await page.getByText(`${hostile} is missing here`).waitFor({ timeout: 30_000 });
  await rows(page).filter({ hasText: demo }).nth(13).waitFor();
  await done(page, "35-region-missing");
});

story("36 a page of one region asks for it", async () => {
  const page = await open("ann", "rules?in=all");
  await link(page, demo).click();
  await page.getByRole("heading", { name: "Rules and saved filters" }).waitFor();
  await page.getByRole("button", { name: /Region/ }).click();
  await page.getByRole("menuitem", { name: "All regions" }).click();
  await page.getByRole("heading", { name: "Choose a region" }).waitFor();
  await done(page, "36-choose-region");
});

story("37 new findings are announced, and shown when asked for", async () => {
  const page = await browser.page({ user: "ann" });
  await page.clock.install();
  await page.at(`findings?in=${empty}`);
  await page.getByText("Nothing has been found yet", { exact: false }).waitFor();
  const FindingTypes = ["Recon:EC2/Portscan", "Backdoor:EC2/Spambot", "UnauthorizedAccess:EC2/TorClient"];
  await server.client(empty).send(new CreateSampleFindingsCommand({ DetectorId: server.detectors[empty], FindingTypes }));
  await page.clock.fastForward(25_000);
  await page.getByRole("button", { name: "3 new, show" }).waitFor();
  assert.equal(await rows(page).locator("a").count(), 0);
  await page.screenshot();
  await page.getByRole("button", { name: "3 new, show" }).click();
  await counter(page, 3);
  await rows(page).nth(2).waitFor();
  await page.getByRole("button", { name: "3 new, show" }).waitFor({ state: "detached" });
  await done(page, "37-new");
});

const HOUR = 3_600_000;
const STATUS = {
  version: "0.1.0",
  startedAt: Date.now() - 5 * HOUR,
  sources: [
    { name: "trail", kind: "s3", location: "s3://trail-bucket/AWSLogs/", lastLooked: Date.now() - 20_000, lastObject: Date.now() - 90_000, lastEvent: Date.now() - 400_000, lag: 310_000, objects: 812, bytes: 96_000_000, records: { cloudtrail: 120_411 }, defects: { "not JSON": 3 }, passedOver: 2, failures: 0, failing: null, failingSince: null },
    { name: "flows", kind: "sqs", location: "https://sqs.eu-west-1.amazonaws.com/111122223333/flows", lastLooked: Date.now() - HOUR, lastObject: null, lastEvent: null, lag: null, objects: 0, bytes: 0, records: {}, defects: {}, passedOver: 0, failures: 7, failing: "AccessDenied: <b>sqs:ReceiveMessage</b> is not allowed", failingSince: Date.now() - HOUR },
  ],
  volumes: [
    { account: "111122223333", region: demo, kind: "CLOUD_TRAIL", objects: 812, bytes: 96_000_000, records: 120_411, lastEvent: Date.now() - 400_000, lastRead: Date.now() - 90_000 },
    { account: "444455556666", region: "", kind: "DNS_LOGS", objects: 4, bytes: 2048, records: 31, lastEvent: null, lastRead: null },
  ],
  targets: [{ name: "chat", waiting: 4, failing: "the server answers 500", since: Date.now() - HOUR }],
  deliveries: [
    { target: "chat", finding: "0123456789abcdef0123456789abcdef", at: Date.now() - 60_000, outcome: "the server answers 500" },
    { target: "events", finding: "0123456789abcdef0123456789abcdef", at: Date.now() - 61_000, outcome: "sent" },
  ],
  setAside: [{ source: "trail", object: "AWSLogs/111122223333/broken.json.gz", tries: 5, why: "the stream ends early", at: Date.now() - 2 * HOUR }],
  notices: [{ at: Date.now() - HOUR, text: "The queue of flows has a dead-letter queue with 3 messages." }],
};
const withStatus = async (user, told, options = {}) => {
  const page = await browser.page({ user, ...options });
  const asked = [];
  await page.route("**/picquet/v1/status", (route) => {
    asked.push(route.request().headers());
    return told === undefined ? route.fulfill({ status: 404, json: { message: "There is no such operation." } }) : route.fulfill({ json: told });
  });
  return { page, asked };
};

story("38 how sources, volumes and deliveries are", async () => {
  const { page, asked } = await withStatus("ann", STATUS);
  await page.at(`coverage?in=${demo}`);
  await page.getByText("1 of 2 sources cannot be read: flows.").waitFor();
  const source = rows(page, "Watched sources");
  await source.filter({ hasText: "trail" }).getByText("Read, with damaged records").waitFor();
  await source.filter({ hasText: "trail" }).getByText("5 minutes").waitFor();
  await source.filter({ hasText: "flows" }).getByText("<b>sqs:ReceiveMessage</b>", { exact: false }).waitFor();
  await rows(page, "Volumes").filter({ hasText: "CloudTrail" }).getByText("91.6 MiB").waitFor();
  await rows(page, "Objects set aside").getByText("the stream ends early").waitFor();
  await rows(page, "Targets").getByText("the server answers 500", { exact: false }).waitFor();
  assert.equal(await rows(page, "Deliveries").count(), 2);
  assert.match(asked[0].authorization, new RegExp(`Credential=[^/]+/\\d{8}/${demo}/guardduty/aws4_request`));
  await done(page, "38-sources");
  for (const [name, told, text] of [
    ["reader", { ...STATUS, sources: undefined, targets: undefined, setAside: undefined }, /How sources are is shown to administrators/],
    ["none", { ...STATUS, sources: [], volumes: [], targets: [], deliveries: [], setAside: [], notices: [] }, /No source is watched: logs are read by picquet scan/],
    ["old", undefined, /This server does not tell how its sources are/],
  ]) {
    for (const [path, size, dark] of [["", undefined, false], ["coverage", NARROW, true]]) {
      const other = await withStatus("ann", told, { size, dark });
      await other.page.at(`${path}?in=${demo}`);
      await other.page.getByText(text).first().waitFor();
      await other.page.getByText(path ? "Resources with a runtime agent" : "Top accounts").waitFor();
      await done(other.page, `38-sources-${name}-${path || "summary"}`);
    }
  }
  const usage = await withStatus("ann", STATUS);
  await usage.page.at(`usage?in=${demo}`);
  await rows(usage.page, "Volume by data source").filter({ hasText: "CloudTrail" }).getByText("120,411").waitFor();
  await done(usage.page, "38-usage");
});

story("39 the real server is asked for its status, signed, and what it answers is shown", async () => {
  const page = await browser.page({ user: "ann" });
  const answered = page.waitForResponse("**/picquet/v1/status");
  await page.at(`coverage?in=${demo}`);
  const status = (await answered).status();
  assert.ok([200, 404].includes(status), `${status}`);
  await page.getByText(status === 404 ? "This server does not tell how its sources are" : "No source is watched").first().waitFor();
  await done(page, "39-status");
});

story("40 a publishing destination is added, edited and deleted", async () => {
  const page = await open("ann", `settings?in=${empty}`);
  await page.getByRole("button", { name: "Add a destination" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Bucket").fill("no arn");
  await dialog.getByLabel("Key").fill("arn:aws:kms:eu-central-1:111122223333:key/1");
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByText(/rejected/).waitFor();
  await dialog.getByLabel("Bucket").fill("arn:aws:s3:::findings-bucket");
  await page.screenshot();
  await dialog.getByRole("button", { name: "Add" }).click();
  const table = rows(page, "Publishing destinations");
  await table.getByText("arn:aws:s3:::findings-bucket").waitFor();
  await page.getByRole("button", { name: "Edit the destination" }).click();
  await dialog.getByLabel("Bucket").fill("arn:aws:s3:::findings-bucket/prefix");
  await dialog.getByRole("button", { name: "Save" }).click();
  await table.getByText("arn:aws:s3:::findings-bucket/prefix").waitFor();
  await page.getByRole("button", { name: "Delete the destination" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("There is no destination", { exact: false }).waitFor();
  await done(page, "40-destination");
});

story("41 an account is invited and removed", async () => {
  const page = await open("ann", "accounts");
  await page.getByRole("button", { name: "Invite an account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Account id").fill("12345");
  await dialog.getByText("Twelve digits").waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Invite", exact: true }).isDisabled());
  await dialog.getByLabel("Account id").fill("444455556666");
  await dialog.getByLabel("E-mail address").fill("owner@example.com");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByText(/444455556666 is invited in/).waitFor();
  const row = rows(page, "Member accounts").filter({ hasText: "444455556666" });
  await row.getByText("Invited").waitFor();
  await row.getByRole("button", { name: /^Remove/ }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByText("No account is a member of this one.").waitFor();
  await done(page, "41-members");
});
