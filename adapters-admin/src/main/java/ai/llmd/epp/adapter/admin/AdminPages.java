package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.DecisionRing;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the admin port serves, by path. */
public final class AdminPages {

  /** Pages for a kubelet, which has no token to show. */
  public static final Set<String> PROBES = Set.of("/livez", "/readyz");

  private static final int DEFAULT_DECISIONS = 20;
  private static final int MAX_DECISIONS = 10_000;

  private AdminPages() {}

  /**
   * All pages by path.
   *
   * @param notReadyBecause empty when the program is ready
   * @param detail a further sentence for who asks whether the program is ready; may be empty
   * @param live what the page for people shows; null for none
   * @param states of plugins; null where they are not shown
   * @param hasDiagnostics with the pages that look into the JVM
   */
  public static Map<String, AdminPage> of(
      MetricsText metricsText,
      DecisionRing decisions,
      Supplier<String> notReadyBecause,
      Supplier<String> detail,
      @Nullable LiveView live,
      @Nullable PluginStates states,
      boolean hasDiagnostics) {
    MetricsPage metrics = new MetricsPage(metricsText);
    Map<String, AdminPage> pages = new HashMap<>();
    pages.put("/metrics", request -> metrics(metrics, request));
    pages.put("/debug/decisions", request -> decisions(decisions, request));
    pages.put("/livez", request -> AdminPage.Answer.text(200, "ok\n"));
    pages.put("/readyz", request -> ready(notReadyBecause.get(), detail.get()));
    if (live != null) {
      pages.putAll(new LivePages(live, decisions).pages());
    }
    if (states != null) {
      pages.put(PluginStatePage.PATH, new PluginStatePage(states, InstantSource.system()));
    }
    if (hasDiagnostics) {
      pages.putAll(new Diagnostics().pages());
    }
    return pages;
  }

  private static AdminPage.Answer metrics(MetricsPage metrics, AdminPage.Request request) {
    MetricsPage.Page page =
        metrics.render(
            Objects.requireNonNullElse(request.header("Accept"), ""),
            Objects.requireNonNullElse(request.header("Accept-Encoding"), ""));
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", page.contentType());
    if (!page.contentEncoding().isEmpty()) {
      headers.put("Content-Encoding", page.contentEncoding());
    }
    return new AdminPage.Answer(200, headers, page.body());
  }

  private static AdminPage.Answer decisions(DecisionRing decisions, AdminPage.Request request) {
    boolean isText = isText(request.query().getOrDefault("format", "json"));
    String requestId = request.query().get("request_id");
    if (requestId != null) {
      return decisions
          .find(requestId)
          .map(
              decision ->
                  isText
                      ? AdminPage.Answer.text(200, DecisionText.render(decision))
                      : AdminPage.Answer.json(DecisionJson.render(decision)))
          .orElseGet(() -> AdminPage.Answer.text(404, "no decision about that request is kept\n"));
    }
    int most = request.number("n", DEFAULT_DECISIONS, 1, MAX_DECISIONS);
    List<DecisionRecord> latest = decisions.latest(most);
    return isText
        ? AdminPage.Answer.text(
            200, latest.stream().map(DecisionText::render).collect(Collectors.joining("\n\n")))
        : AdminPage.Answer.json(DecisionJson.render(latest));
  }

  private static boolean isText(String format) {
    return switch (format) {
      case "json" -> false;
      case "text" -> true;
      default -> throw new IllegalArgumentException("format must be json or text");
    };
  }

  private static AdminPage.Answer ready(String notReadyBecause, String detail) {
    String more = detail.isEmpty() ? "" : detail + "\n";
    return notReadyBecause.isEmpty()
        ? AdminPage.Answer.text(200, "ok\n" + more)
        : AdminPage.Answer.text(503, notReadyBecause + "\n" + more);
  }
}
