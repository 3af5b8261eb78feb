package ai.llmd.epp.adapter.extproc.body;

import static ai.llmd.epp.adapter.extproc.body.Parsers.assertSurvives;
import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.tokenIds;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.json.RandomJson;
import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The model servers' own APIs, whose prompts are token ids. */
class GenerateParsersTest {

  private static final String VLLM_PATH = "/inference/v1/generate";
  private static final String SGLANG_PATH = "/generate";

  private final VllmHttpParser vllm = new VllmHttpParser();
  private final SglangHttpParser sglang = new SglangHttpParser();

  @Test
  void readsVllmRequests() {
    String text =
        "{\"Token_IDs\":[1,null,4294967295],\"cache_salt\":\"s\",\"stream\":true,\"model\":\"m\","
            + "\"sampling_params\":{\"max_tokens\":5,\"other\":{}},\"features\":{\"mm_hashes\":"
            + "{\"image\":[\"a\"]},\"mm_placeholders\":{\"image\":[{\"offset\":1,\"length\":2}]}}}";
    ParsedBody body = parsed(vllm, VLLM_PATH, text);
    assertThat(tokenIds(body, 0)).containsExactly(1, 0, -1);
    assertThat(body.cacheSalt()).isEqualTo("s");
    assertThat(body.isStreaming()).isTrue();
    assertThat(body.outputTokenCap()).isEqualTo(5);
    ByteString rewritten =
        EditedBody.of(ByteString.copyFromUtf8(text), body.modelRenaming().edits("n"));
    assertThat(rewritten.toStringUtf8()).isEqualTo(text.replace("\"m\"", "\"n\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"token_ids\":[7,1.5]}|invalid generate request: token_ids[1]: invalid value 1.5",
        "{\"token_ids\":[4294967296]}|"
            + "invalid generate request: token_ids[0]: invalid value 4294967296",
        "{\"token_ids\":\"\"}|invalid generate request: must have non-empty token_ids field",
        "{\"text\":\"hi\"}|invalid generate request: must have non-empty token_ids field",
        "{\"token_ids\":null}|invalid generate request: must have non-empty token_ids field",
        "null|invalid generate request: must have non-empty token_ids field",
        "[]|json: cannot unmarshal array into Go value of type map[string]interface {}",
        "{|unexpected end of JSON input",
      })
  void refusesOtherVllmRequests(String body, String error) {
    assertThat(error(vllm, VLLM_PATH, body)).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[\"a\"]", "[[1,2]]", "[1,\"a\"]", "\"ids\"", "{}", "5", "true"})
  void routesTokenIdsOfAnyOtherShapeWithoutAPrompt(String tokenIds) {
    String body = "{\"model\":\"m\",\"stream\":true,\"token_ids\":" + tokenIds + "}";
    assertThat(parsed(vllm, VLLM_PATH, body).prompts()).isEmpty();
    assertThat(parsed(vllm, VLLM_PATH, body).isStreaming()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"features\":5",
        "\"features\":{\"mm_hashes\":[],\"mm_placeholders\":\"x\"}",
        "\"features\":{\"mm_hashes\":{\"image\":{}},\"mm_placeholders\":{\"image\":[1]}}",
        "\"sampling_params\":[]",
        "\"cache_salt\":{}",
      })
  void takesAnOptionalFieldOfTheWrongTypeForMissing(String field) {
    ParsedBody body = parsed(vllm, VLLM_PATH, "\uFEFF{\"token_ids\":[1,2]," + field + "}");
    assertThat(tokenIds(body, 0)).containsExactly(1, 2);
    assertThat(body.prompts().getFirst().placed()).isEmpty();
    assertThat(body.cacheSalt()).isEmpty();
  }

  @Test
  void pairsHashesAndPlacesOfVllmFeaturesByOffset() {
    assertThat(
            placed(
                """
                {"mm_hashes": {"image": ["b", "a", "left over"], "audio": ["s"], "smell": ["x"]},
                 "mm_placeholders": {
                   "audio": [{"offset": 3, "length": 1}],
                   "image": [{"offset": 5, "length": 2}, {"Offset": 1, "LENGTH": 2}],
                   "video": [{"offset": 0, "length": 9}],
                   "smell": [{"offset": 0, "length": 9}]}}\
                """))
        .containsExactly(
            new PlacedAsset(Modality.IMAGE, "a", 1, 2),
            new PlacedAsset(Modality.AUDIO, "s", 3, 1),
            new PlacedAsset(Modality.IMAGE, "b", 5, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "{\"mm_hashes\":{\"image\":[\"a\"]}}",
        "{\"mm_hashes\":{\"image\":[\"a\"]},\"mm_placeholders\":null}",
        "{\"mm_hashes\":{\"image\":null},\"mm_placeholders\":{\"image\":[{\"offset\":1}]}}",
        "{\"mm_hashes\":{\"image\":[\"a\"]},\"mm_placeholders\":{\"video\":[{\"offset\":1}]}}"
      })
  void findsNoAssetWithoutAHashAndAPlace(String features) {
    assertThat(placed(features)).isEmpty();
  }

  @Test
  void takesWhatAFeatureLeavesOutAsZeroAndBoundsTheRest() {
    assertThat(
            placed(
                "{\"mm_hashes\":{\"image\":[null,\"b\"]},\"mm_placeholders\":{\"image\":"
                    + "[null,{\"offset\":9000000000,\"length\":-5}]}}"))
        .containsExactly(
            new PlacedAsset(Modality.IMAGE, "", 0, 0),
            new PlacedAsset(Modality.IMAGE, "b", Integer.MAX_VALUE, 0));
  }

  private List<PlacedAsset> placed(String features) {
    String body = "{\"token_ids\":[1,2],\"features\":" + features + "}";
    return parsed(vllm, VLLM_PATH, body).prompts().getFirst().placed();
  }

  @Test
  void readsSglangRequests() {
    ParsedBody body =
        parsed(
            sglang,
            "/generate/",
            "{\"Input_ids\":[3,2],\"extra_key\":\"k\",\"stream\":true,\"model\":\"m\","
                + "\"sampling_params\":{\"max_new_tokens\":4}}");
    assertThat(tokenIds(body, 0)).containsExactly(3, 2);
    assertThat(body.cacheSalt()).isEqualTo("k");
    assertThat(body.outputTokenCap()).isEqualTo(4);
    assertThat(body.model()).isEmpty();
    assertThat(body.modelRenaming()).isSameAs(ModelRenaming.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"input_ids\":[[1],2]}|invalid generate request: input_ids must be an array of uint32"
            + " integers",
        "{\"text\":[\"a\"]}|invalid generate request: input_ids must be provided",
        "{\"input_ids\":[1],\"extra_key\":[1]}|unsupported generate request: extra_key must be a"
            + " string",
        "{\"input_ids\":\"\"}|invalid generate request: input_ids cannot be empty",
        "{\"input_ids\":[]}|invalid generate request: input_ids cannot be empty",
        "{\"input_ids\":null}|invalid generate request: input_ids must be provided",
        "[]|invalid generate request: json: cannot unmarshal array into Go value of type"
            + " sglanghttp.sgLangGenerateWire",
        "{\"input_ids\":[1]|invalid generate request: unexpected end of JSON input",
      })
  void refusesOtherSglangRequests(String body, String error) {
    assertThat(error(sglang, SGLANG_PATH, body)).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"input_ids\":[1.0]",
        "\"input_ids\":[-1]",
        "\"input_ids\":[\"a\"]",
        "\"input_ids\":\"x\"",
        "\"input_ids\":{}",
        "\"input_ids\":null,\"input_embeds\":[[0.5]]",
        "\"input_embeds\":[[0.5]]",
      })
  void routesSglangRequestsOfAnyOtherShapeWithoutAPrompt(String fields) {
    String body = "{" + fields + ",\"stream\":\"x\",\"extra_key\":5}";
    assertThat(parsed(sglang, SGLANG_PATH, body).prompts()).isEmpty();
    assertThat(parsed(sglang, SGLANG_PATH, body).isStreaming()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-1, -1", "1.5, -1", "null, -1", "'\"5\"', -1", "0, 0"})
  void takesOnlyWholeNumbersAsSglangCaps(String number, long cap) {
    String body = "{\"input_ids\":[1],\"sampling_params\":{\"max_new_tokens\":" + number + "}}";
    assertThat(parsed(sglang, SGLANG_PATH, body).outputTokenCap()).isEqualTo(cap);
  }

  @RepeatedTest(100)
  void surviveDamagedBodies(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    String body =
        "{\"token_ids\":[1,2],\"input_ids\":[1,2],\"sampling_params\":{\"max_tokens\":1,"
            + "\"max_new_tokens\":2},\"features\":{\"mm_hashes\":{\"image\":[\"a\"]}},\"x\":"
            + random.next()
            + "}";
    for (int i = 0; i < 20; i++) {
      byte[] damaged = random.damaged(body);
      assertSurvives(vllm, VLLM_PATH, damaged);
      assertSurvives(sglang, SGLANG_PATH, damaged);
    }
  }
}
