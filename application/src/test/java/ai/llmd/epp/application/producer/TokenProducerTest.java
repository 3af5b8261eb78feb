package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.text;
import static ai.llmd.epp.application.producer.Requests.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.producer.EstimateParameters.Dynamic;
import ai.llmd.epp.application.producer.EstimateParameters.FrameMode;
import ai.llmd.epp.application.producer.EstimateParameters.FrameStatic;
import ai.llmd.epp.application.producer.EstimateParameters.Frames;
import ai.llmd.epp.application.producer.EstimateParameters.Image;
import ai.llmd.epp.application.producer.EstimateParameters.ImageStatic;
import ai.llmd.epp.application.producer.EstimateParameters.Mode;
import ai.llmd.epp.application.producer.EstimateParameters.Resolution;
import ai.llmd.epp.application.producer.EstimateParameters.Sampled;
import ai.llmd.epp.application.producer.EstimateParameters.Strided;
import ai.llmd.epp.application.producer.EstimateParameters.TokensPerFrame;
import ai.llmd.epp.application.producer.EstimateParameters.Video;
import ai.llmd.epp.application.producer.TokenProducer.Parameters;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.XxHash64;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.PlacedAsset;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenProducerTest {

  private static final EstimateParameters DEFAULTS = EstimateParameters.DEFAULT;

  @Test
  void packsFourBytesIntoATokenAndPadsTheLast() {
    assertThat(tokensOf(request(text("Hello, world!"))))
        .containsExactly(1819043144, 1998597231, 1684828783, 33);
  }

  @Test
  void joinsNeighbouringTexts() {
    assertThat(tokensOf(request(prompt(textPiece("Hel"), textPiece("lo, wor"), textPiece("ld!")))))
        .isEqualTo(tokensOf(request(text("Hello, world!"))));
  }

  @Test
  void takesTokenIdsAsTheyAre() {
    int[] ids = IntStream.range(-300, 700).toArray();
    assertThat(tokensOf(request(tokens(ids)))).isEqualTo(ids);
    assertThat(tokensOf(request(prompt(textPiece("a"), new PromptPiece.TokenIds(new int[] {7})))))
        .containsExactly('a', 7);
  }

  @Test
  void passesOnWhatAClientPlacedAmongItsTokenIds() {
    var placed =
        List.of(
            new PlacedAsset(Modality.IMAGE, "cafe", 1, 2),
            new PlacedAsset(Modality.VIDEO, "", 3, 1));
    var ids = new PromptPiece.TokenIds(new int[] {1, 2, 2, 3});
    TokenizedPrompt prompt = tokenize(request(new Prompt(List.of(ids), placed)));
    assertThat(prompt.totalTokens()).isEqualTo(4);
    assertThat(prompt.features(0))
        .containsExactly(
            new TokenizedPrompt.Feature(Modality.IMAGE, "cafe", 1, 2),
            new TokenizedPrompt.Feature(Modality.VIDEO, "", 3, 1));
  }

  @Test
  void keepsPromptsApart() {
    TokenizedPrompt prompt = tokenize(request(text("abcde"), text(""), text("f")));
    assertThat(prompt.prompts()).isEqualTo(3);
    assertThat(IntStream.range(0, 3).map(prompt::tokens)).containsExactly(2, 0, 1);
    assertThat(prompt.totalTokens()).isEqualTo(3);
  }

  @Test
  void putsNoFactWithoutTokens() {
    SchedulingCycle cycle = cycle(request(text("")));
    new TokenProducer(Parameters.DEFAULT).produce(cycle);
    assertThat(cycle.facts().get(TokenizedPrompt.KEY)).isNull();
    assertThat(new TokenProducer(Parameters.DEFAULT).tokenize(request())).isNull();
  }

  @Test
  void leavesTokensAloneThatAreThereAlready() {
    SchedulingCycle cycle = cycle(request(text("abc")));
    TokenizedPrompt first = tokenize(request(text("x")));
    cycle.facts().put(TokenizedPrompt.KEY, first);
    new TokenProducer(Parameters.DEFAULT).produce(cycle);
    assertThat(cycle.facts().get(TokenizedPrompt.KEY)).isSameAs(first);
  }

  @Test
  void declaresItsFactUnderItsOwnNameAndPutsItUnderTheDefaultOne() {
    var own = new TokenProducer("mine", Parameters.DEFAULT);
    assertThat(own.produces()).extracting(Object::toString).containsExactly("TokenizedPrompt/mine");
    assertThat(new TokenProducer(Parameters.DEFAULT).produces())
        .containsExactly(TokenizedPrompt.KEY);
    SchedulingCycle cycle = cycle(request(text("abc")));
    own.produce(cycle);
    assertThat(cycle.facts().get(TokenizedPrompt.KEY)).isNotNull();
  }

  @Test
  void carriesTheCacheSalt() {
    InferenceRequest salted =
        request("m", "salt", -1, ApiKind.COMPLETIONS, RequestHeaders.NONE, text("x"));
    assertThat(tokenize(salted).cacheSalt()).isEqualTo("salt");
  }

  @Test
  void repeatsTheHashOfAnAssetOnATokenBoundary() {
    var content = "https://example.com/a.png";
    InferenceRequest request =
        request(prompt(textPiece("abcde"), image(content), textPiece("fghi"), image("x")));
    TokenizedPrompt prompt = tokenize(request);
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    long hash = XxHash64.hash(bytes, 0, bytes.length, 0);
    int[] tokens = tokensOf(request);
    assertThat(tokens).hasSize(2 + 225 + 1 + 225);
    assertThat(tokens[1]).isEqualTo('e');
    assertThat(IntStream.range(2, 227).map(i -> tokens[i])).containsOnly((int) hash);
    assertThat(tokens[227]).isEqualTo(0x69686766);
    assertThat(prompt.features(0))
        .startsWith(new TokenizedPrompt.Feature(Modality.IMAGE, Long.toHexString(hash), 2, 225))
        .hasSize(2);
    assertThat(prompt.features(0).get(1).offset()).isEqualTo(228);
  }

  @Test
  void countsAnImageByItsPixels() {
    assertThat(count(DEFAULTS, image(Images.dataUrl("png", Images.png(320, 256))))).isEqualTo(80);
    assertThat(count(DEFAULTS, image(Images.dataUrl("png", Images.png(3, 2))))).isEqualTo(1);
    assertThat(count(DEFAULTS, image("data:image/png;base64,AAAA"))).isEqualTo(225);
  }

  @Test
  void countsAnImageAsConfigured() {
    assertThat(count(images(Mode.STATIC, 0, 0, 7), image("x"))).isEqualTo(7);
    assertThat(count(images(Mode.STATIC, 0, 0, 0), image("x"))).isEqualTo(1);
    assertThat(count(images(Mode.DYNAMIC, 1000, 4096, 7), image("x"))).isEqualTo(1000 * 360 / 4096);
  }

  @Test
  void boundsWhatAnImageMayClaim() {
    String huge = Images.dataUrl("png", Images.png(2_000_000_000, 2_000_000_000));
    assertThat(count(DEFAULTS, image(huge))).isEqualTo(PromptEstimator.MAX_ASSET_TOKENS);
    PromptPiece[] many = new PromptPiece[40];
    Arrays.fill(many, image(huge));
    TokenizedPrompt prompt = tokenize(request(prompt(many), prompt(many)));
    assertThat(prompt.totalTokens())
        .isBetween((long) PromptEstimator.MAX_PLACEHOLDERS, PromptEstimator.MAX_PLACEHOLDERS + 80L);
    assertThat(prompt.tokens(1)).isEqualTo(40);
  }

  @Test
  void readsBareBase64OnlyInTheMessagesApi() {
    String base64 = Images.base64(Images.png(320, 256));
    InferenceRequest messages =
        request("m", "", -1, ApiKind.MESSAGES, RequestHeaders.NONE, prompt(image(base64)));
    assertThat(tokenize(messages).totalTokens()).isEqualTo(80);
    assertThat(tokenize(request(prompt(image(base64)))).totalTokens()).isEqualTo(225);
  }

  @Test
  void countsAudioByItsLength() {
    assertThat(count(DEFAULTS, asset(Modality.AUDIO, "UklGRnxxxxwav"))).isEqualTo(4);
    assertThat(count(DEFAULTS, asset(Modality.AUDIO, ""))).isEqualTo(1);
  }

  @Test
  void countsASampledVideo() {
    assertThat(count(DEFAULTS, video())).isEqualTo(10 * 2 * 225);
    EstimateParameters patched =
        videos(7.5, Mode.STATIC, 9, FrameMode.SAMPLED, 4, 12, 2.5, 2, 0, 0, 0);
    assertThat(count(patched, video())).isEqualTo(12 / 2 * 9);
    assertThat(
            count(
                patched,
                video(),
                Map.of("x-llm-d-video-duration-seconds", "1", "x-llm-d-video-fps", "99")))
        .isEqualTo(4 / 2 * 9);
  }

  @Test
  void countsAStridedVideo() {
    EstimateParameters strided =
        videos(0, Mode.DYNAMIC, 512, FrameMode.STRIDED, 2, 20, 0, 0, 0, 3, 5_000);
    assertThat(
            count(
                strided,
                video(),
                Map.of(
                    "x-llm-d-video-fps", "30",
                    "x-llm-d-video-duration-seconds", "2.5",
                    "x-llm-d-video-resolution", " 128 X 64 ")))
        .isEqualTo(20 * 16);
    assertThat(count(strided, video())).isEqualTo(5_000);
    assertThat(
            count(
                strided,
                video(),
                Map.of(
                    "x-llm-d-video-resolution", "16x16", "x-llm-d-video-duration-seconds", "0.5")))
        .isEqualTo(24 / 2 / 3);
  }

  @Test
  void ignoresInvalidVideoHeaders() {
    for (String invalid :
        List.of(
            "", "x", "-1", "0", "NaN", "Infinity", "2.5f", "0x0", "-4x4", "4x", "99999999999x1")) {
      assertThat(
              count(
                  DEFAULTS,
                  video(),
                  Map.of(
                      "x-llm-d-video-duration-seconds", invalid,
                      "x-llm-d-video-resolution", invalid)))
          .as(invalid)
          .isEqualTo(4500);
    }
  }

  @Test
  void boundsWhatAVideoMayClaim() {
    Map<String, String> huge =
        Map.of(
            "x-llm-d-video-duration-seconds",
            "1e300",
            "x-llm-d-video-resolution",
            "2000000000x2000000000");
    assertThat(count(DEFAULTS, video(), huge)).isEqualTo(PromptEstimator.MAX_ASSET_TOKENS);
    EstimateParameters tiny = videos(0.1, Mode.STATIC, 5, FrameMode.SAMPLED, 0, 0, 1, 0, 0, 0, 0);
    assertThat(count(tiny, video())).isEqualTo(1);
  }

  @Test
  void stopsWritingWhenTheReaderHasEnough() {
    TokenizedPrompt prompt =
        tokenize(
            request(prompt(new PromptPiece.TokenIds(new int[10_000]), video(), textPiece("x"))));
    var reader = new Bounded(100);
    prompt.writeTokens(0, reader);
    assertThat(reader.size()).isLessThan(2_000);
  }

  @Test
  void refusesBackendsThatAreNotAvailable() {
    assertThatThrownBy(() -> new Parameters("", TokenProducer.Vllm.DEFAULT, null, null, DEFAULTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("modelName");
    assertThatThrownBy(
            () -> new Parameters("m", null, null, null, images(Mode.DYNAMIC, 77, 1024, 1)))
        .hasMessageContaining("estimate");
    assertThat(new Parameters("m", null, null, null, DEFAULTS).isExact()).isTrue();
    var local = new TokenProducer.Local("/model", "", "", Duration.ZERO, 0);
    assertThat(new Parameters("", null, local, null, DEFAULTS).isExact()).isTrue();
    assertThatThrownBy(() -> new Parameters("m", TokenProducer.Vllm.DEFAULT, local, null, DEFAULTS))
        .hasMessageContaining("local excludes vllm");
    assertThatThrownBy(() -> new Parameters("m", null, local, uds("/t.sock"), DEFAULTS))
        .hasMessageContaining("local excludes vllm and udsTokenizerConfig");
    assertThatThrownBy(
            () -> new Parameters("", null, local, null, images(Mode.DYNAMIC, 77, 1024, 1)))
        .hasMessageContaining("local and estimate");
    assertThatThrownBy(() -> new TokenProducer.Local("", "", "", Duration.ZERO, 0))
        .hasMessageContaining("tokenizer must be given");
    assertThatThrownBy(() -> new TokenProducer.Local("/m", "", "parts", Duration.ZERO, 0))
        .hasMessageContaining("contentFormat must be");
    assertThatThrownBy(() -> new TokenProducer.Local("/m", "", "", Duration.ZERO, 257))
        .hasMessageContaining("threads must be");
    assertThatThrownBy(() -> new Parameters("", null, null, uds("/tokenizer.sock"), DEFAULTS))
        .hasMessageContaining("modelName must be given with udsTokenizerConfig");
    assertThatThrownBy(
            () -> new Parameters("m", TokenProducer.Vllm.DEFAULT, null, uds("/t.sock"), DEFAULTS))
        .hasMessageContaining("different backends");
    assertThat(new Parameters("", null, null, uds(""), DEFAULTS).estimate()).isEqualTo(DEFAULTS);
  }

  @Test
  void estimatesWhereAServiceOfFormerVersionsIsConfigured() {
    Parameters parameters = new Parameters("m", null, null, uds("/tokenizer.sock"), DEFAULTS);
    assertThat(parameters.isExact()).isFalse();
    assertThat(parameters.deprecations()).singleElement().asString().contains("vllm instead");
    assertThat(new Parameters("m", null, null, uds(""), DEFAULTS).deprecations()).isEmpty();
  }

  private static TokenProducer.UdsTokenizerConfig uds(String socket) {
    return new TokenProducer.UdsTokenizerConfig(socket, false, Map.of());
  }

  private static EstimateParameters images(Mode mode, int width, int factor, int staticToken) {
    return new EstimateParameters(
        new Image(
            mode, new Resolution(width, 0), new Dynamic(factor), new ImageStatic(staticToken)),
        DEFAULTS.video(),
        null);
  }

  private static EstimateParameters videos(
      double duration,
      Mode mode,
      int factorOrCount,
      FrameMode frameMode,
      int minFrames,
      int maxFrames,
      double sampleFps,
      int patch,
      double sourceFps,
      int stride,
      long maxTokens) {
    return new EstimateParameters(
        DEFAULTS.image(),
        new Video(
            new Resolution(0, 0),
            duration,
            new TokensPerFrame(mode, new Dynamic(factorOrCount), new FrameStatic(factorOrCount)),
            new Frames(
                frameMode,
                minFrames,
                maxFrames,
                new Sampled(sampleFps, patch),
                new Strided(sourceFps, stride)),
            maxTokens),
        null);
  }

  private static long count(EstimateParameters estimate, PromptPiece piece) {
    return count(estimate, piece, Map.of());
  }

  private static long count(
      EstimateParameters estimate, PromptPiece piece, Map<String, String> headers) {
    TokenizedPrompt prompt =
        new TokenProducer(new Parameters("", null, null, null, estimate))
            .tokenize(request("m", "", -1, ApiKind.CHAT_COMPLETIONS, headers::get, prompt(piece)));
    return Objects.requireNonNull(prompt).totalTokens();
  }

  private static TokenizedPrompt tokenize(InferenceRequest request) {
    return Objects.requireNonNull(new TokenProducer(Parameters.DEFAULT).tokenize(request));
  }

  private static int[] tokensOf(InferenceRequest request) {
    TokenizedPrompt prompt = tokenize(request);
    var bytes = new ByteArrayOutputStream();
    prompt.writeTokens(0, bytes::write);
    assertThat(bytes.size()).isEqualTo(4 * prompt.tokens(0));
    int[] tokens = new int[prompt.tokens(0)];
    ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(tokens);
    return tokens;
  }

  private static Prompt prompt(PromptPiece... pieces) {
    return new Prompt(List.of(pieces));
  }

  private static PromptPiece textPiece(String text) {
    return new PromptPiece.Text(Utf8Text.of(text));
  }

  private static PromptPiece image(String content) {
    return asset(Modality.IMAGE, content);
  }

  private static PromptPiece video() {
    return asset(Modality.VIDEO, "https://example.com/v.mp4");
  }

  private static PromptPiece asset(Modality modality, String content) {
    return new PromptPiece.Asset(modality, Utf8Text.of(content));
  }

  /** Wants only so many bytes. */
  private static final class Bounded extends ByteArrayOutputStream implements ByteSink {

    private final int enough;

    Bounded(int enough) {
      this.enough = enough;
    }

    @Override
    public boolean isFull() {
      return size() >= enough;
    }
  }
}
