// An Express receiver as it is often written: it logs what it computed, and refuses what differs.
const crypto = require('node:crypto');
const express = require('express');

const app = express();
/*PARSER*/
app.post('/hook', (req, res) => {
  const body = /*BODY*/;
  const mac = crypto.createHmac('sha256', process.env.SECRET);
  const computed = 'sha256=' + mac.update(`${req.get('X-CostKatana-Timestamp')}.`).update(body).digest('hex');
  console.log(`computed ${computed}, received ${req.get('X-CostKatana-Signature')}`);
  res.sendStatus(computed === req.get('X-CostKatana-Signature') ? 200 : 401);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
