package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.domain.calls.NonFatal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What requests are answered. A page is made once at a time, so that however many ask for it there
 * is one in the making; who waits longer than {@value #MAX_TURN_SECONDS} s is answered 503. Any
 * thread that may wait.
 */
final class PageAnswers {

  private static final Logger log = LoggerFactory.getLogger(PageAnswers.class);

  private static final int MAX_TURN_SECONDS = 10;

  private final Map<String, AdminPage> pages;
  private final Map<String, Semaphore> turns = new HashMap<>();
  private final @Nullable ReaderCheck readers;

  /**
   * @param pages by exact path
   * @param readers null when all may read
   */
  PageAnswers(Map<String, AdminPage> pages, @Nullable ReaderCheck readers) {
    this.pages = Map.copyOf(pages);
    this.readers = readers;
    pages.forEach(
        (path, page) -> {
          if (page.takesTurns()) {
            turns.put(path, new Semaphore(1, true));
          }
        });
  }

  /** Answers a request; its stream has to be closed. */
  AdminPage.Answer to(PageRequest request) throws InterruptedException {
    Optional<AdminPage.Answer> refusal = refusal(request);
    return refusal.isPresent() ? refusal.get() : page(request);
  }

  private Optional<AdminPage.Answer> refusal(PageRequest request) {
    if (OtherSites.isAsking(request.headers())) {
      return Optional.of(AdminPage.Answer.text(403, "not for pages of other sites\n"));
    }
    return readers == null
        ? Optional.empty()
        : readers.refusal(request.path(), request.method(), request.headers());
  }

  private AdminPage.Answer page(PageRequest request) throws InterruptedException {
    AdminPage page = pages.get(request.path());
    if (page == null) {
      return AdminPage.Answer.text(404, "404 page not found\n");
    }
    if (!request.method().equals("GET") && !request.isHead()) {
      return new AdminPage.Answer(
          405,
          Map.of("Allow", "GET, HEAD"),
          "method not allowed\n".getBytes(StandardCharsets.UTF_8));
    }
    Semaphore turn = turns.get(request.path());
    if (turn == null) {
      return answer(page, request);
    }
    if (!turn.tryAcquire(MAX_TURN_SECONDS, TimeUnit.SECONDS)) {
      return AdminPage.Answer.text(503, "too many ask for this page\n");
    }
    try {
      return answer(page, request);
    } finally {
      turn.release();
    }
  }

  private static AdminPage.Answer answer(AdminPage page, PageRequest request) {
    try {
      return page.get(new AdminPage.Request(request.query(), request.headers()));
    } catch (IllegalArgumentException e) {
      return AdminPage.Answer.text(400, e.getMessage() + "\n");
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      log.atError()
          .addKeyValue("path", request.path())
          .setCause(NonFatal.origin(failure))
          .log("admin page failed");
      return AdminPage.Answer.text(500, "internal error\n");
    }
  }
}
