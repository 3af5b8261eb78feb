package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model server reports of its KV cache, as a running picker has read it.
 *
 * @param tokens of one block; 0 when it reports none
 */
public record ReportedBlocks(String endpoint, int tokens) {

  /**
   * Reads the page {@code /live/pool}.
   *
   * @throws IOException when it is no such page
   */
  public static List<ReportedBlocks> of(String page) throws IOException {
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
    JsonScanner json = new JsonScanner(bytes, 0, bytes.length);
    List<ReportedBlocks> reported = new ArrayList<>();
    if (json.kind() == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        if (json.keyIs("endpoints") && json.kind() == JsonKind.ARRAY) {
          endpoints(json, reported);
        } else {
          json.skip();
        }
      }
    }
    json.finish();
    if (json.error() != null) {
      throw new IOException("the picker's page /live/pool cannot be read: " + json.error());
    }
    return reported;
  }

  private static void endpoints(JsonScanner json, List<ReportedBlocks> reported) {
    json.enter();
    while (json.nextElement()) {
      if (json.kind() == JsonKind.OBJECT) {
        reported.add(endpoint(json));
      } else {
        json.skip();
      }
    }
  }

  private static ReportedBlocks endpoint(JsonScanner json) {
    String id = "";
    int tokens = 0;
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("id") && json.kind() == JsonKind.STRING) {
        id = json.text().content();
      } else if (json.keyIs("blockTokens") && json.kind() == JsonKind.NUMBER) {
        tokens = (int) json.number();
      } else {
        json.skip();
      }
    }
    return new ReportedBlocks(id, tokens);
  }
}
