// Builds the component: `node build.mjs FILE`, in this folder.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { componentize } from "@bytecodealliance/componentize-js";

const [, , component = "build/plugin.wasm"] = process.argv;

// An action has no files: the schema goes into the component as a module.
const schema = await readFile("config-schema.json", "utf8");
await mkdir("build", { recursive: true });
await writeFile("build/config-schema.js", `export default ${JSON.stringify(schema)};\n`);

const built = await componentize({
  sourcePath: "action.js",
  witPath: "wit",
  worldName: "plugin",
  // An action may import the log of its world and nothing else: no clock, no
  // randomness, no console.
  disableFeatures: ["clocks", "fetch-event", "http", "random", "stdio"],
});
await mkdir(dirname(component), { recursive: true });
await writeFile(component, built.component);
