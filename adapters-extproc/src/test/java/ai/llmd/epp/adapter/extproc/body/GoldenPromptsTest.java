package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.Utf8Text;
import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The cases of {@code approx_prefix_hashes.json}, up to the bytes of the prompts. Counting the
 * tokens of an asset is not a parser's work: those counts are taken from the recording.
 */
class GoldenPromptsTest {

  static Stream<JsonNode> cases() {
    return Golden.cases("approx_prefix_hashes.json", "cases");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesThePromptsThatTheReferenceHashes(JsonNode request) {
    String path = request.get("path").asString();
    Named<RequestParser> parser = Objects.requireNonNull(Parsers.ALL.find(path)).parser();
    ParsedBody parsed = Parsers.parsed(parser.plugin(), path, request.get("body").asString());

    JsonNode expected = request.get("expected");
    assertThat(parser.type()).isEqualTo(expected.get("parser").asString());
    assertThat(parsed.model()).isEqualTo(expected.get("model").asString());
    assertThat(parsed.isStreaming()).isEqualTo(expected.get("stream").asBoolean());
    assertThat(parsed.outputTokenCap()).isEqualTo(expected.path("maxOutputTokens").asLong(-1));
    assertThat(parsed.cacheSalt()).isEqualTo(expected.path("cacheSalt").asString(""));
    assertThat(parsed.prompts()).hasSize(expected.path("prompts").size());
    for (int i = 0; i < parsed.prompts().size(); i++) {
      assertPrompt(parsed.prompts().get(i), expected.get("prompts").get(i));
    }
  }

  private static void assertPrompt(Prompt prompt, JsonNode expected) {
    List<JsonNode> features = new ArrayList<>(expected.path("multiModalFeatures").values());
    ByteArrayOutputStream tokens = new ByteArrayOutputStream();
    for (PromptPiece piece : prompt.pieces()) {
      switch (piece) {
        case PromptPiece.Text(Utf8Text text) -> tokens.writeBytes(TextBytes.bytes(text));
        case PromptPiece.TokenIds(int[] ids) -> {
          tokens.writeBytes(littleEndian(ids));
          features.clear(); // of tokens that came as such, the features are no pieces
        }
        case PromptPiece.Asset asset -> writeAsset(asset, features.removeFirst(), tokens);
      }
    }
    assertThat(features).isEmpty();
    pad(tokens);
    assertThat(tokens.size() / 4).isEqualTo(expected.get("tokenCount").asInt());
    assertThat(tokens.size() == 0 ? "0" : Long.toUnsignedString(xxHash64(tokens.toByteArray())))
        .isEqualTo(expected.get("tokenBytesXxhash64").asString());
  }

  /** Request-control specification, 5.3, Asset. */
  private static void writeAsset(
      PromptPiece.Asset asset, JsonNode feature, ByteArrayOutputStream tokens) {
    pad(tokens);
    long hash = xxHash64(TextBytes.bytes(asset.content()));
    assertThat(asset.modality())
        .hasToString(feature.get("modality").asString().toUpperCase(Locale.ROOT));
    assertThat(Long.toHexString(hash)).isEqualTo(feature.get("hash").asString());
    assertThat(tokens.size() / 4).isEqualTo(feature.get("offset").asInt());
    for (int i = 0; i < feature.get("length").asInt(); i++) {
      tokens.writeBytes(littleEndian((int) hash));
    }
  }

  private static void pad(ByteArrayOutputStream tokens) {
    while (tokens.size() % 4 != 0) {
      tokens.write(0);
    }
  }

  private static byte[] littleEndian(int... ids) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(ids);
    return buffer.array();
  }

  private static long xxHash64(byte[] bytes) {
    HashStream64 stream = Hashing.xxh64().hashStream();
    return stream.putBytes(bytes).getAsLong();
  }
}
