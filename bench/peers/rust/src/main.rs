//! Runs a pipeline given as text, with the elements of gst-plugins-rs that are linked in.
//! `peer TEXT...`; one line on stdout when it plays, one for each error or warning on stderr.
use gst::prelude::*;

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    gst::init()?;
    gstrswebrtc::plugin_register_static()?;
    gstrsrtp::plugin_register_static()?;
    let text = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let pipeline = gst::parse::launch(&text)?
        .downcast::<gst::Pipeline>()
        .map_err(|_| "it is no pipeline")?;
    let bus = pipeline.bus().ok_or("a pipeline without a bus")?;
    pipeline.set_state(gst::State::Playing)?;
    let outcome = watch(&pipeline, &bus);
    pipeline.set_state(gst::State::Null)?;
    outcome
}

/// Until the end of the stream, or an error.
fn watch(pipeline: &gst::Pipeline, bus: &gst::Bus) -> Result<(), Box<dyn std::error::Error>> {
    use gst::MessageView;
    for message in bus.iter_timed(gst::ClockTime::NONE) {
        match message.view() {
            MessageView::Eos(_) => break,
            MessageView::Error(error) => return Err(error.error().into()),
            MessageView::Warning(warning) => eprintln!("{}", warning.error()),
            MessageView::StateChanged(change)
                if change.src() == Some(pipeline.upcast_ref::<gst::Object>())
                    && change.current() == gst::State::Playing =>
            {
                println!("playing");
            }
            _ => (),
        }
    }
    Ok(())
}
