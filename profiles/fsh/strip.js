// Copies the definitions without the prose that the snapshots repeat from their parents.
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [from, to] = process.argv.slice(2);
const prose = ["definition", "comment", "requirements", "alias", "mapping", "short", "example", "meaningWhenMissing", "orderMeaning"];

for (const file of readdirSync(from).sort()) {
  const definition = JSON.parse(readFileSync(join(from, file), "utf8"));
  delete definition.text;
  delete definition.mapping;
  for (const element of definition.snapshot?.element ?? []) {
    prose.forEach((key) => delete element[key]);
    if (element.binding) delete element.binding.description;
    if (element.slicing) delete element.slicing.description;
    for (const constraint of element.constraint ?? []) delete constraint.xpath;
  }
  writeFileSync(join(to, file), `${JSON.stringify(definition, null, 1)}\n`);
}
