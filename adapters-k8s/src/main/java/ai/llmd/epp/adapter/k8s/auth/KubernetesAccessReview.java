package ai.llmd.epp.adapter.k8s.auth;

import ai.llmd.epp.application.port.out.AccessReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API server whose a token is (TokenReview) and whether its owner may read a path
 * (SubjectAccessReview), as the reference does, and remembers the answers for as long: a known
 * token for a minute, a permission for five, a refusal for half a minute. Tokens are kept as
 * hashes. However many readers come, the API server is asked by a few at a time.
 */
public final class KubernetesAccessReview implements AccessReview {

  private static final Logger log = LoggerFactory.getLogger(KubernetesAccessReview.class);

  static final int MAX_REMEMBERED = 1024;
  private static final int MAX_AT_ONCE = 32;

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final int RETRIES = 4;

  private final KubernetesClient client;
  private final Remembered<String, Reader> readers;
  private final Remembered<Question, Verdict> permissions;
  private final Remembered<Question, Verdict> refusals;
  private final Semaphore places = new Semaphore(MAX_AT_ONCE);
  private final AtomicBoolean isFailing = new AtomicBoolean();

  private record Question(Reader reader, String path, String verb) {}

  /**
   * @param client used with time limits of its own; stays the caller's to close
   * @param nanoClock as {@link System#nanoTime()}
   */
  public KubernetesAccessReview(KubernetesClient client, LongSupplier nanoClock) {
    this(client, nanoClock, FIRST_PAUSE);
  }

  KubernetesAccessReview(KubernetesClient client, LongSupplier nanoClock, Duration firstPause) {
    this.client =
        client
            .newClient(
                new RequestConfigBuilder()
                    .withRequestTimeout((int) TIMEOUT.toMillis())
                    .withRequestRetryBackoffInterval((int) firstPause.toMillis())
                    .withRequestRetryBackoffLimit(RETRIES)
                    .build())
            .adapt(KubernetesClient.class);
    this.readers = new Remembered<>(MAX_REMEMBERED, Duration.ofMinutes(1), nanoClock);
    this.permissions = new Remembered<>(MAX_REMEMBERED, Duration.ofMinutes(5), nanoClock);
    this.refusals = new Remembered<>(MAX_REMEMBERED, Duration.ofSeconds(30), nanoClock);
  }

  @Override
  public Verdict review(String token, String path, String verb) {
    Optional<Reader> reader;
    try {
      reader = reader(token);
    } catch (ApiServerUnavailableException e) {
      return new Verdict.Unidentified();
    }
    if (reader.isEmpty()) {
      return new Verdict.Unknown();
    }
    try {
      return decide(new Question(reader.get(), path, verb));
    } catch (ApiServerUnavailableException e) {
      return new Verdict.Undecided(reader.get().name());
    }
  }

  private Optional<Reader> reader(String token) throws ApiServerUnavailableException {
    String hash = hash(token);
    Optional<Reader> known = readers.find(hash);
    if (known.isPresent()) {
      return known;
    }
    Optional<Reader> asked = ask(() -> identify(token));
    asked.ifPresent(reader -> readers.keep(hash, reader));
    return asked;
  }

  private Verdict decide(Question question) throws ApiServerUnavailableException {
    Optional<Verdict> known = permissions.find(question).or(() -> refusals.find(question));
    if (known.isPresent()) {
      return known.get();
    }
    if (ask(() -> isAllowed(question))) {
      permissions.keep(question, new Verdict.Allowed());
      return new Verdict.Allowed();
    }
    Verdict denied = new Verdict.Denied(question.reader().name());
    refusals.keep(question, denied);
    return denied;
  }

  private Optional<Reader> identify(String token) {
    TokenReviewStatus status =
        client
            .tokenReviews()
            .create(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
            .getStatus();
    return status != null
            && Boolean.TRUE.equals(status.getAuthenticated())
            && status.getUser() != null
        ? Optional.of(Reader.of(status.getUser()))
        : Optional.empty();
  }

  private boolean isAllowed(Question question) {
    Reader reader = question.reader();
    SubjectAccessReviewStatus status =
        client
            .authorization()
            .v1()
            .subjectAccessReview()
            .create(
                new SubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withUser(reader.name())
                    .withUid(reader.uid())
                    .withGroups(reader.groups())
                    .withExtra(reader.extra())
                    .withNewNonResourceAttributes(question.path(), question.verb())
                    .endSpec()
                    .build())
            .getStatus();
    return status != null && Boolean.TRUE.equals(status.getAllowed());
  }

  private <T> T ask(Supplier<T> question) throws ApiServerUnavailableException {
    if (!places.tryAcquire()) {
      throw new ApiServerUnavailableException();
    }
    try {
      T answer = question.get();
      if (isFailing.compareAndSet(true, false)) {
        log.atInfo().log("the API server reviews readers of metrics again");
      }
      return answer;
    } catch (KubernetesClientException e) {
      if (isFailing.compareAndSet(false, true)) { // no message: it may quote what was sent
        log.atWarn()
            .addKeyValue("status", e.getCode())
            .addKeyValue("cause", e.getCause() == null ? "" : e.getCause().getClass().getName())
            .log("the API server cannot be asked who may read metrics");
      }
      throw new ApiServerUnavailableException();
    } finally {
      places.release();
    }
  }

  /** The API server fails, or too many wait for it already. */
  private static final class ApiServerUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;
  }

  private static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
