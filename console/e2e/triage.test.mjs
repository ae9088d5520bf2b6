// Findings by time, one beside the list, and what is exported of many.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { done, NARROW, shot } from "./browser.mjs";
import { REGIONS } from "./server.mjs";
import { act, counter, heading, idsOf, link, open, rows, server, stage, story } from "./stage.mjs";

const { demo, hostile } = REGIONS;
stage();
const range = (page) => page.getByRole("button", { name: /Range of time/ });
const panel = (page) => page.getByRole("region", { name: "Finding", exact: true });
const criterion = (request) => JSON.parse(request.postData()).findingCriteria.criterion;
const asksForIds = (request) => request.method() === "POST" && /\/detector\/[^/]+\/findings$/.test(new URL(request.url()).pathname);
/** The type of the finding that the panel shows. */
const typeOf = async (page) => (await panel(page).getByRole("heading", { level: 3 }).innerText()).replaceAll(/\s/g, "");

story("42 findings of the last so long are asked for in the API's own terms", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  const asked = page.waitForRequest(asksForIds);
  await range(page).click();
  await page.getByRole("radio", { name: "Last 1 hour" }).check({ force: true });
  await page.getByRole("button", { name: "Apply" }).click();
  const { updatedAt } = criterion(await asked);
  assert.deepEqual(Object.keys(updatedAt), ["greaterThanOrEqual"]);
  assert.ok(Math.abs(Date.now() - 3_600_000 - updatedAt.greaterThanOrEqual) < 60_000);
  await page.waitForURL(/[?&]updated=1h/);
  await counter(page, 14);
  // The logs are years old, and what they say last happened then.
  const other = page.waitForRequest(asksForIds);
  await page.getByRole("button", { name: /Which time/ }).click();
  await page.getByRole("option", { name: "Last seen" }).click();
  assert.deepEqual(Object.keys(criterion(await other)).sort(), ["service.archived", "service.eventLastSeen"]);
  await page.waitForURL(/[?&]seen=1h/);
  await page.getByText("No finding was last seen in the last hour.").waitFor();
  await shot(page, "42-range-empty");
  await page.getByRole("button", { name: "Any time", exact: true }).click();
  await counter(page, 14);
  await page.goBack();
  await page.getByText("No finding was last seen in the last hour.").waitFor();
  await page.at(`findings?in=${demo}&seen=100y&type:Nothing:*`);
  await page.getByText("No finding meets the filter and was last seen in the last 100 years.").waitFor();
  await page.at(`findings?in=${demo}&updated=1h&type:Recon:*`);
  await counter(page, 2);
  await act(page, "Save this filter");
  await page.getByRole("dialog").getByText("The range of time is not part of it", { exact: false }).waitFor();
  await shot(page, "42-range-saved");
  await page.at(`findings?in=${demo}&updated=yesterday`);
  await page.getByText('"updated=yesterday" is no range of time', { exact: false }).waitFor();
  await counter(page, 14);
  await done(page, "42-range");
});

story("43 a range between two moments is chosen with keys, and is in the address", async () => {
  const address = "seen=2024-06-12T09:30:00Z/2024-06-12T09:40:00Z";
  const page = await open("ann", `findings?in=${demo}&${address}`);
  const expected = (await idsOf(demo, { "service.eventLastSeen": { GreaterThanOrEqual: Date.UTC(2024, 5, 12, 9, 30), LessThanOrEqual: Date.UTC(2024, 5, 12, 9, 40) } })).length;
  assert.ok(expected > 0 && expected < 14, `${expected}`);
  await counter(page, expected);
  await range(page).focus();
  await page.keyboard.press("Enter");
  const start = page.getByLabel("Start date");
  await start.waitFor();
  await shot(page, "43-range-open");
  await start.fill("2024/06/13");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("The range ends before it begins.").first().waitFor();
  await start.fill("2020/01/01");
  await page.getByRole("button", { name: "Apply" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/seen=(2019-12-31|2020-01-01)T/);
  await page.waitForFunction((n) => document.querySelectorAll("tbody a[href*='/findings/']").length > n, expected);
  await done(page, "43-range-between");
  for (const [size, dark] of [[NARROW, false], [NARROW, true], [undefined, true]]) {
    const other = await open("ann", `findings?in=${demo}&${address}`, { size, dark });
    await counter(other, expected);
    await range(other).click();
    await other.getByLabel("Start date").waitFor();
    const width = await other.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= (size?.width ?? 1280), `${width} is wider than the window`);
    await done(other, `43-range-${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`);
  }
});

story("44 a finding is shown beside the list, and arrows move along it", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  const ids = await page.locator("tbody a[href*='/findings/']").evaluateAll((all) => all.map((one) => one.pathname.split("/").at(-1)));
  await rows(page).nth(3).locator("td").nth(2).click();
  await page.waitForURL(new RegExp(`open=${ids[3]}`));
  await panel(page).getByRole("heading", { level: 3 }).waitFor();
  const first = await typeOf(page);
  for (const name of ["What happened", "Why it was raised", "Actor", "Resource", "Seen"]) await panel(page).getByText(name, { exact: true }).waitFor();
  assert.equal(await rows(page).nth(3).locator("[aria-current]").count(), 1);
  await page.keyboard.press("ArrowDown");
  await page.waitForURL(new RegExp(`open=${ids[4]}`));
  assert.notEqual(await typeOf(page), first);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("k");
  await page.waitForURL(new RegExp(`open=${ids[2]}`));
  await shot(page, "44-beside");
  // Arrows belong to the field while somebody types.
  await page.getByRole("combobox", { name: "Filter findings" }).focus();
  await page.keyboard.press("ArrowDown");
  assert.match(page.url(), new RegExp(`open=${ids[2]}`));
  await page.keyboard.press("Escape");
  await panel(page).getByRole("button", { name: "Next finding" }).click();
  await page.waitForURL(new RegExp(`open=${ids[3]}`));
  // Moving along does not fill the history: one step back and the panel is closed.
  await page.goBack();
  await panel(page).waitFor({ state: "detached" });
  await page.goForward();
  await panel(page).getByRole("link", { name: "All about this finding" }).click();
  await heading(page, "Finding");
  assert.match(page.url(), new RegExp(`/findings/${ids[3]}`));
  await page.goBack();
  await panel(page).getByRole("heading", { level: 3 }).waitFor();
  await panel(page).getByRole("button", { name: "Close panel" }).click();
  await panel(page).waitFor({ state: "detached" });
  assert.doesNotMatch(page.url(), /open=/);
  await done(page, "44-beside-closed");
  for (const dark of [false, true]) {
    const other = await open("ann", `findings?in=${demo}&open=${ids[4]}`, { dark });
    await panel(other).getByRole("heading", { level: 3 }).waitFor();
    await done(other, `44-beside-${dark ? "dark" : "light"}`);
  }
});

story("45 a finding beside the list is judged with keys alone", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await counter(page, 14);
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  await panel(page).getByRole("heading", { level: 3 }).waitFor();
  const first = new URL(page.url()).searchParams.get("open");
  await page.keyboard.press("ArrowDown");
  await page.waitForURL((url) => url.searchParams.get("open") !== first);
  const second = new URL(page.url()).searchParams.get("open");
  await page.keyboard.press("e");
  await page.getByText("1 finding is archived.").waitFor();
  // The one that took its place is shown.
  await page.waitForURL((url) => url.searchParams.get("open") !== second);
  assert.notEqual(new URL(page.url()).searchParams.get("open"), first);
  await counter(page, 13);
  await page.getByRole("button", { name: "Undo" }).click();
  await counter(page, 14);
  await panel(page).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Not useful" }).click();
  await page.getByText("Marked as not useful.").waitFor();
  await panel(page).getByText("Not useful", { exact: true }).waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.closest("tbody") !== null), true, "the focus is back in the list");
  await page.getByRole("button", { name: "Show a finding beside the list" }).click();
  await panel(page).getByRole("heading", { level: 3 }).waitFor();
  await done(page, "45-beside-keys");
});

story("46 a narrow window has the whole page instead", async () => {
  const [id] = await idsOf(demo);
  const page = await open("ann", `findings?in=${demo}&open=${id}`, { size: NARROW });
  await heading(page, "Finding");
  await page.waitForURL(new RegExp(`/findings/${id}`));
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await page.at(`findings?in=${demo}`);
  await counter(page, 14);
  await rows(page).nth(13).waitFor();
  assert.equal(await page.getByRole("button", { name: "Show a finding beside the list" }).count(), 0);
  await done(page, "46-beside-narrow");
});

story("47 beside the list: another region, another page, none, and a server that fails", async () => {
  const [id] = await idsOf(demo);
  const page = await open("ann", `findings?in=all&type:Recon:*&open=${demo}/${id}`);
  await panel(page).getByText(`in ${demo}`, { exact: false }).first().waitFor();
  await panel(page).getByRole("button", { name: "Archive" }).click();
  await page.getByText("1 finding is archived.").waitFor();
  await panel(page).getByText("Archived", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 finding is put back.").waitFor();
  await shot(page, "47-beside-region");
  await page.at(`findings?in=${demo}&open=0123456789abcdef0123456789abcdef`);
  await panel(page).getByText("There is no finding", { exact: false }).waitFor();
  await shot(page, "47-beside-none");
  await page.route("**/findings/get", (route) => route.abort());
  await page.at(`findings?in=${demo}&type:Nothing:*&open=${id}`);
  await panel(page).getByText("The server cannot be reached").first().waitFor({ timeout: 30_000 });
  await shot(page, "47-beside-offline");
  await page.unroute("**/findings/get");
  await panel(page).getByRole("button", { name: "Try again" }).click();
  await panel(page).getByRole("heading", { level: 3 }).waitFor();
  const reader = await open("reader", `findings?in=${demo}&open=${id}`);
  await panel(reader).getByRole("heading", { level: 3 }).waitFor();
  assert.equal(await panel(reader).getByRole("button", { name: "Archive" }).count(), 0);
  await done(reader, "47-beside-reader");
  await done(page, "47-beside-states");
});

story("48 an export has all pages, in every format", async () => {
  const expected = [...(await idsOf(demo)), ...(await idsOf(hostile))];
  assert.ok(expected.length > 100);
  const page = await open("ann", "findings?in=all");
  await counter(page, expected.length);
  const exported = async (format) => {
    const waiting = page.waitForEvent("download");
    await act(page, format);
    return readFileSync(await (await waiting).path(), "utf8");
  };
  const ids = JSON.parse(await exported("JSON")).map((one) => one.Id);
  assert.deepEqual(ids.sort(), expected.sort());
  const lines = (await exported("CSV")).trimEnd().split("\r\n").slice(1);
  assert.deepEqual(lines.map((line) => line.split(",")[0]).sort(), expected);
  const ocsf = JSON.parse(await exported("OCSF"));
  assert.deepEqual([...new Set(ocsf.map((one) => one.class_uid))], [2004]);
  assert.deepEqual(ocsf.map((one) => one.finding_info.uid.split("/").at(-1)).sort(), expected);
  const asff = JSON.parse(await exported("ASFF (Security Hub)"));
  assert.deepEqual([...new Set(asff.map((one) => one.SchemaVersion))], ["2018-10-08"]);
  assert.deepEqual(asff.map((one) => one.Id.split("/").at(-1)).sort(), expected);
  await page.getByText(`${expected.length} findings were exported.`).waitFor();
  await done(page, "48-export");
});
