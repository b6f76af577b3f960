// QuotaWatch's documented Express receiver: it verifies the raw body in constant time.
// A signature that is missing, or not as long as the right one, throws: Express answers 500.
import crypto from 'node:crypto';
import express from 'express';

function verifySignature(body, signature, secret) {
  const hex = crypto.createHmac('sha256', secret).update(body).digest('hex');
  return crypto.timingSafeEqual(Buffer.from(`sha256=${hex}`), Buffer.from(signature));
}

const app = express();

app.post('/webhooks/quotawatch', express.raw({ type: 'application/json' }), (req, res) => {
  const signature = req.headers['x-quotawatch-signature'];
  const body = req.body.toString();
  if (!verifySignature(body, signature, process.env.QUOTAWATCH_WEBHOOK_SECRET)) {
    return res.status(401).json({ error: 'Invalid signature' });
  }
  const event = JSON.parse(body);
  console.log(event.event, event.data.apiName, `${event.data.pctUsed}%`);
  res.json({ received: true });
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on ${server.address().port}`);
});
