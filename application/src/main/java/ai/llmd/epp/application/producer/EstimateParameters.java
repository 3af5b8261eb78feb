package ai.llmd.epp.application.producer;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens an image or a video is estimated to be. A number of 0 or less stands for its
 * default, as in the reference.
 *
 * @param audio how a sound is estimated, as in version 0.11; unless it is given, a sound is a token
 *     for each four bytes of its text, as in 0.10
 */
public record EstimateParameters(Image image, Video video, @Nullable Audio audio) {

  private static final Resolution NO_RESOLUTION = new Resolution(0, 0);
  private static final int DEFAULT_FACTOR = 1024;

  public static final EstimateParameters DEFAULT =
      new EstimateParameters(
          new Image(Mode.DYNAMIC, NO_RESOLUTION, new Dynamic(0), new ImageStatic(0)),
          new Video(
              NO_RESOLUTION,
              0,
              new TokensPerFrame(Mode.DYNAMIC, new Dynamic(0), new FrameStatic(0)),
              new Frames(FrameMode.SAMPLED, 0, 0, new Sampled(0, 0), new Strided(0, 0)),
              0),
          null);

  /** Where a number of tokens comes from. */
  public enum Mode {
    /** The pixels. */
    DYNAMIC,
    /** The configuration. */
    STATIC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Which frames of a video a model looks at. */
  public enum FrameMode {
    /** So many per second of its duration. */
    SAMPLED,
    /** Every so-and-so-many-th. */
    STRIDED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Pixels; 640 and 360 when not given.
   *
   * @param width 0 or less: 640
   * @param height 0 or less: 360
   */
  public record Resolution(int width, int height) {

    public Resolution {
      width = width > 0 ? width : 640;
      height = height > 0 ? height : 360;
    }

    long pixels() {
      return (long) width * height;
    }
  }

  /**
   * Tokens by size.
   *
   * @param factor pixels of one token; 0 or less: 1024
   */
  public record Dynamic(int factor) {

    public Dynamic {
      factor = factor > 0 ? factor : DEFAULT_FACTOR;
    }

    /** Tokens of so many pixels, at least 1. */
    long tokens(long pixels) {
      return Math.max(1, pixels / factor);
    }
  }

  /**
   * Tokens of every image.
   *
   * @param staticToken tokens of an image; 0 or less: 1
   */
  public record ImageStatic(int staticToken) {

    public ImageStatic {
      staticToken = Math.max(1, staticToken);
    }
  }

  /**
   * Tokens of every frame.
   *
   * @param numTokensPerFrame tokens of a frame; 0 or less: 1
   */
  public record FrameStatic(int numTokensPerFrame) {

    public FrameStatic {
      numTokensPerFrame = Math.max(1, numTokensPerFrame);
    }
  }

  /**
   * How an image is estimated.
   *
   * @param defaultResolution of images whose size cannot be read from their content
   * @param Static in configuration lower-case, which Java does not allow
   */
  public record Image(
      Mode mode, Resolution defaultResolution, Dynamic dynamic, ImageStatic Static) {

    /** Tokens of an image of so many pixels, at least 1. */
    long tokens(long pixels) {
      return mode == Mode.STATIC ? Static.staticToken() : dynamic.tokens(pixels);
    }
  }

  /**
   * How a video is estimated.
   *
   * @param defaultResolution of videos when the request does not say
   * @param defaultDuration seconds; 0 or less: 10
   * @param maxVideoTokens bound on the tokens of a video; 0 or less: none
   */
  public record Video(
      Resolution defaultResolution,
      double defaultDuration,
      TokensPerFrame tokensPerFrame,
      Frames frames,
      long maxVideoTokens) {

    public Video {
      defaultDuration = defaultDuration > 0 ? defaultDuration : 10;
      maxVideoTokens = maxVideoTokens > 0 ? maxVideoTokens : Long.MAX_VALUE;
    }
  }

  /**
   * How a sound is estimated: {@code min(seconds × tokensPerSecond, maxAudioTokens) +
   * overheadTokens}.
   *
   * @param tokensPerSecond 0 or less: 13
   * @param overheadTokens tokens around each sound; 0 or less: 14
   * @param defaultBytesPerSecond of sounds whose rate is not known; 0 or less: 16000
   * @param defaultDuration seconds of sounds that are elsewhere; 0 or less: 10
   * @param maxAudioTokens bound on the tokens of a sound; 0 or less: none
   */
  public record Audio(
      double tokensPerSecond,
      int overheadTokens,
      double defaultBytesPerSecond,
      double defaultDuration,
      long maxAudioTokens) {

    public Audio {
      tokensPerSecond = tokensPerSecond > 0 ? tokensPerSecond : 13;
      overheadTokens = overheadTokens > 0 ? overheadTokens : 14;
      defaultBytesPerSecond = defaultBytesPerSecond > 0 ? defaultBytesPerSecond : 16_000;
      defaultDuration = defaultDuration > 0 ? defaultDuration : 10;
      maxAudioTokens = maxAudioTokens > 0 ? maxAudioTokens : Long.MAX_VALUE;
    }

    /** Tokens of a sound; more than a request may have are not told apart. */
    long tokens(double seconds) {
      long most = Math.min(maxAudioTokens, Integer.MAX_VALUE); // however long a header says it is
      return Math.min((long) (seconds * tokensPerSecond), most) + overheadTokens;
    }
  }

  /**
   * How a frame of a video is estimated.
   *
   * @param Static in configuration lower-case, which Java does not allow
   */
  public record TokensPerFrame(Mode mode, Dynamic dynamic, FrameStatic Static) {

    /** Tokens of a frame of so many pixels, at least 1. */
    long tokens(long pixels) {
      return mode == Mode.STATIC ? Static.numTokensPerFrame() : dynamic.tokens(pixels);
    }
  }

  /**
   * How many frames of a video count.
   *
   * @param minFrames 0 or less: no bound
   * @param maxFrames 0 or less: no bound
   */
  public record Frames(
      FrameMode mode, int minFrames, int maxFrames, Sampled sampled, Strided strided) {

    long clamp(long frames) {
      long atLeast = Math.max(frames, minFrames);
      return maxFrames > 0 ? Math.min(atLeast, maxFrames) : atLeast;
    }
  }

  /**
   * Frames by time.
   *
   * @param sampleFPS frames per second; 0 or less: 2
   * @param temporalPatchSize frames that become one; 1 or less: none do
   */
  public record Sampled(double sampleFPS, int temporalPatchSize) {

    public Sampled {
      sampleFPS = sampleFPS > 0 ? sampleFPS : 2;
      temporalPatchSize = Math.max(1, temporalPatchSize);
    }
  }

  /**
   * Frames by their number.
   *
   * @param defaultSourceFPS frames per second of a video when the request does not say; 0 or less:
   *     24
   * @param frameStride every so many-th frame counts; 0 or less: 1
   */
  public record Strided(double defaultSourceFPS, int frameStride) {

    public Strided {
      defaultSourceFPS = defaultSourceFPS > 0 ? defaultSourceFPS : 24;
      frameStride = Math.max(1, frameStride);
    }
  }
}
