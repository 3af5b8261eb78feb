package ai.llmd.epp.adapter.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One page of the admin server. Runs on a virtual thread and may take its time. */
@FunctionalInterface
public interface AdminPage {

  /**
   * Answers a request.
   *
   * @throws IllegalArgumentException for a query that makes no sense; answered with 400 and the
   *     message
   */
  Answer get(Request request) throws IOException;

  /**
   * Whether it is made once at a time, others that ask for it waiting; not where it waits for time
   * to pass, or bounds itself.
   */
  default boolean takesTurns() {
    return true;
  }

  /**
   * A GET.
   *
   * @param query decoded parameters; of a repeated name the last
   */
  record Request(Map<String, String> query, PageHeaders headers) {

    /** A header, or null. */
    public @Nullable String header(String name) {
      return headers.get(name);
    }

    /** A parameter as a whole number within bounds, or the default when it is absent. */
    public int number(String name, int absent, int min, int max) {
      String text = query.get(name);
      if (text == null) {
        return absent;
      }
      try {
        int value = Integer.parseInt(text);
        if (value >= min && value <= max) {
          return value;
        }
      } catch (NumberFormatException e) {
        // answered below, together with numbers out of bounds
      }
      throw new IllegalArgumentException(
          "%s must be a number from %d to %d".formatted(name, min, max));
    }
  }

  /** A body that is written while it comes into being. */
  interface Stream extends AutoCloseable {

    /**
     * Writes until the body has ended. Called once or never, on a thread of its own.
     *
     * @throws IOException when the reader has gone
     */
    void writeTo(OutputStream out) throws IOException;

    /** Called in the end, also when nothing was to be written. */
    @Override
    void close();
  }

  /**
   * What is sent back. The body is not copied.
   *
   * @param stream instead of the body; null where there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed straight to the socket
  record Answer(int status, Map<String, String> headers, byte[] body, @Nullable Stream stream) {

    public Answer(int status, Map<String, String> headers, byte[] body) {
      this(status, headers, body, null);
    }

    static Answer stream(Map<String, String> headers, Stream stream) {
      return new Answer(200, headers, new byte[0], stream);
    }

    public static Answer text(int status, String text) {
      return new Answer(
          status,
          Map.of("Content-Type", "text/plain; charset=utf-8"),
          text.getBytes(StandardCharsets.UTF_8));
    }

    public static Answer json(String json) {
      return new Answer(
          200, Map.of("Content-Type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
    }
  }
}
