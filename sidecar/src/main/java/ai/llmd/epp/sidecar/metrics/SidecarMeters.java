package ai.llmd.epp.sidecar.metrics;

import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegObserver;
import ai.llmd.epp.sidecar.upstream.LegStage;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is counted, in Prometheus' text format. Labels have few values each: no model, no
 * address, no path of a client's choice. Any thread.
 */
public final class SidecarMeters implements LegObserver {

  private static final String REQUESTS = "llm_d_sidecar_requests_total";
  private static final String IN_FLIGHT = "llm_d_sidecar_requests_in_flight";
  private static final String REQUEST_SECONDS = "llm_d_sidecar_request_duration_seconds";
  private static final String BYTES = "llm_d_sidecar_response_bytes_total";
  private static final String LEGS = "llm_d_sidecar_legs_total";
  private static final String LOCAL = "llm_d_sidecar_prefill_fallbacks_total";
  private static final String LEG_SECONDS = "llm_d_sidecar_leg_duration_seconds";

  private record Requests(String api, String outcome) {}

  private record Legs(LegStage stage, String outcome) {}

  private final Map<Requests, LongAdder> requests = new ConcurrentHashMap<>();
  private final Map<String, Durations> requestSeconds = new ConcurrentHashMap<>();
  private final Map<Legs, LongAdder> legs = new ConcurrentHashMap<>();
  private final Map<LegStage, Durations> legSeconds = new EnumMap<>(LegStage.class);
  private final Map<String, LongAdder> locals = new ConcurrentHashMap<>(); // by reason
  private final LongAdder inFlight = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final NameMeters names = new NameMeters();
  private final TraceMeters spans = new TraceMeters();

  public SidecarMeters() {
    for (LegStage stage : LegStage.values()) {
      legSeconds.put(stage, new Durations());
    }
  }

  /** Of lookups of names. */
  public NameMeters names() {
    return names;
  }

  /** Of traces. */
  public TraceMeters spans() {
    return spans;
  }

  void requestBegan() {
    inFlight.increment();
  }

  /**
   * @param api one of a few
   * @param outcome one of a few
   */
  void requestEnded(String api, String outcome, long answerBytes, long nanos) {
    inFlight.decrement();
    bytes.add(answerBytes);
    requests.computeIfAbsent(new Requests(api, outcome), any -> new LongAdder()).increment();
    requestSeconds.computeIfAbsent(api, any -> new Durations()).add(nanos);
  }

  @Override
  public void ended(LegStage stage, int status, LegFailure.@Nullable Kind failure, long nanos) {
    String outcome =
        failure != null ? failure.name().toLowerCase(Locale.ROOT) : status / 100 + "xx";
    legs.computeIfAbsent(new Legs(stage, outcome), any -> new LongAdder()).increment();
    Durations seconds = legSeconds.get(stage);
    if (seconds != null) {
      seconds.add(nanos);
    }
  }

  /**
   * A prompt is computed in the pod, because its prefill server did not do its part.
   *
   * @param reason one of a few
   */
  public void prefilledHere(String reason) {
    locals.computeIfAbsent(reason, any -> new LongAdder()).increment();
  }

  /** The page. */
  public String page() {
    StringBuilder page = new StringBuilder(4096);
    head(page, REQUESTS, "counter", "Requests that ended, by API and outcome.");
    Map<String, Long> lines = new TreeMap<>();
    requests.forEach(
        (key, count) ->
            lines.put(
                "%s{api=\"%s\",outcome=\"%s\"}".formatted(REQUESTS, key.api, key.outcome),
                count.sum()));
    lines.forEach((line, count) -> page.append(line).append(' ').append(count).append('\n'));
    head(page, REQUEST_SECONDS, "histogram", "Time from a request's headers to its answer's end.");
    new TreeMap<>(requestSeconds)
        .forEach((api, all) -> all.writeTo(page, REQUEST_SECONDS, "api=\"" + api + "\""));
    add(page, IN_FLIGHT, "gauge", "Requests under way.", inFlight);
    add(page, BYTES, "counter", "Bytes of answers' bodies to clients.", bytes);
    addLegs(page);
    head(
        page,
        LOCAL,
        "counter",
        "Prompts computed in the pod because the prefill server failed, by reason.");
    new TreeMap<>(locals)
        .forEach(
            (reason, count) ->
                page.append("%s{reason=\"%s\"} %d\n".formatted(LOCAL, reason, count.sum())));
    names.writeTo(page);
    spans.writeTo(page);
    return page.toString();
  }

  private void addLegs(StringBuilder page) {
    head(page, LEGS, "counter", "Requests to model servers that ended, by stage and outcome.");
    Map<String, Long> lines = new TreeMap<>();
    legs.forEach(
        (key, count) ->
            lines.put(
                "%s{stage=\"%s\",outcome=\"%s\"}".formatted(LEGS, key.stage.label(), key.outcome),
                count.sum()));
    lines.forEach((line, count) -> page.append(line).append(' ').append(count).append('\n'));
    head(page, LEG_SECONDS, "histogram", "Time of requests to model servers, by stage.");
    legSeconds.forEach(
        (stage, all) -> all.writeTo(page, LEG_SECONDS, "stage=\"" + stage.label() + "\""));
  }

  /** A metric without labels. */
  static void add(StringBuilder page, String name, String type, String help, LongAdder sum) {
    head(page, name, type, help);
    page.append(name).append(' ').append(sum.sum()).append('\n');
  }

  static void head(StringBuilder page, String name, String type, String help) {
    page.append("# HELP ").append(name).append(' ').append(help).append('\n');
    page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }
}
