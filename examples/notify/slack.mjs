// Tells a Slack channel of an event: ckwh listen --exec 'node examples/notify/slack.mjs'
// SLACK_HOOK is the address of an incoming webhook: https://api.slack.com/messaging/webhooks
const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const event = JSON.parse(Buffer.concat(pieces));
// What an event says was written by others: & < > would be read as Slack's own signs.
const plain = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const text = `${plain(process.env.CKWH_CAPTURE_EVENT)}: ${plain(event.title ?? 'no title')}`;
const answer = await fetch(process.env.SLACK_HOOK, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text }),
});
// A status that is not 0 is told by `ckwh listen`.
if (!answer.ok) throw new Error(`Slack answered ${answer.status}`);
