// Reads payloads of GitHub's webhooks, each behind its type, and prints those that are not valid under GitHub's own description.
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
  // The description's `pull-request-opened` is the type `pull_request.opened`.
  const described = new Map(Object.keys(document.webhooks).map((name) => [name.replaceAll('.', '-'), name]));
  described.set('custom-property-promote-to-enterprise', 'custom-property-promoted-to-enterprise');
  described.set('repository-dispatch-sample-collected', 'repository-dispatch-sample.collected');
  const [wrong, compiled] = [[], new Map()];
  const payloads = JSON.parse(readFileSync(0, 'utf8'));
  for (const [type, payload] of payloads) {
    const name = described.get(type.replaceAll(/[_.]/g, '-'));
    const place = `https://github.example/description#/webhooks/${name}/post/requestBody/content/application~1json/schema`;
    const isValid = compiled.get(place) ?? ajv.compile({ $ref: place });
    compiled.set(place, isValid);
    if (!isValid(payload)) wrong.push(`${type}: ${ajv.errorsText(isValid.errors)}`);
  }
  console.log(JSON.stringify({ named: Object.keys(document.webhooks).length, wrong }));
}
