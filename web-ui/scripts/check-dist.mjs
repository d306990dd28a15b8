// Proves that `dist` was built from these sources: its stored hash fits, building again gives the
// same bytes, and it stays small.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildInto } from "./build.mjs";
import { filesBelow, root, sourceHash } from "./source-hash.mjs";

const BUDGET = 250 * 1024;

const dist = join(root, "dist");
const problems = [];

const stored = readFileSync(join(dist, "source.sha256"), "utf8").trim();
if (stored !== sourceHash()) problems.push("dist/source.sha256 does not fit the sources");

const again = mkdtempSync(join(tmpdir(), "web-ui-"));
try {
  await buildInto(again);
  const files = filesBelow(dist, dist).sort();
  const fresh = filesBelow(again, again).sort();
  if (files.join() !== fresh.join()) problems.push(`dist holds ${files.join(", ")} but a build makes ${fresh.join(", ")}`);
  for (const file of files.filter((one) => fresh.includes(one))) {
    if (!readFileSync(join(dist, file)).equals(readFileSync(join(again, file)))) problems.push(`dist/${file} differs from a new build`);
  }
} finally {
  rmSync(again, { recursive: true });
}

const size = filesBelow(dist, dist).reduce((total, file) => total + readFileSync(join(dist, file)).length, 0);
if (size > BUDGET) problems.push(`dist has ${size} bytes; at most ${BUDGET} are allowed`);

if (problems.length > 0) {
  console.error(`dist is not current: run "npm run build" and commit it\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  process.exitCode = 1;
} else {
  console.log(`dist is current (${size} bytes)`);
}
