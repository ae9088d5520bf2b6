// Writes a gzip and a Brotli twin beside every file that becomes smaller; the server sends what a client takes.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export function compress(): Plugin {
  let folder = "dist";
  return {
    name: "picquet-compress",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const name of await readdir(folder, { recursive: true })) {
        const path = join(folder, name);
        if (/\.(br|gz)$/.test(name) || !(await stat(path)).isFile()) continue;
        const plain = await readFile(path);
        const twins = {
          gz: gzipSync(plain, { level: 9 }),
          br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
        };
        for (const [ending, twin] of Object.entries(twins)) {
          if (twin.length < plain.length) await writeFile(`${path}.${ending}`, twin);
        }
      }
    },
  };
}
