// Reads payloads of GitHub's webhooks by their names, and prints those that are not valid under GitHub's own description.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv2020 from 'ajv/dist/2020.js';

const path = createRequire(import.meta.url).resolve('@octokit/openapi-webhooks/generated/api.github.com.json');
if (process.argv[2] === 'path') {
  console.log(path);
} else {
  const document = JSON.parse(readFileSync(path, 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
  ajv.addSchema({ $id: 'https://github.example/description', ...document });
  const wrong = [];
  const payloads = JSON.parse(readFileSync(0, 'utf8'));
  for (const [name, payload] of Object.entries(payloads)) {
    const place = `https://github.example/description#/webhooks/${name}/post/requestBody/content/application~1json/schema`;
    const isValid = ajv.compile({ $ref: place });
    if (!isValid(payload)) wrong.push(`${name}: ${ajv.errorsText(isValid.errors)}`);
  }
  console.log(JSON.stringify({ named: Object.keys(document.webhooks).length, wrong }));
}
