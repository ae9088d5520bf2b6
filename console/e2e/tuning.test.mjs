// Other settings are tried and indicators looked up, with a server that watches a folder: logs of the last hours.
import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateTrustedEntitySetCommand } from "@aws-sdk/client-guardduty";
import { done, NARROW, shot } from "./browser.mjs";
import { ACCOUNT, REGIONS } from "./server.mjs";
import { browser, heading, idsOf, open, rows, server, stage, story } from "./stage.mjs";

const { demo, empty } = REGIONS;
const OFF = "Stealth:IAMUser/CloudTrailLoggingDisabled";
const HOUR = 3_600_000;

stage({
  begin,
  config: (logs) => `[ssh_brute_force]
attempts_per_hour = 1000
attempts_per_day = 1000

[watch]
settle = "1s"
slack = "1m"

[machine]
dollars_per_month = 60

[[source]]
name = "logs"
folder = "${logs}"
since = "all"
poll = "1s"
`,
});

/** Somebody switches trails off. */
function trail() {
  const at = (hours) => new Date(Date.now() - hours * HOUR).toISOString().replace(/\.\d+/, "");
  const event = (n, more) => ({
    eventVersion: "1.08", eventTime: at(3), eventSource: "cloudtrail.amazonaws.com", awsRegion: demo, sourceIPAddress: `198.51.100.${10 + n}`,
    userAgent: "aws-cli/2.15", responseElements: null, requestID: `00000000-0000-4000-8000-00000000000${n}`, eventID: `10000000-0000-4000-8000-00000000000${n}`,
    eventType: "AwsApiCall", managementEvent: true, recipientAccountId: ACCOUNT, eventCategory: "Management", ...more,
  });
  const user = (n) => ({ type: "IAMUser", principalId: `AIDAOFF${n}`, arn: `arn:aws:iam::${ACCOUNT}:user/off-${n}`, accountId: ACCOUNT, accessKeyId: `AKIAOFF${n}00000000000`, userName: `off-${n}` });
  return { Records: [1, 2, 3].map((n) => event(n, { userIdentity: user(n), eventName: "StopLogging", readOnly: false, requestParameters: { name: "main" } })) };
}

/** Somebody guesses at log-ins, 60 times in an hour: fewer than the settings in effect mind. */
function flows() {
  const hour = Math.floor(Date.now() / HOUR) * 3600 - 3 * 3600;
  const lines = Array.from({ length: 60 }, (_, n) => {
    const [at, port] = [hour + n * 50, 20000 + n];
    const both = (from, to, packets, bytes) => `2 ${ACCOUNT} eni-0guessed00000001 ${from} ${to} 6 ${packets} ${bytes} ${at} ${at + 5} ACCEPT OK`;
    return [both("10.20.1.30 198.51.100.88", `22 ${port}`, 14, 2431), both("198.51.100.88 10.20.1.30", `${port} 22`, 15, 1960)].join("\n");
  });
  return `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n${lines.join("\n")}\n`;
}

async function until(what, met, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; !(await met()); ) {
    assert.ok(Date.now() < end, what);
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Puts a file there as a whole. */
function deliver(text, to) {
  const part = join(server.folder, "part");
  writeFileSync(part, text);
  renameSync(part, to);
}

async function begin() {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  const to = join(server.logs, `AWSLogs/${ACCOUNT}/vpcflowlogs/${demo}/${day}`);
  mkdirSync(to, { recursive: true });
  deliver(flows(), join(to, `${ACCOUNT}_vpcflowlogs_${demo}_fl-0guessed_${day.replaceAll("/", "")}T0000Z_1.log`));
  deliver(JSON.stringify(trail()), join(server.logs, "trail.json"));
  await until("nothing is found", async () => (await idsOf(demo)).length === 3);
}

const field = (page) => page.getByLabel("Settings to try (TOML)");
const tryThem = async (page, text) => {
  await field(page).fill(text);
  await page.getByRole("button", { name: "Try", exact: true }).click();
};

story("49 other settings are tried, and what they would change is shown", async () => {
  const page = await open("ann", `settings?in=${demo}`);
  await field(page).waitFor();
  const inEffect = await field(page).inputValue();
  assert.match(inEffect, /\[ssh_brute_force\]/);
  assert.match(inEffect, /attempts_per_hour = 1000/);
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("Nothing would change: 3 findings with either settings.").waitFor();
  await page.getByText("What these settings would find").scrollIntoViewIfNeeded();
  await shot(page, "49-nothing-changes");

  // What is left out is the default: one finding more, and the others severer.
  await tryThem(page, `[types."${OFF}"]\nseverity = 8.5\n`);
  await page.getByText("3 findings with the settings in effect, 4 with these: 1 would appear, 3 would be of another severity.").waitFor();
  await page.getByText(/Judged was what is kept from/).waitFor();
  const types = rows(page, "Findings by type");
  assert.match(await types.filter({ hasText: "SSHBruteForce" }).innerText(), /0\s+1\s+\+1/);
  assert.equal(await rows(page, "Findings that would appear").count(), 1);
  const changed = rows(page, "Findings that would be of another severity");
  assert.match(await changed.first().innerText(), /Low 2\s+High 8\.5/);
  // What is not in the detector has no link.
  await changed.first().getByRole("link").waitFor();
  assert.equal(await rows(page, "Findings that would appear").getByRole("link").count(), 0);
  await page.getByText("What these settings would find").scrollIntoViewIfNeeded();
  await shot(page, "49-change");
  await field(page).fill("[detection]\n");
  await page.getByText("The text has changed since it was tried.").waitFor();

  // One type less, and a switch that cannot be tried.
  await tryThem(page, `[types."${OFF}"]\nenabled = false\n[ssh_brute_force]\nattempts_per_hour = 1000\nattempts_per_day = 1000\n[detection]\ns3_data_events = false\n`);
  await page.getByText("3 findings with the settings in effect, 0 with these: 3 would not be there.").waitFor();
  await page.getByText("detection.s3_data_events: whether data events of S3 are looked at").waitFor();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByText("The settings are copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /s3_data_events = false/);
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByText("These are in effect. Change what you want to try.").waitFor();
  assert.equal(await field(page).inputValue(), inEffect);
  assert.equal(await page.getByText("What these settings would find").count(), 0);

  // A mistake is told where it is, in the server's words, and the line shown.
  await tryThem(page, "[detection]\n\nretired_types = true\nretird = <img src=x onerror=window.stolen=1>\n");
  await page.getByText(/TOML parse error at line 4/).waitFor();
  assert.equal(await field(page).getAttribute("aria-invalid"), "true");
  await page.getByRole("button", { name: "Go to line 4" }).click();
  assert.match(await page.evaluate(() => document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)), /^retird/);
  await shot(page, "49-mistake");
  await tryThem(page, '[types."Recon:EC2/Portscam"]\n');
  await page.getByText(/no such finding type/).waitFor();
  await tryThem(page, `[types."${OFF}"]\nenabled = false\n`);
  await rows(page, "Findings that would not be there").nth(2).waitFor();
  await rows(page, "Findings that would not be there").first().getByRole("link").click();
  await heading(page, "Finding");
  await page.getByText("StopLogging").first().waitFor();
  await page.goBack();

  // A server that fails is told, and not as a mistake of the text.
  await field(page).waitFor();
  await page.route("**/picquet/v1/dry-run", (route) => route.abort());
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("The server cannot be reached").waitFor();
  assert.notEqual(await field(page).getAttribute("aria-invalid"), "true");
  await done(page, "49-tried");
});

story("50 the settings on a telephone, in the dark, for others, and where nothing is kept", async () => {
  for (const [size, dark] of [[NARROW, false], [NARROW, true], [undefined, true]]) {
    const page = await open("ann", `settings?in=${demo}`, { size, dark });
    await field(page).waitFor();
    await tryThem(page, `[types."${OFF}"]\nseverity = 8.5\n[detection]\ns3_data_events = false\n`);
    await page.getByText("1 would appear, 3 would be of another severity.", { exact: false }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= (size?.width ?? 1280), `${width} is wider than the window`);
    await field(page).scrollIntoViewIfNeeded();
    await shot(page, `50-field-${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`);
    await page.getByText("What these settings would find").scrollIntoViewIfNeeded();
    await shot(page, `50-result-${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`);
    await page.getByRole("table", { name: "Findings that would be of another severity" }).scrollIntoViewIfNeeded();
    // Links that scrolling put under the top bar are no fault of the page.
    await page.evaluate(() => document.getElementById("top").remove());
    await done(page, `50-settings-${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`);
  }
  const other = await open("ann", `settings?in=${empty}`);
  await tryThem(other, "");
  await other.getByText(/Nothing would change|There is nothing to judge/).waitFor();
  await done(other, "50-nothing-kept");
  const reader = await browser.page({ user: "reader" });
  const asked = [];
  reader.on("request", (request) => request.url().includes("/picquet/v1/settings") && asked.push(request.url()));
  await reader.at(`settings?in=${demo}`);
  await reader.getByText("They are of all accounts, and shown to administrators.").waitFor();
  assert.deepEqual(asked, []);
  await reader.getByText("They are of all accounts").scrollIntoViewIfNeeded();
  await done(reader, "50-reader");
});

story("51 an address, a name and a key are looked up", async () => {
  const trusted = { DetectorId: server.detectors[demo], Name: "ours", Format: "TXT", Location: `file://${server.folder}/lists/own.txt`, Activate: true };
  await server.client(demo).send(new CreateTrustedEntitySetCommand(trusted));
  const page = await open("ann", `lists?in=${demo}`);
  const box = page.getByLabel("Addresses, names or access keys");
  const look = () => page.getByRole("button", { name: "Look up" }).click();
  await look();
  await page.getByText("Write an address, a name or an access key.").waitFor();
  await box.fill("198.51.100.0/24");
  await look();
  await page.getByText("198.51.100.0/24 is a network: look up an address of it.").waitFor();
  const evil = ["<script>window.stolen=1</script>", "\"><img/src=x/onerror=window.stolen=1>", "gpj\u202e.exe", "x".repeat(250)];
  await box.fill(["44.94.64.8, vertizam[.]net", "8.8.8.8", "198.51.100.77", "AKIAIOSFODNN7EXAMPLE", ...evil].join("\n"));
  await look();
  const known = rows(page, "What is known");
  await known.nth(8).waitFor();
  const row = (text) => known.filter({ hasText: text });
  await row("44.94.64.8").getByText(/On \d+ lists?/).waitFor();
  await row("vertizam.net").getByText("maltrail malware domains").waitFor();
  assert.match(await row("8.8.8.8").innerText(), /Address\s+On no list\s+-\s+United States/);
  assert.match(await row("AKIAIOSFODNN7EXAMPLE").innerText(), /Access key\s+On no list/);
  for (const text of [evil[0], evil[1], "gpj", "xxxx"]) await row(text).getByText("On no list").waitFor();
  const said = await page.getByRole("main").innerText();
  assert.ok(said.includes(evil[0]) && said.includes("U+202E") && !said.includes("\u202e"));
  await until("the list is not in use", async () => {
    await look();
    await page.waitForTimeout(500);
    return (await row("198.51.100.77").getByText("Trusted").count()) > 0;
  });
  await page.getByRole("button", { name: "Look up" }).scrollIntoViewIfNeeded();
  await shot(page, "51-look-up");
  // A copied address shows the same, to who may only read, on a telephone.
  assert.match(page.url(), /[?&]look=44\.94\.64\.8,vertizam\.net/);
  const copied = page.url().split("/console/")[1];
  await done(page, "51-looked-up");
  for (const dark of [false, true]) {
    const reader = await open("reader", copied, { size: NARROW, dark });
    await rows(reader, "What is known").nth(8).waitFor();
    const width = await reader.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= NARROW.width, `${width} is wider than the window`);
    await reader.getByLabel("Addresses, names or access keys").scrollIntoViewIfNeeded();
    await shot(reader, `51-narrow-field-${dark ? "dark" : "light"}`);
    await reader.getByRole("table", { name: "What is known" }).scrollIntoViewIfNeeded();
    await reader.evaluate(() => document.getElementById("top").remove());
    await done(reader, `51-narrow-${dark ? "dark" : "light"}`);
  }
  const nobody = await open("ann", `lists?in=${demo}&look=198.51.100.0/24`);
  await nobody.getByText("is a network").waitFor();
  await nobody.context().close();
});

story("52 findings are exported as OCSF and for Security Hub", async () => {
  const page = await open("ann", `findings?in=${demo}`);
  await rows(page).nth(2).waitFor();
  await page.getByRole("checkbox", { name: /^Select /, exact: false }).nth(1).check({ force: true });
  await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
  await shot(page, "52-formats");
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "ASFF (Security Hub)" }).click();
  const file = await waiting;
  assert.match(file.suggestedFilename(), /^findings-.*\.asff\.json$/);
  await page.getByText("1 finding was exported.").waitFor();
  // A server that refuses is told, and no file is made.
  await page.route("**/findings/ocsf", (route) => route.fulfill({ status: 404, json: { message: "no" } }));
  await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "OCSF" }).click();
  await page.getByText("This server does not write OCSF: it is older than this page.", { exact: false }).waitFor();
  await done(page, "52-export");
});

story("53 what the machine costs stands beside what GuardDuty would charge", async () => {
  for (const [size, dark] of [[undefined, false], [NARROW, false], [NARROW, true]]) {
    const page = await open("ann", `usage?in=${demo}`, { size, dark });
    await page.getByText("60.00 USD").waitFor();
    await page.getByText("GuardDuty would charge", { exact: true }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= (size?.width ?? 1280), `${width} is wider than the window`);
    await page.getByText("60.00 USD").scrollIntoViewIfNeeded();
    await done(page, `53-costs-${size ? "narrow" : "wide"}-${dark ? "dark" : "light"}`);
  }
  for (const [user, told, text] of [["ann", { sources: [] }, "dollars_per_month = 60"], ["reader", undefined, "Shown to administrators."]]) {
    const page = await browser.page({ user });
    if (told) await page.route("**/picquet/v1/status", (route) => route.fulfill({ json: told }));
    await page.at(`usage?in=${demo}`);
    await page.getByText(text, { exact: false }).waitFor();
    await done(page, `53-costs-${user}`);
  }
});

story("54 how long findings are kept is chosen by an administrator", async () => {
  const page = await open("ann", `settings?in=${demo}`);
  const field = page.getByLabel("Days after their last update that findings are kept");
  const save = page.getByRole("button", { name: "Save retention" });
  await field.waitFor();
  assert.equal(await field.inputValue(), "3650");
  assert.ok(await save.isDisabled(), "nothing is changed yet");
  for (const wrong of ["0", "3651", "soon", ""]) {
    await field.fill(wrong);
    await page.getByText("Write a whole number from 1 to 3650.").waitFor();
    assert.ok(await save.isDisabled(), wrong);
  }
  await field.fill("30");
  await page.getByText("Findings older than 30 days go within the hour").waitFor();
  await field.fill("3600");
  const asked = page.waitForResponse((response) => response.url().endsWith("/picquet/v1/status"));
  await field.press("Enter");
  await page.getByText("Findings are kept for 3600 days from now on.").waitFor();
  // What is in effect is asked for again; the field stays as it is, and the focus in it.
  await asked;
  assert.ok(await field.evaluate((input) => input === document.activeElement), "the focus is where it was");
  assert.equal(await field.inputValue(), "3600");
  await shot(page, "54-retention");
  const told = await open("reader", `settings?in=${demo}`, { size: NARROW, dark: true });
  await told.getByText("Findings are kept for 3600 days after their last update.", { exact: false }).scrollIntoViewIfNeeded();
  await done(told, "54-retention-reader");
  await done(page, "54-retention-chosen");
});
