package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonScanner;
import ai.llmd.epp.json.JsonString;

/** A JSON string of a body as a text of a prompt. */
public final class BodyText extends JsonString implements Utf8Text {

  /** No name of a model, salt or id is longer; of one that is, the rest is not looked at. */
  static final int MAX_NAME_BYTES = 4_096;

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

  /** What it names, of {@value #MAX_NAME_BYTES} bytes at most. */
  public String name() {
    return beginning(MAX_NAME_BYTES);
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
