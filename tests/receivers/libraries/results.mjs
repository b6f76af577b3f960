// Reads a JSON Schema and lines of JSON, and prints the lines that are not valid under it. What it does not name is not
// valid here, so that a member that nobody described is found.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

const { schema, lines } = JSON.parse(readFileSync(0, 'utf8'));
const parts = new Set();
for (const type of schema.oneOf) {
  type.unevaluatedProperties = false;
  parts.add(type.$ref);
}
for (const [name, one] of Object.entries(schema.$defs)) {
  if (one.properties && !parts.has(`#/$defs/${name}`)) one.unevaluatedProperties = false;
}
const isValid = new Ajv2020({ strict: false, validateFormats: false, discriminator: true }).compile(schema);
const wrong = [];
for (const line of lines) {
  if (!isValid(JSON.parse(line))) {
    // Of the types that the line is not, nothing is said.
    const said = isValid.errors.filter((error) => !error.schemaPath.endsWith('/type/const'));
    wrong.push(`${line.slice(0, 200)}: ${JSON.stringify(said.slice(0, 5))}`);
  }
}
console.log(JSON.stringify(wrong));
