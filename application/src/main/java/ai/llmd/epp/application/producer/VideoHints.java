package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.request.RequestHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What a request's headers declare about its videos. Invalid values count as missing.
 *
 * @param fps frames per second; 0 when missing
 * @param durationSeconds 0 when missing
 * @param pixels of one frame; 0 when missing
 */
record VideoHints(double fps, double durationSeconds, long pixels) {

  private static final String FPS = "x-llm-d-video-fps";
  private static final String DURATION = "x-llm-d-video-duration-seconds";
  private static final String RESOLUTION = "x-llm-d-video-resolution";

  static VideoHints of(RequestHeaders headers) {
    return new VideoHints(
        positiveNumber(headers.value(FPS)),
        positiveNumber(headers.value(DURATION)),
        pixels(headers.value(RESOLUTION)));
  }

  /** 0 when the text is missing or no positive number. */
  static double positiveNumber(@Nullable String text) {
    // the last character: Java would take 2.5f and 2.5d, too
    if (text == null || text.isEmpty() || Character.isLetter(text.charAt(text.length() - 1))) {
      return 0;
    }
    try {
      double number = Double.parseDouble(text);
      return number > 0 && number < Double.POSITIVE_INFINITY ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Width and height as in {@code 1280x720}. */
  private static long pixels(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int cut = Math.max(text.indexOf('x'), text.indexOf('X'));
    if (cut < 0) {
      return 0;
    }
    try {
      long width = Integer.parseInt(text.substring(0, cut).strip());
      long height = Integer.parseInt(text.substring(cut + 1).strip());
      return width > 0 && height > 0 ? width * height : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
