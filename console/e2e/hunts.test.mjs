// History is hunted through, with a server whose sources are there for hunts alone: nothing of them is in a detector before.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { ArchiveFindingsCommand } from "@aws-sdk/client-guardduty";
import { accessible, done, NARROW, shot } from "./browser.mjs";
import { hostileTrail, TEXTS } from "./hostile.mjs";
import { ACCOUNT, REGIONS } from "./server.mjs";
import { browser, heading, idsOf, open, rows, server, stage, story } from "./stage.mjs";

const { demo, hostile } = REGIONS;
/** A region without a detector. */
const NOWHERE = "ap-south-1";
const EVIL_NAME = "<img src=x onerror=window.stolen=1>\u202e.json";
const FOUND = "What the hunt found";
const HOUR = 3_600_000;

Object.assign(process.env, { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" });
const bucket = await slow();
stage({
  begin,
  config: (logs) => `[[source]]
name = "archive"
folder = "${logs}/archive"
watch = false

[[source]]
name = "slow"
bucket = "slow"
endpoint = "${bucket}"
region = "us-east-1"
watch = false
`,
});

/** Somebody switches a trail off, three hours ago. */
function stopped(n, region = demo) {
  const eventTime = new Date(Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR + n * 60_000).toISOString().replace(/\.\d+/, "");
  const userIdentity = { type: "IAMUser", principalId: `AIDAOFF${n}`, arn: `arn:aws:iam::${ACCOUNT}:user/off-${n}`, accountId: ACCOUNT, accessKeyId: `AKIAOFF${n}00000000000`, userName: `off-${n}` };
  return {
    eventVersion: "1.08", userIdentity, eventTime, eventSource: "cloudtrail.amazonaws.com", eventName: "StopLogging", awsRegion: region, sourceIPAddress: `198.51.100.${10 + n}`,
    userAgent: "aws-cli/2.15", requestParameters: { name: "main" }, responseElements: null, requestID: `00000000-0000-4000-8000-00000000000${n}`,
    eventID: `10000000-0000-4000-8000-00000000000${n}`, readOnly: false, eventType: "AwsApiCall", managementEvent: true, recipientAccountId: ACCOUNT, eventCategory: "Management",
  };
}

/** A bucket of 30 objects, as S3's protocol tells them: some are there at once, and for the others it never answers. */
async function slow() {
  const from = Math.floor(Date.now() / 1000) - 7200;
  const head = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";
  const line = (n) => `2 ${ACCOUNT} eni-0slow000000000001 10.20.0.${n} 10.30.0.9 ${20000 + n} 443 6 14 2431 ${from + n} ${from + n + 30} ACCEPT OK\n`;
  const objects = Array.from({ length: 30 }, (_, n) => head + line(n).repeat(500));
  const listed = objects.map((text, n) => `<Contents><Key>flows-${n}.log</Key><ETag>&quot;${n}&quot;</ETag><Size>${text.length}</Size></Contents>`);
  const answering = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const n = /flows-(\d+)\.log$/.exec(pathname)?.[1];
    if (n === undefined) response.end(`<ListBucketResult><Name>slow</Name><IsTruncated>false</IsTruncated>${listed.join("")}</ListBucketResult>`);
    else if (n < 10) response.end(objects[n]);
  });
  // It is there as long as the tests are, and nobody waits for it.
  answering.unref();
  await new Promise((listens) => answering.listen(0, "127.0.0.1", listens));
  return `http://127.0.0.1:${answering.address().port}`;
}

/** Of those that the archive has, the detector knows one, one that is archived, and one that the archive lacks. */
async function begin() {
  mkdirSync(join(server.logs, "archive"));
  const archive = (name, text) => writeFileSync(join(server.logs, "archive", name), text);
  archive("trail.json", JSON.stringify({ Records: [stopped(1), stopped(2), stopped(3), stopped(4), stopped(5, NOWHERE)] }));
  archive("hostile.json", JSON.stringify(hostileTrail(ACCOUNT, hostile)));
  archive(EVIL_NAME, JSON.stringify(hostileTrail(ACCOUNT, hostile)).slice(0, 6000));
  archive("note.txt", "This is no log.\n");
  const known = join(server.folder, "known.json");
  writeFileSync(known, JSON.stringify({ Records: [stopped(1), stopped(2), stopped(9)] }));
  server.run(["scan", known, "--quiet", "--format", "json"]);
  const [archived] = await idsOf(demo, { "resource.accessKeyDetails.userName": { Eq: ["off-2"] } });
  await server.client(demo).send(new ArchiveFindingsCommand({ DetectorId: server.detectors[demo], FindingIds: [archived] }));
  assert.equal((await idsOf(demo)).length, 2);
}

/** Describes a hunt by an address, names it and begins it. */
async function hunt(name, words = "seen=1y&sources=archive", user = "ann", options = {}) {
  const page = await open(user, `hunts/new?in=${demo}&${words}`, options);
  await page.getByLabel("Name - optional").fill(name);
  await page.getByRole("button", { name: "Begin the hunt" }).click();
  await heading(page, "Hunt");
  return page;
}

const ended = async (page) => {
  await page.getByRole("table", { name: FOUND }).waitFor({ timeout: 30_000 });
  await rows(page, FOUND).first().waitFor();
};
const row = (page, text) => rows(page, FOUND).filter({ hasText: text });
const choose = async (page, label) => {
  await page.getByRole("button", { name: /In the detector/ }).first().click();
  await page.getByRole("option", { name: label }).click();
};
const fits = async (page, size) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= size, `${width} is wider than the window`);
};

story("56 a hunt is begun, compared with the detector, and a finding of it promoted", async () => {
  const page = await open("ann", `?in=${demo}`);
  await heading(page, "Summary");
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.getByText("There is no hunt yet.").waitFor();
  await shot(page, "56-empty");
  await page.getByRole("link", { name: "Begin a hunt" }).click();
  await page.getByRole("button", { name: "From when to when" }).click();
  await page.getByRole("radio", { name: "Last 1 year" }).check({ force: true });
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("button", { name: "Sources" }).click();
  await page.getByRole("option", { name: /archive/ }).click();
  await page.keyboard.press("Escape");
  assert.match(page.url(), /seen=1y&sources=archive/);
  await page.getByLabel("Name - optional").fill("The year");
  await shot(page, "56-new");
  await page.getByRole("button", { name: "Begin the hunt" }).click();
  await ended(page);
  await page.getByText("The year").waitFor();

  // What was read, and what not: names of objects are text.
  await page.getByText("4 of 4").waitFor();
  await page.getByRole("button", { name: /What could not be read/ }).click();
  await page.getByText("not a log that Picquet knows").waitFor();
  const places = await rows(page, "Places of damaged records").innerText();
  assert.ok(places.includes("<img src=x onerror=window.stolen=1>U+202E.json"), places);
  await shot(page, "56-read");

  // How each stands in its detector; one is only there.
  const standing = async (text) => (await row(page, text).innerText()).split("\n").at(-1);
  assert.deepEqual([await standing("off-1"), await standing("off-2"), await standing("off-3"), await standing("off-5")], ["There", "Archived", "Not there", "No detector"]);
  assert.equal(await rows(page, "Only in the detector").count(), 1);
  assert.match(await rows(page, "Only in the detector").innerText(), /off-9/);
  await page.getByRole("table", { name: FOUND }).scrollIntoViewIfNeeded();
  await shot(page, "56-found");
  await choose(page, /^Archived/);
  assert.match(page.url(), /show=archived/);
  assert.equal(await rows(page, FOUND).count(), 1);
  await choose(page, /^Not there/);
  await page.getByLabel("Filter the findings").fill("off- stealth");
  await page.waitForURL(/show=absent&text=off-%20stealth/);
  assert.equal(await rows(page, FOUND).count(), 2);
  await page.getByLabel("Filter the findings").fill("nothing at all");
  await page.getByText("The filter hides all").waitFor();
  await page.getByRole("button", { name: "Clear the filter" }).last().click();
  await page.waitForURL((url) => !url.search.includes("show="));

  // One that is not there is shown beside the list, and as a whole.
  await row(page, "off-3").getByRole("link").click();
  const panel = page.getByRole("region", { name: "Finding of the hunt" });
  await panel.getByText("Why it was raised").waitFor();
  await panel.getByText("off-3", { exact: false }).first().waitFor();
  assert.match(page.url(), /open=[0-9a-f]{32}/);
  await shot(page, "56-beside");
  await page.getByRole("link", { name: "All about this finding" }).click();
  await heading(page, "Finding of a hunt");
  await page.getByRole("heading", { name: "When it happened" }).waitFor();
  await page.getByText("Not there").waitFor();
  await page.keyboard.press("Escape");
  await ended(page);

  // Files: what is not there, as JSON and for spreadsheets.
  for (const [format, said] of [["JSON", /"state": "absent"/], ["CSV", /,absent\r\n/]]) {
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: format }).click();
    const text = readFileSync(await (await waiting).path(), "utf8");
    assert.match(text, said);
    assert.ok(!text.includes("\u202e"), "nothing in it is unseen");
    if (format === "CSV") assert.doesNotMatch(text, /(^|,)"?[=@]/m);
    else assert.equal(JSON.parse(text).length, await rows(page, FOUND).count());
  }

  // Another window promotes the same finding first: here it is refused, and the other one taken.
  const other = await browser.page({ user: "ann" });
  await other.goto(page.url());
  await ended(other);
  const select = (where, text) => row(where, text).getByRole("checkbox").check({ force: true });
  assert.ok(await row(page, "off-1").getByRole("checkbox").isDisabled(), "what is there cannot be promoted");
  await select(other, "off-3");
  await select(page, "off-3");
  await select(page, "off-4");
  for (const [where, title] of [[other, "Promote the finding?"], [page, "Promote 2 findings?"]]) {
    await where.getByRole("button", { name: "Promote to findings" }).click();
    const dialog = where.getByRole("dialog", { name: title });
    await dialog.getByText("Suppression rules apply").waitFor();
    await shot(where, "56-promote");
    await dialog.getByRole("button", { name: "Promote", exact: true }).click();
    await where.getByText("1 finding is in its detector now.").waitFor();
  }
  await page.getByText("1 finding was not promoted").waitFor();
  await page.getByText("It is there already.", { exact: false }).waitFor();
  await row(page, "off-4").getByText("There", { exact: true }).waitFor();
  await page.getByText("1 finding was not promoted").scrollIntoViewIfNeeded();
  await shot(page, "56-promoted");
  assert.equal((await idsOf(demo)).length, 4);
  await row(page, "off-3").getByRole("link").click();
  await heading(page, "Finding");
  await page.getByText("off-3 called StopLogging", { exact: false }).first().waitFor();
  await page.goBack();
  await ended(page);
  await done(other, "56-other");
  await done(page, "56-hunt");
});

story("57 hunts that go on are watched, cancelled and deleted", async () => {
  const page = await hunt("All connections", "seen=7d&sources=slow");
  await page.locator("dl").getByText("Reads", { exact: true }).waitFor();
  await page.getByText(/\d+ of 30 objects/).first().waitFor();
  await page.getByRole("progressbar").first().waitFor();
  await page.getByText(/records a second/).first().waitFor({ timeout: 30_000 });
  await shot(page, "57-reading");
  const waits = await hunt("After that", "seen=7d&sources=archive");
  await waits.locator("dl").getByText("Waits for others").waitFor();
  await waits.getByRole("link", { name: "All hunts" }).click();
  const listed = (name) => rows(waits, "Hunts").filter({ hasText: name });
  await listed("All connections").getByRole("progressbar").waitFor();
  await listed("After that").getByText("It begins when another hunt has ended.").waitFor();
  await shot(waits, "57-list");
  await accessible(waits, "57-list");

  // The one that waits is deleted, the one that reads cancelled: both are asked for first.
  await listed("After that").getByRole("button", { name: "Delete After that" }).click();
  await waits.getByRole("dialog").getByText("it is cancelled first", { exact: false }).waitFor();
  await waits.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await listed("After that").getByRole("button", { name: "Delete After that" }).click();
  await waits.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await waits.getByText("The hunt is deleted.").waitFor();
  await listed("After that").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Cancel All connections" }).click();
  await page.getByRole("button", { name: "Cancel the hunt" }).click();
  await page.getByText("The hunt was cancelled").waitFor();
  assert.equal(await page.getByRole("table", { name: FOUND }).count(), 0);
  await shot(page, "57-cancelled");
  // The list sees it by itself.
  await listed("All connections").getByText("Cancelled").waitFor();
  await done(waits, "57-listed");
  await page.getByRole("button", { name: "Delete All connections" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await heading(page, "Hunts");
  await page.getByText("The hunt is deleted.").waitFor();
  assert.equal(await page.getByText("All connections").count(), 0);
  const gone = await open("ann", `hunts/${"0".repeat(32)}?in=${demo}`);
  await gone.getByText("There is no hunt").waitFor();
  await done(gone, "57-gone");
  await done(page, "57-deleted");
});

story("58 what is wrong with a hunt is told at its field", async () => {
  const page = await open("ann", `hunts/new?in=${demo}`);
  const begin = () => page.getByRole("button", { name: "Begin the hunt" }).click();
  const field = (name) => page.locator(`[data-field="${name}"]`);
  await field("range").waitFor();
  await begin();
  await field("range").getByText("Choose from when to when.").waitFor();
  await page.getByLabel("Days before that to learn from").fill("93");
  await page.getByLabel("Name - optional").fill("x".repeat(65));
  await begin();
  await field("learn").getByText("Write a whole number from 0 to 92.").waitFor();
  await field("name").getByText("A name has at most 64 characters.").waitFor();
  await shot(page, "58-fields");

  // What only the server knows is told at the field too, in its words.
  await page.at(`hunts/new?in=${demo}&seen=2026-01-01T00:00:00Z/2026-01-01T00:00:00Z&sources=archive`);
  await begin();
  await field("range").getByText("since must be before until.").waitFor();
  await page.at(`hunts/new?in=${demo}&seen=7d&sources=nowhere&accounts=me&x`);
  await page.getByText("Part of the address was not understood").waitFor();
  await begin();
  await field("sources").getByText("there is no source `nowhere`", { exact: false }).waitFor();
  await page.at(`hunts/new?in=${demo}&seen=7d&sources=archive`);
  await page.getByRole("button", { name: "Settings to try" }).click();
  const settings = page.getByLabel("Detection settings (TOML)");
  await settings.fill("[detection]\n\nretird = <img src=x onerror=window.stolen=1>\n");
  await page.getByRole("button", { name: "Settings to try" }).click();
  await begin();
  // The section is opened again.
  await field("settings").getByText(/TOML parse error at line 3/).waitFor();
  assert.equal(await settings.getAttribute("aria-invalid"), "true");
  await page.getByRole("button", { name: "Go to line 3" }).click();
  assert.match(await page.evaluate(() => document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)), /^retird/);
  await shot(page, "58-settings");
  await settings.fill('[types."Recon:EC2/Portscam"]\n');
  await begin();
  await field("settings").getByText(/no such finding type/).waitFor();

  // Settings that are right are tried, and shown with the hunt.
  await settings.fill('[types."Stealth:IAMUser/CloudTrailLoggingDisabled"]\nseverity = 8.5\n');
  await begin();
  await ended(page);
  await row(page, "off-1").getByText("Low 2 there").waitFor();
  assert.match(await row(page, "off-1").innerText(), /High/);
  await page.getByRole("button", { name: "Settings that were tried" }).click();
  await page.getByText("severity = 8.5").waitFor();
  await shot(page, "58-tried");
  await page.getByRole("link", { name: "Hunt again" }).click();
  await heading(page, "New hunt");
  await page.getByText("archive", { exact: true }).first().waitFor();
  await page.route("**/picquet/v1/hunts", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 409, json: { message: "Too many hunts wait." }, headers: { "x-amzn-errortype": "ConflictException" } }) : route.fallback()));
  await begin();
  await page.getByText("The hunt was not begun").waitFor();
  await page.getByText("Too many hunts wait.", { exact: false }).waitFor();
  await done(page, "58-refused");
});

story("59 who may only read sees hunts; every page on a telephone and in the dark", async () => {
  const first = await hunt("For readers");
  await ended(first);
  const id = new URL(first.url()).pathname.split("/").at(-1);
  await row(first, TEXTS[0]).first().getByRole("link").click();
  await first.waitForURL(/open=/);
  const finding = new URL(first.url()).searchParams.get("open");
  await first.context().close();

  const reader = await open("reader", "hunts?in=all");
  await rows(reader, "Hunts").filter({ hasText: "For readers" }).getByRole("link").click();
  await ended(reader);
  for (const name of ["New hunt", "Hunt again", "Promote to findings", /^Delete/, /^Cancel/]) {
    assert.equal(await reader.getByRole("button", { name }).or(reader.getByRole("link", { name })).count(), 0, String(name));
  }
  assert.equal(await rows(reader, FOUND).getByRole("checkbox").count(), 0);
  await shot(reader, "59-reader");
  await reader.at(`hunts/new?in=${demo}`);
  await reader.getByText("Your user may only read.", { exact: false }).waitFor();
  await done(reader, "59-reader-new");
  const nobody = await open("nobody", `hunts?in=${demo}`);
  await nobody.getByText("You may not see the hunts").waitFor();
  await done(nobody, "59-nobody");

  for (const [size, dark] of [[undefined, false], [undefined, true], [NARROW, false], [NARROW, true]]) {
    const kind = `${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`;
    const look = async (name, path, what) => {
      const page = await open("ann", path, { size, dark });
      await what(page);
      await fits(page, size?.width ?? 1280);
      await shot(page, `59-${name}-${kind}`);
      // Links that scrolling put under the top bar are no fault of the page.
      await page.evaluate(() => document.getElementById("top").remove());
      await done(page, `59-${name}-${kind}-end`);
    };
    await look("list", `hunts?in=${demo}`, (page) => rows(page, "Hunts").first().waitFor());
    await look("new", `hunts/new?in=${demo}&seen=1y&accounts=*`, async (page) => {
      await page.getByRole("button", { name: "Settings to try" }).click();
      await page.getByLabel("Detection settings (TOML)").waitFor();
    });
    await look("hunt", `hunts/${id}?in=${demo}`, async (page) => {
      await ended(page);
      await page.getByRole("button", { name: /What could not be read/ }).click();
    });
    await look("found", `hunts/${id}?in=${demo}&text=off-&sort=live`, async (page) => {
      await ended(page);
      await page.getByRole("table", { name: FOUND }).scrollIntoViewIfNeeded();
    });
    // Beside the list where there is room, else at its own address.
    await look("finding", `hunts/${id}?in=${demo}&open=${finding}`, async (page) => {
      if (size) await heading(page, "Finding of a hunt");
      await page.getByText("Why it was raised").first().waitFor();
      assert.ok((await page.locator("body").innerText()).includes(TEXTS[0]));
    });
  }
  // A server without sources says so.
  const none = await browser.page({ user: "ann" });
  await none.route("**/picquet/v1/hunts", (route) => route.fulfill({ status: 400, json: { message: "There are no sources." } }));
  await none.at(`hunts?in=${demo}`);
  await none.getByText("There is nothing to hunt through").waitFor();
  await done(none, "59-no-sources");
}, 180_000);
