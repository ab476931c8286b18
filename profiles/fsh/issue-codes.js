// Writes the code system of issue codes from the tables of docs/errors.md.
const { readFileSync } = require("node:fs");

const rows = readFileSync(process.argv[2], "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => /^`[a-z0-9]+\.[a-z0-9-]+`$/.test(cells[1] ?? "") && cells.length === 8)
  .map((cells) => `* #${cells[1].slice(1, -1)} "${cells[6].replaceAll("`", "").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
if (rows.length === 0) {
  throw new Error("no issue codes found");
}

console.log(`CodeSystem: GatewayIssue
Id: gateway-issue
Title: "Issues"
Description: "What can be wrong with an input or a resource."
* ^caseSensitive = true
* ^content = #complete
${rows.join("\n")}`);
