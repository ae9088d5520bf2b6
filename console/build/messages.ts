// Leaves out Cloudscape's messages of components that the console does not have: the first view loads them all.
import type { Plugin } from "vite";

const UNUSED = [
  "annotation-context",
  "attribute-editor",
  "breadcrumb-group",
  "calendar",
  "cards",
  "code-editor",
  "date-picker",
  "date-range-picker",
  "features-notification-drawer",
  "file-token-group",
  "file-upload",
  "pie-chart",
  "prompt-input",
  "s3-resource-selector",
  "slider",
  "split-panel",
  "tag-editor",
  "tree-view",
  "tutorial-panel",
  "wizard",
];

export function usedMessages(): Plugin {
  return {
    name: "picquet-used-messages",
    enforce: "pre",
    transform(code, id) {
      if (!/cloudscape-design.*i18n\/messages\/all\.en\.js$/.test(id)) return undefined;
      const all = JSON.parse(code.replace(/^\s*export default\s*/, "").replace(/;\s*$/, "")) as Record<string, Record<string, object>>;
      for (const languages of Object.values(all)) {
        for (const [language, messages] of Object.entries(languages)) {
          languages[language] = Object.fromEntries(Object.entries(messages).filter(([component]) => !UNUSED.includes(component)));
        }
      }
      return { code: `export default ${JSON.stringify(all)};`, map: null };
    },
  };
}
