// Leaves out drawers of Cloudscape's layout that the console never has: the first view would load them, and what they
// are made of. A build fails when a newer Cloudscape has them elsewhere.
import type { Plugin } from "vite";

const FOLDER = "app-layout/visual-refresh-toolbar/drawer";
/** What others import from each. */
const EMPTY: Record<string, string> = {
  "feature-notifications-drawer-content.js": "export const RuntimeContentPart = () => null; export default () => null;",
  "global-ai-drawer.js": "export const AppLayoutGlobalAiDrawerImplementation = () => null;",
  "global-drawers.js": "export const AppLayoutGlobalDrawersImplementation = () => null;",
  "global-bottom-drawer.js": "export const AppLayoutBottomDrawerWrapper = () => null;",
};

export function unusedDrawers(): Plugin {
  const met = new Set<string>();
  return {
    name: "picquet-unused-drawers",
    apply: "build",
    enforce: "pre",
    load(id) {
      const name = Object.keys(EMPTY).find((file) => id.endsWith(`/${FOLDER}/${file}`));
      if (!name) return undefined;
      met.add(name);
      return EMPTY[name];
    },
    buildEnd(error) {
      const missing = Object.keys(EMPTY).filter((name) => !met.has(name));
      if (!error && missing.length > 0) throw new Error(`Cloudscape has moved ${missing.join(" and ")}: see build/unused.ts`);
    },
  };
}
