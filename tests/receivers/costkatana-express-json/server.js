// Cost Katana's documented Express receiver: it verifies its own re-serialisation
// of the body, compares with ===, and never looks at the time.
import crypto from 'node:crypto';
import express from 'express';

function verifyWebhookSignature(payload, timestamp, signature, secret) {
  const hex = crypto.createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
  return `sha256=${hex}` === signature;
}

// Reads what the documented handlers read; a missing object throws, which Express answers with 500.
function handle(event) {
  switch (event.event_type) {
    case 'cost.alert':
      return `${event.title}: $${event.cost.amount}, ${event.description}`;
    case 'budget.exceeded':
      return `current $${event.cost.amount}, limit $${event.metrics.threshold}`;
    case 'budget.warning':
      return `budget at ${(event.metrics.current / event.metrics.threshold) * 100}%`;
    case 'optimization.suggested': {
      const savings = event.metrics.estimated_savings;
      return savings > 10 ? `saves $${savings}, applied ${event.optimization_id}` : `saves $${savings}`;
    }
    default:
      return 'no handler';
  }
}

const app = express();
app.use(express.json());

app.post('/webhooks/costkatana', (req, res) => {
  const signature = req.headers['x-costkatana-signature'];
  const timestamp = req.headers['x-costkatana-timestamp'];
  const payload = JSON.stringify(req.body);
  if (!verifyWebhookSignature(payload, timestamp, signature, process.env.WEBHOOK_SECRET)) {
    return res.status(401).send('Invalid signature');
  }
  const event = req.body;
  console.log(event.event_type, handle(event));
  res.status(200).send('OK');
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on ${server.address().port}`);
});
