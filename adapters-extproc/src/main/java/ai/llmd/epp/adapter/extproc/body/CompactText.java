package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.CompactJson;
import ai.llmd.epp.json.Utf8Output;

/**
 * A JSON value of a body as {@link CompactJson} spells it: in the order and with the numbers of the
 * client.
 */
public final class CompactText extends RewrittenText {

  public CompactText(byte[] body, int start, int end) {
    super(body, start, end);
  }

  @Override
  void writeTo(Utf8Output output) {
    CompactJson.write(body, start, end, output);
  }
}
