// What the launcher cannot be faster than: the same pipeline by the bindings alone, in the fewest calls.
const gi = require('node-gtk');

const Gst = gi.require('Gst', '1.0');
Gst.init([]);
const pipeline = Gst.parseLaunch(process.argv[2]);
pipeline.setState(Gst.State.PAUSED);
pipeline.setState(Gst.State.PLAYING);
const bus = pipeline.getBus();
let message;
do message = bus.pop();
while (message?.type !== Gst.MessageType.NEW_CLOCK);
console.log('New clock');
process.on('SIGINT', () => process.exit());
setInterval(() => undefined, 1000);
