package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.connection.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of all objects of one kind that is kept up to date, and that stays readable as it was when
 * the API server is away.
 *
 * <p>An informer lists and watches. It is replaced by a new one, which lists again, when it has
 * ended, after the API server has been away, and once in a while, since a connection may have died
 * without a word. The old copy is read until the new one is complete, so that no reader ever sees
 * half a list.
 *
 * <p>Supervised by one thread; read by any.
 */
final class Mirror<T extends HasMetadata> {

  private static final Logger log = LoggerFactory.getLogger(Mirror.class);

  private final String kind;
  private final ApiConnection connection;
  private final Supplier<SharedIndexInformer<T>> informers;
  private final Consumer<String> changed;
  private final Runnable replaced;
  private final MirrorSettings settings;
  private final LongSupplier nanoClock;

  private final AtomicLong events = new AtomicLong();
  private volatile long lastEventNanos;
  private volatile @Nullable SharedIndexInformer<T> current; // has synced
  private volatile boolean isRefused; // for long enough to be the answer

  // the supervising thread's
  private @Nullable SharedIndexInformer<T> next; // has not synced yet
  private long nextBegunNanos;
  private long currentSinceNanos;
  private long watchedAtNanos;
  private long retryAtNanos;
  private int failures;
  private boolean isBeingRefused;
  private long refusedSinceNanos; // of meaning while it is being refused
  private String lastFailure = "";

  /**
   * @param kind plural name, for logs and metrics
   * @param informers makes informers that have not been started
   * @param changed receives the key of an object that changed; from the client's threads
   * @param connection knows when watches of this kind last gave a sign of life
   * @param replaced called when everything may have changed, and when a first list is refused for
   *     good; from the supervising thread
   */
  Mirror(
      String kind,
      ApiConnection connection,
      Supplier<SharedIndexInformer<T>> informers,
      Consumer<String> changed,
      Runnable replaced,
      MirrorSettings settings,
      LongSupplier nanoClock) {
    this.kind = kind;
    this.connection = connection;
    this.informers = informers;
    this.changed = changed;
    this.replaced = replaced;
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.lastEventNanos = nanoClock.getAsLong();
    this.retryAtNanos = lastEventNanos;
  }

  String kind() {
    return kind;
  }

  /** Whether a complete list is known, be it an old one. */
  boolean isSynced() {
    return current != null;
  }

  /**
   * Whether there is a list, or the answer that there is none to be had. A failure that may pass
   * (429, 5xx, no answer) is no answer.
   */
  boolean isSettled() {
    return isRefused || isSynced();
  }

  /** Whether changes arrive: the watch is open, and has lately given a sign of life. */
  boolean isWatching() {
    SharedIndexInformer<T> informer = current;
    return informer != null
        && informer.isRunning()
        && informer.isWatching()
        && nanoClock.getAsLong() - heardNanos() < connection.late().toNanos();
  }

  /** When the watch last gave a sign of life; before the first one, when the last event came. */
  long heardNanos() {
    return connection.heardNanos(kind, lastEventNanos);
  }

  /** Events since the start. */
  long events() {
    return events.get();
  }

  /** When the last event came, or the list that is read; by the clock that was handed in. */
  long lastEventNanos() {
    return lastEventNanos;
  }

  List<T> list() {
    SharedIndexInformer<T> informer = current;
    return informer == null ? List.of() : informer.getStore().list();
  }

  /**
   * The object as it is now, or null.
   *
   * @param key {@code namespace/name}
   */
  @Nullable T get(String key) {
    SharedIndexInformer<T> informer = current;
    return informer == null ? null : informer.getStore().getByKey(key);
  }

  /**
   * Does what is due. Call often; never blocks.
   *
   * @param anew the API server has just come back, or gone back in time
   */
  void supervise(boolean anew) {
    long now = nanoClock.getAsLong();
    adoptWhenSynced(now);
    if (next != null && (anew || isOver(next) || isSlow(now))) {
      giveUp(now);
    }
    if (anew) {
      retryAtNanos = now;
    }
    if (next == null) {
      acceptRefusal(now);
    }
    if (next == null && now - retryAtNanos >= 0 && (anew || needsAnother(now))) {
      begin(now);
    }
  }

  private boolean needsAnother(long now) {
    SharedIndexInformer<T> informer = current;
    return informer == null
        || !informer.isRunning()
        || isBlind(informer, now)
        || now - currentSinceNanos >= settings.relistEvery().toNanos();
  }

  /**
   * Whether it has tried to watch for too long. A server that refuses a watch for good, as with the
   * HTTP status 410 when the history is gone, is asked by the client for the same again and again.
   * The same for one that has been found dead, and has not come to life since.
   */
  private boolean isBlind(SharedIndexInformer<T> informer, long now) {
    boolean isDead = now - heardNanos() >= connection.dead().toNanos();
    if (informer.isWatching() && !isDead) {
      watchedAtNanos = now;
    }
    return now - watchedAtNanos >= settings.longestUnwatched().toNanos();
  }

  private static boolean isOver(SharedIndexInformer<?> informer) {
    return informer.stopped().toCompletableFuture().isDone();
  }

  private boolean isSlow(long now) {
    return now - nextBegunNanos >= settings.longestList().toNanos();
  }

  private void begin(long now) {
    SharedIndexInformer<T> informer = informers.get();
    informer.addEventHandler(new Events(informer));
    next = informer;
    nextBegunNanos = now;
    informer.start().whenComplete((nothing, failure) -> {});
  }

  private void adoptWhenSynced(long now) {
    SharedIndexInformer<T> informer = next;
    if (informer == null || !informer.hasSynced()) {
      return;
    }
    SharedIndexInformer<T> before = current;
    next = null;
    current = informer;
    currentSinceNanos = now;
    watchedAtNanos = now;
    lastEventNanos = now;
    if (failures > 0) {
      log.atInfo().addKeyValue("kind", kind).log("watching again");
    }
    failures = 0;
    isBeingRefused = false;
    lastFailure = "";
    if (before != null) {
      before.stop();
    }
    replaced.run();
  }

  private void giveUp(long now) {
    SharedIndexInformer<T> informer = next;
    if (informer == null) {
      return;
    }
    next = null;
    retryAtNanos = now + settings.retryAfter(failures).toNanos();
    failures++;
    noteRefusal(informer, now);
    String reason = reason(informer);
    informer.stop();
    if (!reason.equals(lastFailure)) {
      lastFailure = reason;
      log.atWarn()
          .addKeyValue("kind", kind)
          .addKeyValue("reason", reason)
          .log("cannot be listed, keeping what is known");
    }
  }

  private void noteRefusal(SharedIndexInformer<?> informer, long now) {
    int status = failure(informer).map(Reasons::status).orElse(0);
    boolean wasBeingRefused = isBeingRefused;
    isBeingRefused =
        status == HttpURLConnection.HTTP_FORBIDDEN || status == HttpURLConnection.HTTP_NOT_FOUND;
    if (isBeingRefused && !wasBeingRefused) {
      refusedSinceNanos = now;
    }
  }

  private void acceptRefusal(long now) {
    Duration accepted = settings.refusedFor();
    if (isBeingRefused && !isSettled() && now - refusedSinceNanos >= accepted.toNanos()) {
      isRefused = true;
      log.atWarn().addKeyValue("kind", kind).log("refused for good, going on without any");
      replaced.run();
    }
  }

  private static String reason(SharedIndexInformer<?> informer) {
    return failure(informer).map(Reasons::of).orElse("the API server does not answer");
  }

  private static Optional<Throwable> failure(SharedIndexInformer<?> informer) {
    var stopped = informer.stopped().toCompletableFuture();
    return stopped.isCompletedExceptionally()
        ? Optional.of(stopped.exceptionNow())
        : Optional.empty();
  }

  /** Whether a list is awaited, so that it is worth looking again shortly. */
  boolean isPending() {
    return next != null || current == null;
  }

  void close() {
    SharedIndexInformer<T> informer = current;
    if (informer != null) {
      informer.stop();
    }
    if (next != null) {
      next.stop();
    }
  }

  /** Passes on what changed, and not what it has become: that is read when it is needed. */
  private final class Events implements ResourceEventHandler<T> {

    private final SharedIndexInformer<T> source;

    Events(SharedIndexInformer<T> source) {
      this.source = source;
    }

    @Override
    public void onAdd(T object) {
      notifyOf(object);
    }

    @Override
    public void onUpdate(T before, T object) {
      notifyOf(object);
    }

    @Override
    public void onDelete(T object, boolean isStateUnknown) {
      notifyOf(object);
    }

    @SuppressWarnings("ReferenceEquality") // it is that informer or it is not
    private void notifyOf(T object) {
      if (source == current) { // a list that is not complete is not in use yet
        events.incrementAndGet();
        lastEventNanos = nanoClock.getAsLong();
        changed.accept(Cache.metaNamespaceKeyFunc(object));
      }
    }
  }
}
