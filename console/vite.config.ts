import react from "@vitejs/plugin-react";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { catalogue } from "./build/catalogue.ts";
import { compress } from "./build/compress.ts";
import { systemFonts } from "./build/fonts.ts";
import { usedMessages } from "./build/messages.ts";
import { unusedDrawers } from "./build/unused.ts";

export default defineConfig({
  base: "/console/",
  plugins: [
    systemFonts(),
    usedMessages(),
    unusedDrawers(),
    catalogue(join(import.meta.dirname, "../crates/picquet-model/catalogue")),
    react(),
    compress(),
  ],
  // Nothing is inlined, so that the content security policy needs no exception.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false, target: "es2022" },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
