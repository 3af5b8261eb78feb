package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.connection.Reasons;
import ai.llmd.epp.application.port.out.EndpointDiscovery.Keepers;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a pool as a Kubernetes API server describes it: its InferencePool or selector, its pods,
 * its objectives and rewrites. When the API server is away, what is known stays in force.
 *
 * <p>May be asked by any thread; the keepers are called by one.
 */
public final class KubernetesPool implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KubernetesPool.class);

  private static final double NANOS_PER_SECOND = 1e9;

  private final ApiConnection connection;
  private final KubernetesClient impatient;
  private final WatchedPool watched;
  private final Keepers keepers;
  private final MirrorSettings settings;
  private final LongSupplier nanoClock;
  private final ApiServerContact contact;
  private final Supervisor supervisor;
  private final Changes changes = new Changes();
  private final Thread keeping = Thread.ofVirtual().name("kubernetes-pool").unstarted(this::keep);
  private @Nullable WatchedObjects objects; // before the start, by the one who starts
  private volatile @Nullable PoolKeeper keeper;
  private volatile @Nullable Mirror<InferencePool> described; // null until known, or without object

  /**
   * Starts nothing.
   *
   * @param connection stays the caller's
   * @param nanoClock as {@link System#nanoTime()}
   */
  public KubernetesPool(
      ApiConnection connection,
      WatchedPool watched,
      Keepers keepers,
      MirrorSettings settings,
      LongSupplier nanoClock) {
    this.connection = connection;
    this.impatient = connection.impatient(settings.probeTimeout());
    this.watched = watched;
    this.keepers = keepers;
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.contact = new ApiServerContact(this::askForOnePod, nanoClock);
    this.supervisor = new Supervisor(contact, connection, settings);
  }

  /**
   * Has objects of other kinds delivered from the start on. Call before that, once.
   *
   * @param wanted what the configuration in force asks for; cheap, asked again and again
   */
  public void watch(Supplier<List<ObjectWatch>> wanted) {
    objects =
        new WatchedObjects(
            wanted,
            supervisor,
            new Mirrors(connection, watched.namespace(), changes, settings, nanoClock),
            settings);
  }

  /** Begins to follow, and returns at once; the API server need not be there. Call once. */
  public void start() {
    supervisor.start();
    keeping.start();
    if (objects != null) {
      objects.start();
    }
  }

  /** Whether the pool exists and its first endpoints have been handed over. */
  public boolean isKnown() {
    return shape().isPresent();
  }

  /** The pool's appProtocol; empty when it is unset or not known. */
  public String appProtocol() {
    return shape().map(PoolShape::appProtocol).orElse("");
  }

  private Optional<PoolShape> shape() {
    PoolKeeper running = keeper;
    return running == null ? Optional.empty() : running.shape();
  }

  /** The UID of the object that describes the pool; null when it is not known, or there is none. */
  @Nullable String uid() {
    Mirror<InferencePool> mirror = described;
    InferencePool object =
        mirror == null ? null : mirror.get(watched.namespace() + "/" + watched.name());
    return object == null ? null : object.getMetadata().getUid();
  }

  /** How well each kind is known that is followed; of several copies of one, the first counts. */
  public List<WatchStatus> statuses() {
    Map<String, WatchStatus> byKind = new LinkedHashMap<>();
    for (Mirror<?> mirror : supervisor.mirrors()) {
      byKind.putIfAbsent(mirror.kind(), status(mirror));
    }
    return List.copyOf(byKind.values());
  }

  private WatchStatus status(Mirror<?> mirror) {
    long now = nanoClock.getAsLong();
    boolean isUpToDate = contact.isReachable() && mirror.isWatching();
    long knownUntil =
        mirror.isSynced()
            ? Math.min(contact.lastAnswerNanos(), mirror.heardNanos())
            : mirror.lastEventNanos();
    return new WatchStatus(
        mirror.kind(),
        isUpToDate,
        isUpToDate ? 0 : (now - knownUntil) / NANOS_PER_SECOND,
        (now - mirror.lastEventNanos()) / NANOS_PER_SECOND,
        mirror.events());
  }

  /** Needs the same permission as the watch that matters most. */
  private @Nullable String askForOnePod() {
    return impatient
        .pods()
        .inNamespace(watched.namespace())
        .list(new ListOptionsBuilder().withLimit(1L).build())
        .getMetadata()
        .getResourceVersion();
  }

  private void keep() {
    try {
      PoolKeeper running = prepare();
      keeper = running;
      changes.all();
      for (int failures = 0; !changes.isClosed(); ) {
        failures = isReconciled(running) ? 0 : failures + 1;
        if (failures > 0) {
          supervisor.isClosedWithin(settings.retryAfter(failures - 1).toMillis());
          changes.all();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A keeper that objects must not end the keeping: it receives everything again. */
  private boolean isReconciled(PoolKeeper running) throws InterruptedException {
    try {
      running.reconcile(changes.take());
      return true;
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("pool not applied, trying again");
      return false;
    }
  }

  private PoolKeeper prepare() throws InterruptedException {
    Mirrors mirrors = new Mirrors(connection, watched.namespace(), changes, settings, nanoClock);
    var pods = supervisor.add(mirrors.pods());
    return switch (watched) {
      case WatchedPool.BySelector selected ->
          new PoolKeeper(watched, PoolSource.fixed(selected), pods, List.of(), keepers.pool());
      case WatchedPool.ByName named -> {
        Mirror<InferencePool> pool = supervisor.add(mirrors.pool(named.name()));
        described = pool;
        yield new PoolKeeper(
            watched,
            new PoolSource.Followed(pool, named),
            pods,
            rules(mirrors, named, servedKinds()),
            keepers.pool());
      }
    };
  }

  /**
   * The answer of the API server, however long it takes to come. One that may not be had is no
   * answer either, until that has lasted: then the lists themselves will tell.
   */
  private ServedKinds servedKinds() throws InterruptedException {
    long begunNanos = nanoClock.getAsLong();
    for (int failures = 0; ; failures++) {
      try {
        return ServedKinds.ask(connection.client());
      } catch (KubernetesClientException e) {
        log.atDebug().setCause(e).log("kinds not known yet");
        if (Reasons.status(e) == HttpURLConnection.HTTP_FORBIDDEN
            && nanoClock.getAsLong() - begunNanos >= settings.refusedFor().toNanos()) {
          log.atWarn()
              .addKeyValue("reason", Reasons.of(e))
              .log("kinds not known, taken for served");
          return ServedKinds.ASSUMED;
        }
        if (supervisor.isClosedWithin(settings.retryAfter(failures).toMillis())) {
          throw new InterruptedException("closed");
        }
      }
    }
  }

  private List<PoolObjects<?, ?>> rules(
      Mirrors mirrors, WatchedPool.ByName pool, ServedKinds served) {
    List<PoolObjects<?, ?>> rules = new ArrayList<>();
    LegacyObjects legacy = new LegacyObjects(impatient, pool);
    ServedKinds.Home objectives = served.of(ServedKinds.OBJECTIVES, legacy::hasObjectives);
    if (objectives != ServedKinds.Home.NONE) {
      rules.add(
          new PoolObjects<>(
              supervisor.add(mirrors.objectives(objectives == ServedKinds.Home.LEGACY)),
              object -> Objectives.areAbout(pool, object),
              Objectives::of,
              keepers.objectives()::keepObjectives));
    }
    ServedKinds.Home rewrites = served.of(ServedKinds.REWRITES, legacy::hasRewrites);
    if (rewrites != ServedKinds.Home.NONE) {
      rules.add(
          new PoolObjects<>(
              supervisor.add(mirrors.rewrites(rewrites == ServedKinds.Home.LEGACY)),
              object -> Rewrites.areAbout(pool, object),
              new Rewrites()::of,
              keepers.rewrites()::keepRewrites));
    }
    return rules;
  }

  /** Follows no more; what was handed over stays. Calls to the keepers have ended on return. */
  @Override
  public void close() {
    if (objects != null) {
      objects.close();
    }
    changes.close();
    supervisor.close();
    keeping.interrupt();
    try {
      keeping.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
