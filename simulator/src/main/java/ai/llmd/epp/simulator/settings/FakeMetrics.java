package ai.llmd.epp.simulator.settings;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Gauges that are reported instead of the real ones.
 *
 * @param runningRequests 0 or more
 * @param waitingRequests 0 or more
 * @param kvCacheUsage within {@code [0, 1]}
 * @param loras one line of {@code vllm:lora_requests_info} each
 */
public record FakeMetrics(
    int runningRequests, int waitingRequests, double kvCacheUsage, List<Loras> loras) {

  /**
   * One report about adapters.
   *
   * @param running names, comma separated
   * @param waiting names, comma separated
   * @param timestampSeconds unix time; the newest report counts
   */
  public record Loras(String running, String waiting, double timestampSeconds) {}

  private static final JsonFactory JSON = new JsonFactory();

  public FakeMetrics {
    loras = List.copyOf(loras);
    require(runningRequests >= 0, "running-requests must be 0 or more");
    require(waitingRequests >= 0, "waiting-requests must be 0 or more");
    require(kvCacheUsage >= 0 && kvCacheUsage <= 1, "kv-cache-usage must be within 0 and 1");
  }

  /**
   * Reads {@code {"running-requests": 1, "waiting-requests": 2, "kv-cache-usage": 0.5, "loras":
   * [{"running": "a,b", "waiting": "c", "timestamp": 1}]}}; what is absent is 0 or empty.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  public static FakeMetrics parse(String json) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      return read(parser);
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("fake-metrics is not valid JSON", malformed);
    }
  }

  private static FakeMetrics read(JsonParser parser) {
    requireObject(parser, "fake-metrics");
    double running = 0;
    double waiting = 0;
    double usage = 0;
    List<Loras> loras = List.of();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "running-requests" -> running = number(parser, field);
        case "waiting-requests" -> waiting = number(parser, field);
        case "kv-cache-usage" -> usage = number(parser, field);
        case "loras" -> loras = loras(parser);
        default ->
            throw new IllegalArgumentException(
                "fake-metrics has no \""
                    + field
                    + "\"; known: kv-cache-usage, loras, running-requests, waiting-requests");
      }
    }
    return new FakeMetrics(
        whole(running, "running-requests"), whole(waiting, "waiting-requests"), usage, loras);
  }

  private static List<Loras> loras(JsonParser parser) {
    require(parser.currentToken() == JsonToken.START_ARRAY, "loras must be an array");
    List<Loras> loras = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireObject(parser, "each of loras");
      String running = "";
      String waiting = "";
      double timestamp = 0;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "running" -> running = text(parser, field);
          case "waiting" -> waiting = text(parser, field);
          case "timestamp" -> timestamp = number(parser, field);
          default ->
              throw new IllegalArgumentException(
                  "loras has no \"" + field + "\"; known: running, timestamp, waiting");
        }
      }
      loras.add(new Loras(running, waiting, timestamp));
    }
    return loras;
  }

  private static void requireObject(JsonParser parser, String name) {
    require(parser.currentToken() == JsonToken.START_OBJECT, name + " must be a JSON object");
  }

  private static double number(JsonParser parser, String field) {
    require(parser.currentToken().isNumeric(), field + " must be a number");
    return parser.getDoubleValue();
  }

  private static int whole(double value, String field) {
    require(value == (int) value, field + " must be a whole number");
    return (int) value;
  }

  private static String text(JsonParser parser, String field) {
    require(parser.currentToken() == JsonToken.VALUE_STRING, field + " must be a string");
    return parser.getString();
  }

  private static void require(boolean isRight, String sentence) {
    if (!isRight) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
