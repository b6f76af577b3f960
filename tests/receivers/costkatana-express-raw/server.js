// The careful Cost Katana receiver: the documented `verify` hook keeps the raw body,
// and a timestamp more than five minutes away, in either direction, is refused.
import crypto from 'node:crypto';
import express from 'express';

const TOLERANCE_MS = 5 * 60 * 1000;

function verifyWebhookSignature(payload, timestamp, signature, secret) {
  const hex = crypto.createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
  return `sha256=${hex}` === signature;
}

// The page names no unit: from 1e11 on it is milliseconds, below that seconds.
function isFresh(timestamp) {
  const time = Number(timestamp);
  const ms = time >= 1e11 ? time : time * 1000;
  return Math.abs(Date.now() - ms) <= TOLERANCE_MS; // false for NaN: no timestamp, or no number
}

const app = express();
app.use(express.json({
  verify: (req, res, buf) => {
    req.rawBody = buf.toString();
  },
}));

app.post('/webhooks/costkatana', (req, res) => {
  const signature = req.headers['x-costkatana-signature'];
  const timestamp = req.headers['x-costkatana-timestamp'];
  if (!verifyWebhookSignature(req.rawBody, timestamp, signature, process.env.WEBHOOK_SECRET)) {
    return res.status(401).send('Invalid signature');
  }
  if (!isFresh(timestamp)) {
    return res.status(401).send('Timestamp outside tolerance');
  }
  console.log(req.body.event_type);
  res.status(200).send('OK');
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on ${server.address().port}`);
});
