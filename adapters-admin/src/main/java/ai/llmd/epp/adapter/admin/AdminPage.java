package ai.llmd.epp.adapter.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
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
   * A GET.
   *
   * @param query decoded parameters; of a repeated name the last
   */
  record Request(Map<String, String> query, Headers headers) {

    static Request of(HttpExchange exchange) {
      return new Request(
          parse(exchange.getRequestURI().getRawQuery()), exchange.getRequestHeaders());
    }

    /** The first value of a header, or null. */
    public @Nullable String header(String name) {
      return headers.getFirst(name);
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

    @SuppressWarnings("StringSplitter") // empty pairs at the end do not count
    private static Map<String, String> parse(@Nullable String rawQuery) {
      Map<String, String> parameters = new HashMap<>();
      if (rawQuery == null) {
        return parameters;
      }
      for (String pair : rawQuery.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.put(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
      return parameters;
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
