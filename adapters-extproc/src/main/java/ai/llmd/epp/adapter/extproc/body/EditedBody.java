package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.BodyEdits;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

/** A body with some of its spans replaced. The usual case, one span, shares the body's bytes. */
public final class EditedBody {

  private EditedBody() {}

  /** The whole new body. */
  public static ByteString of(ByteString body, BodyEdits edits) {
    ByteString replacement = UnsafeByteOperations.unsafeWrap(edits.replacement());
    return edits.count() == 1
        ? body.substring(0, edits.start(0)).concat(replacement).concat(body.substring(edits.end(0)))
        : replaceAll(body, edits);
  }

  /** Copies once, where a rope of many pieces would be slow to read. */
  private static ByteString replaceAll(ByteString body, BodyEdits edits) {
    byte[] bytes = body.toByteArray();
    byte[] replacement = edits.replacement();
    ByteString.Output output = ByteString.newOutput(bytes.length + replacement.length);
    int copied = 0;
    for (int i = 0; i < edits.count(); i++) {
      output.write(bytes, copied, edits.start(i) - copied);
      output.write(replacement, 0, replacement.length);
      copied = edits.end(i);
    }
    output.write(bytes, copied, bytes.length - copied);
    return output.toByteString();
  }
}
