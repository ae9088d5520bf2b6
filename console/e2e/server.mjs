// The real binary with real findings, for the stories: detectors through the API, logs through `picquet scan`.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateDetectorCommand, CreateSampleFindingsCommand, GuardDutyClient } from "@aws-sdk/client-guardduty";
import { hostileTrail } from "./hostile.mjs";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const ACCOUNT = "111122223333";
export const PASSWORD = "a long enough password";
/** The demo's findings; the hostile ones; a region whose detector is empty. */
export const REGIONS = { demo: "eu-west-1", hostile: "us-east-1", empty: "eu-central-1" };

export class Server {
  /** With `config`, the text of a settings file that may name sources, nothing is scanned: sources are below `logs`. */
  constructor({ config } = {}) {
    this.binary = resolve(process.env.PICQUET_BIN ?? join(ROOT, "target/release/picquet"));
    this.folder = mkdtempSync(join(tmpdir(), "picquet-console-"));
    this.data = join(this.folder, "data");
    this.detectors = {};
    this.logs = join(this.folder, "logs");
    this.config = config?.(this.logs);
  }

  run(words, input = "") {
    const all = [...words, "--data-dir", this.data];
    return execFileSync(this.binary, all, { input, encoding: "utf8", env: clean(), stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Starts the server and fills its store. */
  async start() {
    mkdirSync(join(this.folder, "lists"));
    mkdirSync(this.logs);
    if (this.config) writeFileSync(join(this.folder, "picquet.toml"), this.config);
    writeFileSync(join(this.folder, "lists", "own.txt"), "198.51.100.77\n");
    await this.serve();
    this.admin = this.addUser("ann", "administrator");
    this.addUser("reader", "read-only");
    const none = join(this.folder, "none.cedar");
    writeFileSync(none, 'permit(principal, action == Action::"guardduty:ListDetectors", resource);');
    this.run(["user", "add", "nobody", "--account", ACCOUNT, "--policy-file", none]);
    this.run(["user", "set-password", "nobody"], `${PASSWORD}\n`);
    for (const region of Object.values(REGIONS)) {
      const { DetectorId } = await this.client(region).send(new CreateDetectorCommand({ Enable: true }));
      this.detectors[region] = DetectorId;
    }
    if (!this.config) await this.fill();
    return this;
  }

  async fill() {
    this.run(["scan", join(ROOT, "demo/logs"), "--quiet", "--format", "json"]);
    const trail = join(this.folder, "trail");
    mkdirSync(trail);
    writeFileSync(join(trail, "hostile.json"), JSON.stringify(hostileTrail(ACCOUNT, REGIONS.hostile)));
    this.run(["scan", trail, "--quiet", "--format", "json"]);
    await this.client(REGIONS.hostile).send(new CreateSampleFindingsCommand({ DetectorId: this.detectors[REGIONS.hostile] }));
  }

  addUser(name, policy) {
    const made = JSON.parse(this.run(["user", "add", name, "--account", ACCOUNT, "--policy", policy, "--format", "json"]));
    this.run(["user", "set-password", name], `${PASSWORD}\n`);
    return made.AccessKey;
  }

  serve() {
    const options = ["--insecure-http", "--rate-limit", "0", "--list-folder", join(this.folder, "lists"), "--retention-days", "3650"];
    if (this.config) options.push("--config", join(this.folder, "picquet.toml"));
    const listen = process.env.PICQUET_LISTEN ?? "127.0.0.1:0";
    this.process = spawn(this.binary, ["serve", "--listen", listen, "--data-dir", this.data, ...options], { env: clean() });
    return new Promise((done, failed) => {
      let log = "";
      this.process.stderr.on("data", (chunk) => {
        log += chunk;
        const found = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(log);
        if (found && !this.url) {
          this.url = found[1];
          done();
        }
      });
      this.process.on("exit", () => failed(new Error(`the server does not start: ${log}`)));
    });
  }

  client(region) {
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = this.admin;
    return new GuardDutyClient({ region, endpoint: this.url, credentials: { accessKeyId, secretAccessKey } });
  }

  async stop() {
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

function clean() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PICQUET_")));
}
