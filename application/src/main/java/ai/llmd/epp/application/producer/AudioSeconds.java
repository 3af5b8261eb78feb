package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.producer.EstimateParameters.Audio;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.Utf8Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * How long a sound is: as the request's header has it, else by the byte rate in its own header (WAV
 * with PCM), else by its size, else a default. Reads the beginning of the content only.
 */
final class AudioSeconds {

  private static final String DURATION = "x-llm-d-audio-duration-seconds";
  private static final String BYTES_PER_SECOND = "x-llm-d-audio-bytes-per-second";

  private static final int KEPT_BYTES = 256; // a media type and the header of the sound
  private static final int WAV_HEADER_BYTES = 44;
  private static final int ENCODED_HEADER = 60; // as base64
  private static final byte[] MARKER = "base64,".getBytes(StandardCharsets.US_ASCII);
  private static final int PCM = 1;

  private final Audio defaults;
  private final byte[] beginning = new byte[KEPT_BYTES];
  private int kept;

  AudioSeconds(Audio defaults) {
    this.defaults = defaults;
  }

  /** Receives the content beside another sink, which gets all of it. */
  ByteSink beside(ByteSink other) {
    return (bytes, offset, length) -> {
      int more = Math.min(length, KEPT_BYTES - kept);
      System.arraycopy(bytes, offset, beginning, kept, more);
      kept += more;
      other.write(bytes, offset, length);
    };
  }

  /** Seconds, once the content has been written. */
  double of(Utf8Text content, RequestHeaders headers) {
    double declared = VideoHints.positiveNumber(headers.value(DURATION));
    int start = payloadStart();
    long payloadBytes = start < 0 ? 0 : (content.byteLength() - start) * 3L / 4;
    if (declared > 0 || payloadBytes <= 0) {
      return declared > 0 ? declared : defaults.defaultDuration();
    }
    long ownRate = wavByteRate(start);
    double declaredRate = VideoHints.positiveNumber(headers.value(BYTES_PER_SECOND));
    if (ownRate > 0) {
      return (double) payloadBytes / ownRate;
    }
    return payloadBytes / (declaredRate > 0 ? declaredRate : defaults.defaultBytesPerSecond());
  }

  /** Where the base64 text begins; -1 for an address, behind which the sound is elsewhere. */
  private int payloadStart() {
    if (startsWith("data:")) {
      for (int i = 0; i + MARKER.length <= kept; i++) {
        if (Arrays.equals(beginning, i, i + MARKER.length, MARKER, 0, MARKER.length)) {
          return i + MARKER.length;
        }
      }
      return -1;
    }
    return startsWith("http:") || startsWith("https:") ? -1 : 0;
  }

  private boolean startsWith(String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    return kept >= wanted.length
        && Arrays.equals(beginning, 0, wanted.length, wanted, 0, wanted.length);
  }

  /** Bytes per second of a WAV header with PCM; 0 when there is none. */
  private long wavByteRate(int start) {
    if (kept - start < ENCODED_HEADER) {
      return 0;
    }
    byte[] header;
    try {
      header =
          Base64.getDecoder().decode(Arrays.copyOfRange(beginning, start, start + ENCODED_HEADER));
    } catch (IllegalArgumentException e) { // no base64
      return 0;
    }
    ByteBuffer wav = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    boolean isPcm =
        header.length >= WAV_HEADER_BYTES
            && has(header, 0, "RIFF")
            && has(header, 8, "WAVE")
            && has(header, 12, "fmt ")
            && wav.getShort(20) == PCM;
    return isPcm ? Integer.toUnsignedLong(wav.getInt(28)) : 0;
  }

  private static boolean has(byte[] bytes, int at, String text) {
    return text.equals(new String(bytes, at, text.length(), StandardCharsets.US_ASCII));
  }
}
