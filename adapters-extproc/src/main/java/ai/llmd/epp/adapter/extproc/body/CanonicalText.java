package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.CanonicalJson;
import ai.llmd.epp.json.Utf8Output;

/**
 * A JSON value of a body as {@link CanonicalJson} spells it, so that equal values become equal
 * texts.
 */
public final class CanonicalText extends RewrittenText {

  public CanonicalText(byte[] body, int start, int end) {
    super(body, start, end);
  }

  @Override
  void writeTo(Utf8Output output) {
    CanonicalJson.write(body, start, end, output);
  }
}
