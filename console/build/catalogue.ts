// `virtual:catalogue`: what each finding type means, from the files that the detectors are built from.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

const NAME = "virtual:catalogue";

interface Row {
  name: string;
  trigger: string;
  remediation: string;
  attack?: string[];
}

export function catalogue(folder: string): Plugin {
  return {
    name: "picquet-catalogue",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const rows = readdirSync(folder)
        .filter((file) => file.endsWith(".toml"))
        .flatMap((file) => (parse(readFileSync(join(folder, file), "utf8")) as unknown as { type: Row[] }).type);
      const told = rows.map(({ name, trigger, remediation, attack }) => [name, { trigger, remediation, attack }]);
      return `export default ${JSON.stringify(Object.fromEntries(told))}`;
    },
  };
}
