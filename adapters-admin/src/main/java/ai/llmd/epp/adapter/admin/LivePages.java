package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The page for people at {@code /}: a few files, and the events that they show. The browser is
 * forbidden to ask any other host for anything, and to run any script but the page's own modules.
 */
final class LivePages {

  /** No host but this one, no script in the page itself, in no other page's frame. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final List<String> MODULES = List.of("page.js", "decision.js", "parts.js");
  private static final String FOLDER = "/ai/llmd/epp/adapter/admin/live/";

  private final LiveView view;
  private final LiveFeed feed;

  LivePages(LiveView view, DecisionRing decisions) {
    this(view, new LiveFeed(view, decisions));
  }

  LivePages(LiveView view, LiveFeed feed) {
    this.view = view;
    this.feed = feed;
  }

  /** The pages by path. */
  Map<String, AdminPage> pages() {
    Map<String, AdminPage> pages = new HashMap<>();
    pages.put("/", file("page.html", "text/html; charset=utf-8"));
    pages.put("/live/page.css", file("page.css", "text/css; charset=utf-8"));
    for (String module : MODULES) {
      pages.put("/live/" + module, file(module, "text/javascript; charset=utf-8"));
    }
    pages.put("/live/events", this::events);
    pages.put("/live/pool", request -> AdminPage.Answer.json(pool()));
    pages.put("/live/configuration", request -> AdminPage.Answer.text(200, view.configuration()));
    return pages;
  }

  private String pool() {
    return LiveJson.pool(view.pool(), Map.of());
  }

  private static AdminPage file(String name, String contentType) {
    AdminPage.Answer answer = new AdminPage.Answer(200, headers(contentType), read(name));
    return request -> answer;
  }

  private static byte[] read(String name) {
    try (InputStream in = LivePages.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks " + FOLDER + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> headers(String contentType) {
    return Map.of(
        "Content-Type", contentType,
        "Content-Security-Policy", CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options", "nosniff",
        "Referrer-Policy", "no-referrer",
        "Cross-Origin-Resource-Policy", "same-origin",
        "Cross-Origin-Opener-Policy", "same-origin",
        "Cache-Control", "no-cache");
  }

  private AdminPage.Answer events(AdminPage.Request request) {
    DecisionFilter filter = DecisionFilter.of(request.query());
    return feed.watch(filter)
        .map(
            watcher ->
                AdminPage.Answer.stream(
                    Map.of(
                        "Content-Type", "text/event-stream; charset=utf-8",
                        "Cache-Control", "no-store",
                        "X-Accel-Buffering", "no", // proxies that collect answers shall not
                        "X-Content-Type-Options", "nosniff"),
                    watcher))
        .orElseGet(LivePages::tooMany);
  }

  private static AdminPage.Answer tooMany() {
    AdminPage.Answer answer =
        AdminPage.Answer.text(
            503, "%d watchers are all that there may be\n".formatted(LiveFeed.MAX_WATCHERS));
    Map<String, String> headers = new HashMap<>(answer.headers());
    headers.put("Retry-After", "10");
    return new AdminPage.Answer(answer.status(), headers, answer.body());
  }
}
