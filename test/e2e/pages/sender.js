/* Runs in a page before the page's own script: what it sends is one colour and one tone, as its address says
 * (`colour=ff0000&tone=660`), in place of a camera and a microphone. Several colours take turns. */
/* global AudioContext, GainNode, MediaStream, URLSearchParams, document, location, navigator, performance, setInterval */
{
  const parameters = new URLSearchParams(location.search);

  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const tracks = [...(audio ? await sound() : []), ...(video ? picture() : [])];
    return new MediaStream(tracks);
  };

  async function sound() {
    const context = new AudioContext();
    const oscillator = context.createOscillator();
    // Several of them are mixed, and must not be cut off at full scale.
    const gain = new GainNode(context, { gain: 0.3 });
    const out = context.createMediaStreamDestination();
    oscillator.frequency.value = Number(parameters.get('tone'));
    oscillator.connect(gain).connect(out);
    oscillator.start();
    await context.resume();
    return out.stream.getAudioTracks();
  }

  function picture() {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 240];
    const context = canvas.getContext('2d');
    const colours = parameters.getAll('colour');
    const draw = () => {
      const turn = Math.floor(performance.now() / 500);
      context.fillStyle = `#${colours[turn % colours.length]}`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    };
    draw();
    setInterval(draw, 66);
    return canvas.captureStream(15).getVideoTracks();
  }
}
