// The official client in TypeScript: starts the server that standard input names, makes its calls, prints what came of them.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const { command, args, env, cwd, calls, cancelled } = JSON.parse(readFileSync(0, 'utf8'));
const client = new Client({ name: 'test', version: '1.0.0' });
await client.connect(new StdioClientTransport({ command, args, env, cwd, stderr: 'ignore' }));

const { tools } = await client.listTools();
const { prompts } = await client.listPrompts();
const prompt = await client.getPrompt({ name: prompts[0].name });
const results = [];
for (const call of calls) results.push(await client.callTool(call));
const resource = await client.readResource({ uri: 'capture:///sent' });

const abort = new AbortController();
setTimeout(() => abort.abort(), 300);
const begun = Date.now();
const ended = await client.callTool(cancelled, undefined, { signal: abort.signal }).then(
  () => 'done',
  () => 'cancelled',
);
const took = Date.now() - begun;
// The server goes on to work behind it.
const after = await client.callTool(calls[0]);
await client.close();

console.log(
  JSON.stringify({
    tools: tools.map((tool) => tool.name),
    hints: Object.fromEntries(tools.map((tool) => [tool.name, tool.annotations.readOnlyHint])),
    prompt: prompt.messages[0].content.text,
    results: results.map((result) => ({ isError: result.isError ?? false, structured: result.structuredContent })),
    resource: resource.contents[0].text,
    ended,
    took,
    after: after.isError ?? false,
  }),
);
