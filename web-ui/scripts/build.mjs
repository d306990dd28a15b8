// Builds into `dist` (or the folder given) and stores the hash of the sources beside the result.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";
import { root, sourceHash } from "./source-hash.mjs";

export async function buildInto(folder) {
  const outDir = resolve(folder);
  await build({ root, logLevel: "warn", configFile: join(root, "vite.config.ts"), build: { outDir, emptyOutDir: true } });
  writeFileSync(join(outDir, "source.sha256"), `${sourceHash()}\n`);
}

if (process.argv[1] === import.meta.filename) await buildInto(process.argv[2] ?? join(root, "dist"));
