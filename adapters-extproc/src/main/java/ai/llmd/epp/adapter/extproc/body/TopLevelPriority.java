package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.adapter.extproc.message.BackingArray;
import ai.llmd.epp.application.parsing.BodyEdits;
import ai.llmd.epp.json.JsonScanner;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/**
 * Writes a priority for the model server into a JSON body: replaces the values of its top-level
 * {@code priority} keys, the first ones and the last, so that it does not matter which one the
 * server believes, or else adds the key in front. Every other byte stays as it is.
 */
public final class TopLevelPriority {

  private static final String KEY = "priority";

  private TopLevelPriority() {}

  /**
   * The body with this priority.
   *
   * @param body a JSON object that has been read without an error
   */
  public static ByteString written(ByteString body, int priority) {
    byte[] bytes = BackingArray.of(body);
    JsonScanner json = JsonBody.scanner(bytes, body.size());
    ModelRewriter.Places places = new ModelRewriter.Places();
    int inside = json.position() + 1;
    JsonBody.read(
        json,
        JsonBody.GENERIC,
        members -> {
          if (!members.keyIs(KEY)) {
            return false;
          }
          int start = members.position();
          members.skip();
          places.add(start, members.position());
          return true;
        });
    String value = Integer.toString(priority);
    BodyEdits edits =
        places.isEmpty()
            ? ModelRewriter.insertion(bytes, inside, "\"" + KEY + "\":" + value)
            : places.edits(value.getBytes(StandardCharsets.UTF_8));
    return EditedBody.of(body, edits);
  }
}
