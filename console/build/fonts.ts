// Leaves out the fonts that Cloudscape's styles carry inside themselves: half of their compressed size. The fonts of
// the system, which its styles name next, are used instead.
import type { Plugin } from "vite";

export function systemFonts(): Plugin {
  return {
    name: "picquet-system-fonts",
    enforce: "pre",
    transform(code, id) {
      if (!/cloudscape-design.*\.css/.test(id) || !code.includes("@font-face")) return undefined;
      return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ""), map: null };
    },
  };
}
