package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonScanner;
import ai.llmd.epp.json.JsonString;

/** A JSON string of a body as a text of a prompt. */
public final class BodyText extends JsonString implements Utf8Text {

  /** What a missing or null string reads as. */
  public static final BodyText EMPTY = new BodyText();

  private BodyText() {}

  private BodyText(JsonScanner json) {
    super(json);
  }

  /** Reads the string that starts here; an empty one when it is broken. */
  public static BodyText read(JsonScanner json) {
    return json.scanText() ? new BodyText(json) : EMPTY;
  }

  @Override
  public void writeTo(ByteSink sink) {
    if (isVerbatim) {
      sink.write(body, start, end - start);
    } else {
      SinkOutput output = new SinkOutput(sink, byteLength());
      decodeTo(output);
      output.flush();
    }
  }
}
