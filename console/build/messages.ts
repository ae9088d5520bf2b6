// Cloudscape's messages: those of components that the console does not have are left out, since the first view loads
// them all; those of components that only findings have are `virtual:messages/findings`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const ALL = "@cloudscape-design/components/i18n/messages/all.en";
const FINDINGS = "virtual:messages/findings";
/** What only the list of findings has. */
const LATER = ["calendar", "date-range-picker", "split-panel"];

const UNUSED = [
  "annotation-context",
  "attribute-editor",
  "breadcrumb-group",
  "cards",
  "code-editor",
  "date-picker",
  "features-notification-drawer",
  "file-token-group",
  "file-upload",
  "pie-chart",
  "prompt-input",
  "s3-resource-selector",
  "slider",
  "tag-editor",
  "tree-view",
  "tutorial-panel",
  "wizard",
];

type Messages = Record<string, Record<string, Record<string, object>>>;

/** The messages of the components that are wanted. */
function only(code: string, wanted: (component: string) => boolean): string {
  const all = JSON.parse(code.replace(/^\s*export default\s*/, "").replace(/;\s*$/, "")) as Messages;
  for (const languages of Object.values(all)) {
    for (const [language, messages] of Object.entries(languages)) {
      languages[language] = Object.fromEntries(Object.entries(messages).filter(([component]) => wanted(component)));
    }
  }
  return `export default ${JSON.stringify(all)};`;
}

export function usedMessages(): Plugin {
  return {
    name: "picquet-used-messages",
    enforce: "pre",
    resolveId: (id) => (id === FINDINGS ? `\0${FINDINGS}` : undefined),
    load(id) {
      if (id !== `\0${FINDINGS}`) return undefined;
      return only(readFileSync(createRequire(import.meta.url).resolve(ALL), "utf8"), (component) => LATER.includes(component));
    },
    transform(code, id) {
      if (!/cloudscape-design.*i18n\/messages\/all\.en\.js$/.test(id)) return undefined;
      return { code: only(code, (component) => !UNUSED.includes(component) && !LATER.includes(component)), map: null };
    },
  };
}
