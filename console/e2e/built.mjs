// Serves a folder with a build of the console in place of the one that a binary embeds, so that stories can be told of it
// without building the binary anew: PICQUET_CONSOLE=dist. All else is the binary's, as are the headers of its console.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join, resolve } from "node:path";

const KINDS = { ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
/** What the binary says of its own file, and not of this one. */
const OWN = ["content-encoding", "content-length", "content-type", "etag", "transfer-encoding"];

export class Built {
  constructor(folder, behind) {
    this.folder = resolve(folder);
    this.behind = new URL(behind);
  }

  async start() {
    const { headers } = await fetch(new URL("/console/", this.behind));
    this.headers = Object.fromEntries([...headers].filter(([name]) => !OWN.includes(name)));
    this.server = createServer((asked, answer) => {
      const { pathname } = new URL(asked.url, this.behind);
      if (asked.method === "GET" && pathname.startsWith("/console/")) this.file(pathname, asked, answer);
      else this.pass(asked, answer);
    });
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  /** A file, or the page for every address that is none. */
  file(pathname, asked, answer) {
    const path = join(this.folder, pathname.slice("/console/".length));
    const isFile = path.startsWith(this.folder) && existsSync(path) && statSync(path).isFile();
    const found = isFile ? path : join(this.folder, "index.html");
    const packed = /\bbr\b/.test(asked.headers["accept-encoding"] ?? "") && existsSync(`${found}.br`);
    answer.writeHead(200, { ...this.headers, "content-type": KINDS[extname(found)] ?? "application/octet-stream", ...(packed && { "content-encoding": "br" }) });
    createReadStream(packed ? `${found}.br` : found).pipe(answer);
  }

  /** The host stays, which is part of what is signed. */
  pass(asked, answer) {
    const { hostname, port } = this.behind;
    const on = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (answered) => {
      answer.writeHead(answered.statusCode, answered.rawHeaders);
      answered.pipe(answer);
    });
    on.on("error", () => answer.destroy());
    asked.pipe(on);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
