package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.XxHash64;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Asset;
import ai.llmd.epp.domain.request.PromptPiece.TokenIds;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays prompts out as tokens of four bytes. Text stays where it is; only assets are read, once, for
 * their hash and their size.
 */
final class PromptEstimator {

  /** More than any model takes; a header that claims a larger picture is wrong or hostile. */
  static final int MAX_ASSET_TOKENS = 1 << 20;

  /** Bound on all placeholders of one request, which no body has to pay for in bytes. */
  static final int MAX_PLACEHOLDERS = 1 << 24;

  private static final int TOKEN_BYTES = Integer.BYTES;

  private final EstimateParameters parameters;

  PromptEstimator(EstimateParameters parameters) {
    this.parameters = parameters;
  }

  TokenizedPrompt estimate(InferenceRequest request) {
    var layouts = new EstimatedPrompt.Layout[request.prompts().size()];
    int placeholdersLeft = MAX_PLACEHOLDERS;
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = layOut(request.prompts().get(i), request, placeholdersLeft);
      placeholdersLeft -= layouts[i].placeholders();
    }
    return new EstimatedPrompt(layouts, request.cacheSalt());
  }

  private EstimatedPrompt.Layout layOut(
      Prompt prompt, InferenceRequest request, int placeholdersAllowed) {
    List<EstimatedPrompt.Placeholders> assets = new ArrayList<>(0);
    int left = placeholdersAllowed;
    long bytes = 0;
    for (PromptPiece piece : prompt.pieces()) {
      switch (piece) {
        case PromptPiece.Text text -> bytes += text.utf8().byteLength();
        case TokenIds(int[] ids) -> bytes = padded(bytes) + (long) TOKEN_BYTES * ids.length;
        case Asset asset -> {
          bytes = padded(bytes);
          var measured = measure(asset, request, (int) (bytes / TOKEN_BYTES), Math.max(1, left));
          left -= measured.count();
          bytes += (long) TOKEN_BYTES * measured.count();
          assets.add(measured);
        }
      }
    }
    int tokens = Math.toIntExact(padded(bytes) / TOKEN_BYTES);
    return new EstimatedPrompt.Layout(prompt, tokens, placeholdersAllowed - left, assets);
  }

  private static long padded(long bytes) {
    return bytes + (-bytes & (TOKEN_BYTES - 1));
  }

  private EstimatedPrompt.Placeholders measure(
      Asset asset, InferenceRequest request, int offset, int allowed) {
    var hash = new XxHash64(0);
    long tokens =
        switch (asset.modality()) {
          case IMAGE -> measureImage(asset.content(), request.api(), hash);
          case VIDEO -> {
            asset.content().writeTo(hash::update);
            yield videoTokens(VideoHints.of(request.headers()));
          }
          case AUDIO -> measureAudio(asset.content(), request.headers(), hash);
        };
    int count = (int) Math.max(1, Math.min(tokens, Math.min(allowed, MAX_ASSET_TOKENS)));
    return new EstimatedPrompt.Placeholders(asset.modality(), hash.digest(), offset, count);
  }

  private long measureImage(Utf8Text content, ApiKind api, XxHash64 hash) {
    // the messages API carries bare base64 text, all others carry URLs
    var size = new ImageSize(api == ApiKind.MESSAGES);
    content.writeTo(
        (bytes, offset, length) -> {
          hash.update(bytes, offset, length);
          size.write(bytes, offset, length);
        });
    EstimateParameters.Image image = parameters.image();
    return image.tokens(size.isKnown() ? size.pixels() : image.defaultResolution().pixels());
  }

  private long measureAudio(Utf8Text content, RequestHeaders headers, XxHash64 hash) {
    EstimateParameters.Audio audio = parameters.audio();
    if (audio == null) {
      content.writeTo(hash::update);
      return padded(content.byteLength()) / TOKEN_BYTES;
    }
    AudioSeconds seconds = new AudioSeconds(audio);
    content.writeTo(seconds.beside(hash::update));
    return audio.tokens(seconds.of(content, headers));
  }

  private long videoTokens(VideoHints hints) {
    EstimateParameters.Video video = parameters.video();
    long pixels = hints.pixels() > 0 ? hints.pixels() : video.defaultResolution().pixels();
    long perFrame = video.tokensPerFrame().tokens(pixels);
    // both within an int: the product does not overflow
    long frames = Math.min(frames(hints), MAX_ASSET_TOKENS);
    return Math.min(frames * Math.min(perFrame, MAX_ASSET_TOKENS), video.maxVideoTokens());
  }

  private long frames(VideoHints hints) {
    EstimateParameters.Video video = parameters.video();
    EstimateParameters.Frames frames = video.frames();
    double seconds =
        hints.durationSeconds() > 0 ? hints.durationSeconds() : video.defaultDuration();
    return switch (frames.mode()) {
      case SAMPLED ->
          frames.clamp((long) (seconds * frames.sampled().sampleFPS()))
              / frames.sampled().temporalPatchSize();
      case STRIDED -> {
        double fps = hints.fps() > 0 ? hints.fps() : frames.strided().defaultSourceFPS();
        yield frames.clamp((long) (seconds * fps) / frames.strided().frameStride());
      }
    };
  }
}
