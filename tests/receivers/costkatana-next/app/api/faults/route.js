// A right handler of Cost Katana's deliveries in Next.js, and the ways in which FAULT makes it wrong: one at a time.
// GET prints what it did.
import crypto from 'node:crypto';

const fault = process.env.FAULT ?? '';
const state = (globalThis.faults ??= { effects: [], seen: new Set() });

function isSigned(request, body) {
  const time = request.headers.get('x-costkatana-timestamp') ?? '';
  const given = Buffer.from(request.headers.get('x-costkatana-signature') ?? '');
  const hex = crypto.createHmac('sha256', process.env.HANDLER_SECRET).update(`${time}.`).update(body).digest('hex');
  const right = Buffer.from(`sha256=${hex}`);
  if (given.length !== right.length || !crypto.timingSafeEqual(given, right)) return false;
  return fault === 'no-time' || Math.abs(Date.now() - Number(time)) <= 300_000;
}

function written(bytes) {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(bytes)));
  } catch {
    return bytes;
  }
}

export async function POST(request) {
  const bytes = Buffer.from(await request.arrayBuffer());
  const body = fault === 'writes-json-again' ? written(bytes) : bytes;
  if (!isSigned(request, body)) return new Response(null, { status: 401 });
  let id;
  try {
    id = JSON.parse(bytes).event_id;
  } catch {
    return new Response(null, { status: 400 });
  }
  if (typeof id !== 'string') return new Response(null, { status: 400 });
  if (fault === 'counts-twice' || !state.seen.has(id)) state.effects.push(id);
  state.seen.add(id);
  return new Response(null, { status: 204 });
}

export function GET() {
  return new Response(state.effects.map((id) => `${id}\n`).join(''));
}
