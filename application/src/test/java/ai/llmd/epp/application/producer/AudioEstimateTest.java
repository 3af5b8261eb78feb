package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.producer.EstimateParameters.Audio;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sounds as version 0.11 estimates them. */
class AudioEstimateTest {

  private static final Audio DEFAULTS = new Audio(0, 0, 0, 0, 0);

  private static long count(Audio audio, String content, Map<String, String> headers) {
    var parameters =
        new EstimateParameters(
            EstimateParameters.DEFAULT.image(), EstimateParameters.DEFAULT.video(), audio);
    var sound = new PromptPiece.Asset(Modality.AUDIO, Utf8Text.of(content));
    return new PromptEstimator(parameters)
        .estimate(
            request(
                "m", "", -1, ApiKind.CHAT_COMPLETIONS, headers::get, new Prompt(List.of(sound))))
        .totalTokens();
  }

  private static String wav(int byteRate, int bytes) {
    byte[] content = new byte[bytes];
    ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    header.put("RIFF".getBytes(StandardCharsets.US_ASCII));
    header.putInt(bytes - 8);
    header.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII));
    header.putInt(16).putShort((short) 1).putShort((short) 1).putInt(8_000).putInt(byteRate);
    return Base64.getEncoder().encodeToString(content);
  }

  @Test
  void theDurationOfTheHeaderCountsFirst() {
    assertThat(count(DEFAULTS, wav(1_000, 60_000), Map.of("x-llm-d-audio-duration-seconds", "2")))
        .isEqualTo(2 * 13 + 14);
  }

  @Test
  void thenTheRateOfTheSoundsOwnHeader() {
    assertThat(count(DEFAULTS, wav(6_000, 60_000), Map.of())).isEqualTo(10 * 13 + 14);
    assertThat(count(DEFAULTS, "data:audio/wav;base64," + wav(6_000, 60_000), Map.of()))
        .isEqualTo(10 * 13 + 14);
  }

  @Test
  void thenItsSize() {
    String sound = Base64.getEncoder().encodeToString(new byte[48_000]);

    assertThat(count(DEFAULTS, sound, Map.of())).isEqualTo(3 * 13 + 14);
    assertThat(count(DEFAULTS, sound, Map.of("x-llm-d-audio-bytes-per-second", "4800")))
        .isEqualTo(10 * 13 + 14);
  }

  @Test
  void thenTheDefault() {
    assertThat(count(DEFAULTS, "https://example.org/a.wav", Map.of())).isEqualTo(10 * 13 + 14);
    assertThat(count(new Audio(2, 1, 0, 30, 50), "https://example.org/a.wav", Map.of()))
        .isEqualTo(50 + 1);
  }

  @Test
  void aDurationBeyondAllMeasureIsTheMostThatThereIs() {
    assertThat(count(DEFAULTS, "", Map.of("x-llm-d-audio-duration-seconds", "1e300")))
        .isEqualTo(PromptEstimator.MAX_ASSET_TOKENS);
  }

  @Test
  void whatIsNoSoundIsSizedToo() {
    assertThat(count(DEFAULTS, "", Map.of())).isEqualTo(10 * 13 + 14);
    assertThat(count(DEFAULTS, "!".repeat(100), Map.of())).isEqualTo(14);
    assertThat(count(DEFAULTS, "data:audio/wav", Map.of())).isEqualTo(10 * 13 + 14);
  }
}
