package ai.llmd.epp.fuzz;

import ai.llmd.epp.json.CanonicalJson;
import ai.llmd.epp.json.CompactJson;
import ai.llmd.epp.json.JsonScanner;
import ai.llmd.epp.json.Utf8Output;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JSON scanner against Jackson, and what is written out of a text against the text. */
public final class JsonFuzz {

  /** What is further down is written as it stands, with its white space: {@link CanonicalJson}. */
  private static final int MAX_SORTED_DEPTH = 32;

  private JsonFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    @Nullable Object scanned = Trees.scanned(data);
    require(isValid(data) == (scanned != null), "skipping and reading must agree");
    String text = Trees.utf8(data);
    if (text != null) { // other bytes are accepted within strings, and Jackson refuses them
      @Nullable Object parsed = Trees.parsed(text);
      require(Objects.equals(scanned, parsed), "scanned " + scanned + ", parsed " + parsed);
    }
    if (scanned != null) {
      byte[] canonical = canonical(data);
      require(scanned.equals(Trees.scanned(canonical)), "canonical JSON means something else");
      byte[] compact = written(data, CompactJson::write);
      require(scanned.equals(Trees.scanned(compact)), "compact JSON means something else");
      require(
          Arrays.equals(canonical, canonical(compact)) || depth(compact) > MAX_SORTED_DEPTH,
          "canonical JSON depends on white space");
    }
  }

  private static int depth(byte[] json) {
    int depth = 0;
    int deepest = 0;
    boolean isInString = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case '"' -> isInString = !isInString;
        case '\\' -> i++;
        case '{', '[' -> deepest = Math.max(deepest, isInString ? 0 : ++depth);
        case '}', ']' -> depth -= isInString ? 0 : 1;
        default -> {}
      }
    }
    return deepest;
  }

  private static boolean isValid(byte[] data) {
    JsonScanner json = new JsonScanner(data, 0, data.length);
    json.skip();
    json.finish();
    return json.error() == null;
  }

  private static byte[] canonical(byte[] data) {
    return written(data, CanonicalJson::write);
  }

  private interface Writer {
    void write(byte[] body, int start, int end, Utf8Output output);
  }

  private static byte[] written(byte[] data, Writer writer) {
    int start = 0;
    while (start < data.length && " \t\r\n".indexOf(data[start]) >= 0) {
      start++;
    }
    JsonScanner json = new JsonScanner(data, 0, data.length);
    json.skip();
    var bytes = new ByteArrayOutputStream();
    var output =
        new Utf8Output(data.length) {
          @Override
          protected void write(byte[] source, int offset, int length) {
            bytes.write(source, offset, length);
          }
        };
    writer.write(data, start, json.position(), output);
    output.flush();
    return bytes.toByteArray();
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            """
            {"model":"m","messages":[{"role":"user","content":"h\\u00e9llo \\ud83d\\ude00 \\ud800 \\n\\/"},
             {"content":[{"type":"text","text":"ä€😀"},{"type":"image_url","image_url":{"url":"data:,"}}]}],
             "stream":true,"max_tokens":-16,"temperature":0.5e-3,"stop":null,"n":1E400,"a":{},"b":[]}\
            """,
            "[1,2.50,-0,0,1e2,1E-7,12345678901234567890,0.1,true,false,null,\"\",[[]],{}]",
            " {\"b\":1,\"a\":2,\"b\":{\"z\":[1 , 2],\"y\":\"<>&\\u2028\"}}\r\n",
            "\"text\"",
            "-12.5e+3")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
