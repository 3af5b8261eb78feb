package ai.llmd.epp.adapter.extproc.body.vllm;

import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.tokenIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages are given in hexadecimal: recorded ones, and ones written by hand after them. */
class VllmGrpcParserTest {

  private static final String GENERATE = "/vllm.grpc.engine.VllmEngine/Generate";
  private static final String EMBED = "/vllm.grpc.engine.VllmEngine/Embed";

  private final VllmGrpcParser parser = new VllmGrpcParser();

  @Test
  void readsATextPrompt() {
    ParsedBody body = parsed(GENERATE, "00 00000009 1a0568656c6c6f 2801");
    assertThat(body.api()).isEqualTo(ApiKind.COMPLETIONS);
    assertThat(texts(body)).containsExactly("hello");
    assertThat(body.isStreaming()).isTrue();
    assertThat(body.outputTokenCap()).isEqualTo(-1);
    assertThat(body.modelRenaming()).isSameAs(ModelRenaming.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1205 1203 01ac02", "1205 1001 10ac02", "1a0161 1205 1001 10ac02"})
  void readsTokenIdsPackedOrNot(String input) {
    ParsedBody body = parsed(GENERATE, framed("0a0172" + input + "2202 4005"));
    assertThat(tokenIds(body, 0)).containsExactly(1, 300);
    assertThat(body.outputTokenCap()).isEqualTo(5);
    assertThat(body.isStreaming()).isFalse();
  }

  @Test
  void readsPlacesOfImagesWithTheHashesBesideThem() {
    String images = "3a0e 2a04 0802 1003 2a02 0809 3202 6162";
    ParsedBody body = parsed(GENERATE, framed("1205 1203 01ac02" + images));
    assertThat(body.prompts().getFirst().placed())
        .containsExactly(
            new PlacedAsset(Modality.IMAGE, "ab", 2, 3), new PlacedAsset(Modality.IMAGE, "", 9, 0));
    assertThat(parsed(GENERATE, framed("1a0161" + images)).prompts().getFirst().placed())
        .as("a text has no places")
        .isEmpty();
  }

  @Test
  void takesTheFirstPlacesOfImages() {
    String images = "3a02 2a00".repeat(PieceList.MAX_PIECES + 1);
    ParsedBody body = parsed(GENERATE, framed("1205 1203 01ac02" + images));
    assertThat(body.prompts().getFirst().placed()).hasSize(PieceList.MAX_PIECES);
  }

  @Test
  void readsEmbedRequests() {
    ParsedBody body = parsed(EMBED, framed("1203 120107"));
    assertThat(body.api()).isEqualTo(ApiKind.EMBEDDINGS);
    assertThat(tokenIds(body, 0)).containsExactly(7);
  }

  @ParameterizedTest
  @CsvSource({
    "Generate, 616263, invalid or unsupported gRPC payload",
    "Generate, 00 00000002 1a, invalid or unsupported gRPC payload",
    "Generate, 00 ffffffff 1a, invalid or unsupported gRPC payload",
    "Generate, 00 00000002 1a05, invalid or unsupported gRPC payload",
    "Generate, 00 00000000, not supported request inputType",
    "Embed, 00 00000000, missing tokenized input in EmbedRequest",
  })
  void refusesOtherBodies(String method, String body, String error) {
    assertThat(parse("/vllm.grpc.engine.VllmEngine/" + method, body))
        .isEqualTo(new ParseOutcome.Malformed(error));
  }

  @Test
  void passesCompressedMessagesOnUnread() {
    ParsedBody body = parsed(GENERATE, "01 00000003 1f8b08");
    assertThat(body.prompts()).isEmpty();
    assertThat(body.api()).isEqualTo(ApiKind.NONE);
  }

  @Test
  void passesUnknownMethodsOnAndSkipsTheirResponse() {
    assertThat(parsed("/vllm.grpc.engine.VllmEngine/Abort", "61").skipsResponse()).isTrue();
  }

  @Test
  void ignoresWhatFollowsTheFirstMessage() {
    assertThat(texts(parsed(GENERATE, "00 00000003 1a0161 ffff"))).containsExactly("a");
  }

  @ParameterizedTest
  @CsvSource({
    "1206 1807 200a 2802, 7, 10, 2", // recorded
    "0a07 0a0101 1003 1804, 3, 4, 0",
    "0a06 1003 1804 2001, 3, 4, 1",
    "0a02 1003, 3, 0, 0",
  })
  void readsUsageOfGenerateResponses(String message, int prompt, int completion, int cached) {
    assertThat(read(framed(message)))
        .isEqualTo(new Usage(prompt, completion, prompt + completion, cached));
  }

  @Test
  void readsUsageOfEmbedResponses() {
    assertThat(read(framed("1009 1803"))).isEqualTo(new Usage(9, 0, 9, -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00000000", "0000000000", "00000000070a050a03010203", "0000000002ffff"})
  void findsNoUsageInOtherResponses(String chunk) {
    assertThat(read(chunk)).isNull();
  }

  @RepeatedTest(100)
  void survivesRandomMessages(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    byte[] noise = new byte[5 + random.nextInt(40)];
    random.nextBytes(noise);
    noise[0] = 0;
    noise[1] = 0;
    noise[2] = 0;
    noise[3] = 0;
    noise[4] = (byte) (noise.length - 5);
    assertThatCode(
            () -> {
              Parsers.parse(parser, GENERATE, noise);
              Parsers.parse(parser, EMBED, noise);
              Parsers.usage(parser.usageReader(false), ByteString.copyFrom(noise));
            })
        .doesNotThrowAnyException();
  }

  @Test
  void readsTheLastUsageOfAStreamThatIsCutAnywhere() {
    String first = framed("0a 04 10 0b 18 01"); // chunk {prompt_tokens: 11, completion_tokens: 1}
    String last = framed("0a 06 10 0b 18 03 20 08"); // and 3, cached_tokens: 8
    String tokens = framed("0a 84 80 04 0a 80 80 04" + "00".repeat(0x10000)); // token_ids
    byte[] stream = bytes(first + tokens + last);
    Usage expected = new Usage(11, 3, 14, 8);
    for (int cut = 0; cut <= stream.length; cut += cut < 40 || cut > stream.length - 40 ? 1 : 997) {
      UsageReader reader = parser.usageReader(false);
      Usage merged = merged(Usage.NONE, Parsers.usage(reader, ByteString.copyFrom(stream, 0, cut)));
      ByteString rest = ByteString.copyFrom(stream, cut, stream.length - cut);
      assertThat(merged(merged, Parsers.usage(reader, rest)))
          .as("cut at %s", cut)
          .isEqualTo(expected);
    }
    UsageReader reader = parser.usageReader(false);
    Usage merged = Usage.NONE;
    for (byte one : stream) {
      merged = merged(merged, Parsers.usage(reader, ByteString.copyFrom(new byte[] {one})));
    }
    assertThat(merged).isEqualTo(expected);
  }

  private static Usage merged(Usage before, @Nullable Usage reported) {
    return reported == null ? before : before.merge(reported);
  }

  private static String framed(String message) {
    String digits = message.replace(" ", "");
    return "00%08x".formatted(digits.length() / 2) + digits;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private ParseOutcome parse(String path, String hex) {
    return Parsers.parse(parser, path, bytes(hex));
  }

  private ParsedBody parsed(String path, String hex) {
    return ((ParseOutcome.Parsed) parse(path, hex)).body();
  }

  private @Nullable Usage read(String hex) {
    return Parsers.usage(parser.usageReader(false), ByteString.copyFrom(bytes(hex)));
  }
}
