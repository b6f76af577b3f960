// Cost Katana's documented Next.js receiver: it verifies the text of the raw body,
// compares with ===, and never looks at the time.
import crypto from 'node:crypto';

function verifyWebhookSignature(payload, timestamp, signature, secret) {
  const hex = crypto.createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
  return `sha256=${hex}` === signature;
}

export async function POST(request) {
  const signature = request.headers.get('x-costkatana-signature');
  const timestamp = request.headers.get('x-costkatana-timestamp');
  const body = await request.text();
  if (!verifyWebhookSignature(body, timestamp, signature, process.env.WEBHOOK_SECRET)) {
    return Response.json({ error: 'Invalid signature' }, { status: 401 });
  }
  const event = JSON.parse(body);
  console.log(event.event_type);
  return Response.json({ received: true });
}
